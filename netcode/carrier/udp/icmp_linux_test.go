package udp

import (
	"syscall"
	"testing"
)

// With IP_RECVERR an unconnected socket gets the ICMP errors too, as sockets of other systems do
// unasked: each must be skipped and counted, and the datagram behind it read.
func TestICMPErrorsAreSkipped(t *testing.T) {
	server, client := listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0")
	raw, err := client.conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var set error
	if err := raw.Control(func(fd uintptr) {
		set = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_RECVERR, 1)
	}); err != nil || set != nil {
		t.Skipf("no IP_RECVERR: %v %v", err, set)
	}
	gone := listen(t, "127.0.0.1:0")
	gone.Close()
	send(t, client, []byte("nobody"), gone.LocalAddr()) // loopback answers before WriteTo returns
	send(t, server, []byte("hello"), client.LocalAddr())
	expect(t, client, []byte("hello"), server.LocalAddr())
	send(t, client, []byte("nobody"), gone.LocalAddr())
	send(t, server, []byte("again"), client.LocalAddr())
	if got := collect(t, client, 1); string(got[0].Data) != "again" {
		t.Errorf("ReadBatch: %q", got[0].Data)
	}
	if client.Stats().Skipped != 2 {
		t.Errorf("%d errors skipped, want 2", client.Stats().Skipped)
	}
}
