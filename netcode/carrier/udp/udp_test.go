package udp

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/halftick/halftick/netcode/carrier"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func listen(t testing.TB, addr string) *Socket {
	t.Helper()
	s, err := Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// expect reads one datagram of s and checks it.
func expect(t *testing.T, s *Socket, want []byte, from netip.AddrPort) {
	t.Helper()
	var buf [2048]byte
	n, addr, err := s.ReadFrom(buf[:])
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(buf[:n], want) || addr != from {
		t.Fatalf("got %d bytes from %v, want %d from %v", n, addr, len(want), from)
	}
}

func send(t *testing.T, s *Socket, b []byte, to netip.AddrPort) {
	t.Helper()
	if err := s.WriteTo(b, to); err != nil {
		t.Fatal(err)
	}
}

func TestRoundTrip(t *testing.T) {
	server, client := listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0")
	big := bytes.Repeat([]byte{7}, carrier.MaxRecord)
	send(t, client, []byte("hello"), server.LocalAddr())
	expect(t, server, []byte("hello"), client.LocalAddr())
	send(t, server, big, client.LocalAddr())
	expect(t, client, big, server.LocalAddr())
	send(t, client, nil, server.LocalAddr())
	expect(t, server, nil, client.LocalAddr())
}

func TestEveryAddressIPv4IsUnmapped(t *testing.T) {
	server, client := listen(t, ":0"), listen(t, "127.0.0.1:0")
	at := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), server.LocalAddr().Port())
	send(t, client, []byte("four"), at)
	expect(t, server, []byte("four"), client.LocalAddr())
	send(t, server, []byte("back"), client.LocalAddr())
	expect(t, client, []byte("back"), at)
}

func TestEveryAddressIPv6(t *testing.T) {
	client, err := Listen("[::1]:0")
	if err != nil {
		t.Skipf("no IPv6 on this machine: %v", err)
	}
	defer client.Close()
	server := listen(t, ":0")
	send(t, client, []byte("six"), netip.AddrPortFrom(netip.IPv6Loopback(), server.LocalAddr().Port()))
	expect(t, server, []byte("six"), client.LocalAddr())
}

func TestAddressInUse(t *testing.T) {
	first := listen(t, "127.0.0.1:0")
	addr := first.LocalAddr().String()
	second, err := Listen(addr)
	if err == nil {
		second.Close()
		t.Fatal("the same address twice")
	}
	if !errors.Is(err, syscall.EADDRINUSE) || !strings.HasPrefix(err.Error(), "udp "+addr+" in use: ") {
		t.Errorf("got %q", err)
	}
}

func TestBadAddress(t *testing.T) {
	for _, addr := range []string{"7777", ":99999", "192.0.2.77:0"} {
		if s, err := Listen(addr); err == nil {
			s.Close()
			t.Errorf("Listen(%q) works", addr)
		} else if !strings.Contains(err.Error(), addr) {
			t.Errorf("Listen(%q): %q does not name the address", addr, err)
		}
	}
}

func TestCloseEndsRead(t *testing.T) {
	batched := listen(t, "127.0.0.1:0")
	ended := make(chan error)
	go func() {
		_, err := batched.ReadBatch(make([]carrier.Datagram, 3))
		ended <- err
	}()
	batched.Close()
	if err := <-ended; err != net.ErrClosed {
		t.Errorf("ReadBatch: %v, want net.ErrClosed", err)
	}
	two := datagrams(batched.LocalAddr(), 1, 2)
	if _, err := batched.WriteBatch(two); err != net.ErrClosed {
		t.Errorf("WriteBatch: %v, want net.ErrClosed", err)
	}
	s := listen(t, "127.0.0.1:0")
	result := make(chan error)
	go func() {
		_, _, err := s.ReadFrom(make([]byte, 10))
		result <- err
	}()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-result; err != net.ErrClosed {
		t.Errorf("ReadFrom: %v, want net.ErrClosed", err)
	}
	if err := s.WriteTo([]byte{1}, s.LocalAddr()); err != net.ErrClosed {
		t.Errorf("WriteTo: %v, want net.ErrClosed", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

// Datagrams to a closed port, one of a size that no path takes, then a good one.
func TestBadDatagramsDoNotEndTheSocket(t *testing.T) {
	server, client := listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0")
	gone := listen(t, "127.0.0.1:0")
	gone.Close()
	for range 5 {
		_ = client.WriteTo([]byte("nobody"), gone.LocalAddr())
	}
	if err := client.WriteTo(make([]byte, 70000), server.LocalAddr()); err == nil {
		t.Error("a datagram of 70000 bytes was taken")
	}
	send(t, server, []byte("still here?"), client.LocalAddr())
	expect(t, client, []byte("still here?"), server.LocalAddr())
}

func TestNoAllocs(t *testing.T) {
	server, client := listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0")
	out, in := make([]byte, carrier.MaxRecord), make([]byte, carrier.MaxRecord)
	allocs := testing.AllocsPerRun(200, func() {
		if client.WriteTo(out, server.LocalAddr()) != nil {
			t.Fatal("write")
		}
		if _, _, err := server.ReadFrom(in); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations per datagram, want 0", allocs)
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	server, client := listen(b, "127.0.0.1:0"), listen(b, "127.0.0.1:0")
	buf := make([]byte, 100)
	b.ReportAllocs()
	for b.Loop() {
		if err := client.WriteTo(buf, server.LocalAddr()); err != nil {
			b.Fatal(err)
		}
		if _, _, err := server.ReadFrom(buf); err != nil {
			b.Fatal(err)
		}
	}
}
