package netcode

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/udp"
	"github.com/halftick/halftick/netcode/simnet"
)

// silentTCP opens a UDP host whose TCP port answers nobody, as behind a firewall that drops: its
// listener's backlog is full.
func silentTCP(t *testing.T) netip.AddrPort {
	t.Helper()
	ep, err := NewEndpoint(testConfig())
	if err != nil {
		t.Fatal(err)
	}
	ep.Listen(true)
	h := newHost(ep)
	if h.udp, err = udp.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	h.running.Add(2)
	go h.readUDP()
	go h.runTimers()
	t.Cleanup(func() { h.Close() })
	addr := h.udp.LocalAddr()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}); err != nil {
		t.Skipf("the port is taken on TCP: %v", err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	for range 8 {
		c, err := net.DialTimeout("tcp", addr.String(), 50*time.Millisecond)
		if err != nil {
			return addr
		}
		t.Cleanup(func() { c.Close() })
	}
	t.Skip("the backlog cannot be filled here")
	return addr
}

func TestTCPThatHangsDoesNotHoldUpUDP(t *testing.T) {
	addr := silentTCP(t)
	slow, err := simnet.Parse("delay=30ms")
	if err != nil {
		t.Fatal(err)
	}
	d := Dialer{FallbackAfter: time.Nanosecond, WrapUDP: func(s carrier.Datagrams) carrier.Datagrams {
		return simnet.Impair(s, slow, slow, 1)
	}}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, err := d.Dial(ctx, addr.String(), testConfig())
	if err != nil || ctx.Err() != nil {
		t.Fatalf("no session over UDP while TCP hangs: %v, %v", err, ctx.Err())
	}
	c.Close()
}

func TestTCPThatHangsIsGivenUp(t *testing.T) {
	cfg := testConfig()
	cfg.DialTimeout = 100 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err := (&Dialer{Transport: OnlyTCP}).Dial(ctx, silentTCP(t).String(), cfg)
	var de *DialError
	if !errors.As(err, &de) || len(de.Attempts) != 1 || de.Attempts[0].Err == nil || ctx.Err() != nil {
		t.Errorf("Dial = %v, want to learn after DialTimeout that TCP did not answer", err)
	}
}

// The first address of a server may be dead; the next is tried a moment later, whatever the carrier.
func TestDeadAddressDoesNotHoldUpTheNext(t *testing.T) {
	ln := echoServer(t)
	live := netip.MustParseAddrPort(ln.Addr().String())
	for _, transport := range []Transport{OnlyUDP, OnlyTCP, Auto} {
		to := target{text: "both", transport: transport, addrs: []netip.AddrPort{silentTCP(t), live}}
		d := Dialer{WrapUDP: func(s carrier.Datagrams) carrier.Datagrams { return unroutable{s, to.addrs[0]} }}
		cfg := testConfig()
		cfg.DialTimeout = time.Minute
		h, c, err := d.open(deadline(t), to, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if c.Path().Addr != live {
			t.Errorf("the session goes to %v", c.Path())
		}
		h.Close()
	}
}

// unroutable is a socket from which one address cannot be reached.
type unroutable struct {
	carrier.Datagrams
	addr netip.AddrPort
}

func (u unroutable) WriteBatch(batch []carrier.Datagram) (refused int, err error) {
	kept := slices.DeleteFunc(slices.Clone(batch), func(d carrier.Datagram) bool { return d.Addr == u.addr })
	refused, err = u.Datagrams.WriteBatch(kept)
	return refused + len(batch) - len(kept), err
}

// A server on all addresses of its machine answers from the one that was dialled.
func TestServerAnswersFromTheAddressDialled(t *testing.T) {
	for _, on := range []string{":0", "0.0.0.0:0"} {
		ln, err := Listen(on, testConfig())
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		_, port, _ := net.SplitHostPort(ln.Addr().String())
		for _, host := range []string{"127.0.0.1", "127.0.0.9", "127.1.2.3"} {
			c, err := (&Dialer{Transport: OnlyUDP}).Dial(deadline(t), net.JoinHostPort(host, port), testConfig())
			if err != nil {
				t.Fatalf("%s at a server on %s: %v", host, on, err)
			}
			c.Close()
		}
	}
}
