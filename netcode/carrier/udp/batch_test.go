package udp

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"

	"github.com/halftick/halftick/netcode/carrier"
)

// modes are the values of HALFTICK_UDP.
var modes = []string{"", "whole", "plain"}

// collect reads n datagrams of s, copied.
func collect(t testing.TB, s *Socket, n int) (got []carrier.Datagram) {
	t.Helper()
	into := make([]carrier.Datagram, 7) // divides no batch
	for len(got) < n {
		k, err := s.ReadBatch(into)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range into[:k] {
			got = append(got, carrier.Datagram{Data: bytes.Clone(d.Data), Addr: d.Addr, Local: d.Local})
		}
	}
	return got
}

// datagrams makes a batch of given sizes to one peer, each of other bytes.
func datagrams(to netip.AddrPort, sizes ...int) (batch []carrier.Datagram) {
	for i, n := range sizes {
		batch = append(batch, carrier.Datagram{Data: bytes.Repeat([]byte{byte(i + 1)}, n), Addr: to})
	}
	return batch
}

func sizes(n, each int) (s []int) {
	for range n {
		s = append(s, each)
	}
	return s
}

func write(t testing.TB, s *Socket, batch []carrier.Datagram) {
	t.Helper()
	if refused, err := s.WriteBatch(batch); refused != 0 || err != nil {
		t.Fatalf("WriteBatch: %d refused, %v", refused, err)
	}
}

func same(t testing.TB, got, want []carrier.Datagram, from netip.AddrPort) {
	t.Helper()
	for i := range want {
		if !bytes.Equal(got[i].Data, want[i].Data) || got[i].Addr != from {
			t.Fatalf("datagram %d: %d bytes from %v, want %d from %v", i, len(got[i].Data), got[i].Addr, len(want[i].Data), from)
		}
	}
}

// Batches of all shapes arrive whole and in order, several times over: the first grow the reader's buffers, later ones
// come in runs.
func TestBatches(t *testing.T) {
	shapes := map[string][]int{
		"one":            {100},
		"mixed":          {100, 1200, 1, 1452, 1452, 0, 7, 7, 7, 8},
		"run":            sizes(64, 1200),
		"more than fits": sizes(200, 400),
		"shorter last":   append(sizes(20, 1200), 500, 1200, 1200),
	}
	for _, mode := range modes {
		for name, shape := range shapes {
			t.Run(fmt.Sprintf("%s/%s", mode, name), func(t *testing.T) {
				t.Setenv("HALFTICK_UDP", mode)
				server, client := listen(t, "127.0.0.1:0"), listen(t, ":0")
				from := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), client.LocalAddr().Port())
				batch := datagrams(server.LocalAddr(), shape...)
				for range 8 {
					write(t, client, batch)
					same(t, collect(t, server, len(batch)), batch, from)
				}
			})
		}
	}
}

// A batch to several peers, among them one that the socket cannot reach, which costs the others nothing.
func TestBatchToManyPeers(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Setenv("HALFTICK_UDP", mode)
			server, a, b := listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0")
			six := netip.MustParseAddrPort("[2001:db8::1]:9")
			toA, toB := datagrams(a.LocalAddr(), 100, 100, 300), datagrams(b.LocalAddr(), 200, 200, 200)
			batch := []carrier.Datagram{toA[0], toB[0], {Data: []byte("six"), Addr: six}, toA[1], toA[2], {Data: []byte("none")}, toB[1], toB[2]}
			if refused, err := server.WriteBatch(batch); refused != 2 || err != nil {
				t.Errorf("%d refused, %v; want 2", refused, err)
			}
			same(t, collect(t, a, 3), toA, server.LocalAddr())
			same(t, collect(t, b, 3), toB, server.LocalAddr())
			if s := server.Stats(); s.Refused != 2 {
				t.Errorf("%d refused in Stats, want 2", s.Refused)
			}
		})
	}
}

// What is too large for a record is seen as such, not as its beginning.
func TestBatchShowsOversize(t *testing.T) {
	for _, mode := range modes {
		t.Setenv("HALFTICK_UDP", mode)
		server, client := listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0")
		send(t, client, make([]byte, 9000), server.LocalAddr())
		if got := collect(t, server, 1); len(got[0].Data) <= carrier.MaxRecord {
			t.Errorf("%q: 9000 bytes look like %d", mode, len(got[0].Data))
		}
	}
}

func TestBatchAllocs(t *testing.T) {
	for _, mode := range modes {
		t.Setenv("HALFTICK_UDP", mode)
		server, client := listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0")
		batch := append(datagrams(server.LocalAddr(), sizes(40, 1200)...), datagrams(server.LocalAddr(), 100, 300, 200)...)
		into := make([]carrier.Datagram, 64)
		round := func() {
			write(t, client, batch)
			for left := len(batch); left > 0; {
				n, err := server.ReadBatch(into)
				if err != nil {
					t.Fatal(err)
				}
				left -= n
			}
		}
		for range 10 {
			round() // buffers grow
		}
		if allocs := testing.AllocsPerRun(100, round); allocs != 0 {
			t.Errorf("%q: %v allocations per batch, want 0", mode, allocs)
		}
	}
}

func BenchmarkBatch(b *testing.B) {
	for _, mode := range modes {
		for _, size := range []int{100, 1200} {
			b.Run(fmt.Sprintf("mode=%s/size=%d", mode, size), func(b *testing.B) {
				b.Setenv("HALFTICK_UDP", mode)
				server, client := listen(b, "127.0.0.1:0"), listen(b, "127.0.0.1:0")
				batch := datagrams(server.LocalAddr(), sizes(64, size)...)
				into := make([]carrier.Datagram, 64)
				b.ReportAllocs()
				for b.Loop() {
					write(b, client, batch)
					for left := len(batch); left > 0; {
						n, err := server.ReadBatch(into)
						if err != nil {
							b.Fatal(err)
						}
						left -= n
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(batch)), "ns/datagram")
			})
		}
	}
}
