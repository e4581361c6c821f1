package udp

import (
	"net/netip"
	"testing"
)

// Whoever asks one of a host's addresses is answered from it, one by one and in runs, also where IPv4 comes in by a socket for both.
func TestAnswersLeaveFromWhereTheyWereAsked(t *testing.T) {
	for _, bound := range []string{":0", "0.0.0.0:0"} {
		for _, mode := range []string{"", "whole"} {
			t.Run(bound+" "+mode, func(t *testing.T) {
				t.Setenv("HALFTICK_UDP", mode)
				server, client := listen(t, bound), listen(t, "127.0.0.1:0")
				server.KeepLocal()
				for _, asked := range []string{"127.0.0.5", "127.0.0.1", "127.0.0.6"} {
					at := netip.AddrPortFrom(netip.MustParseAddr(asked), server.LocalAddr().Port())
					for range 3 { // the first grow the reader's buffers
						write(t, client, datagrams(at, append(sizes(20, 900), 300)...))
						got := collect(t, server, 21)
						if got[0].Local != at.Addr() {
							t.Fatalf("it came to %v, want %v", got[0].Local, at.Addr())
						}
						write(t, server, got)
						same(t, collect(t, client, 21), got, at)
					}
				}
			})
		}
	}
}

// An address that the host has no more is no reason to fall silent.
func TestAnswersFromAnAddressThatIsGone(t *testing.T) {
	for _, bound := range []string{":0", "0.0.0.0:0"} {
		server, client := listen(t, bound), listen(t, "127.0.0.1:0")
		batch := datagrams(client.LocalAddr(), 100, 100, 50)
		for i := range batch {
			batch[i].Local = netip.MustParseAddr("192.0.2.77")
		}
		write(t, server, batch)
		same(t, collect(t, client, 3), batch, netip.AddrPortFrom(client.LocalAddr().Addr(), server.LocalAddr().Port()))
	}
}
