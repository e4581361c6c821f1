package netcode

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/session"
)

// strained is a socket that lets pass only the datagrams that keep allows.
type strained struct {
	carrier.Datagrams
	keep func(b []byte) bool
}

func (s strained) ReadBatch(into []carrier.Datagram) (n int, err error) {
	for n == 0 && err == nil {
		var got int
		got, err = s.Datagrams.ReadBatch(into)
		for _, d := range into[:got] {
			if s.keep(d.Data) {
				into[n] = d
				n++
			}
		}
	}
	return n, err
}

// detour makes a socket reach one address at another.
type detour struct {
	carrier.Datagrams
	seen, real netip.AddrPort
}

func (d detour) ReadBatch(into []carrier.Datagram) (n int, err error) {
	n, err = d.Datagrams.ReadBatch(into)
	for i := range into[:n] {
		into[i].Addr = d.seen
	}
	return n, err
}

func (d detour) WriteBatch(batch []carrier.Datagram) (refused int, err error) {
	for i := range batch {
		batch[i].Addr = d.real
	}
	return d.Datagrams.WriteBatch(batch)
}

// Of two dials of one client with one token the second is refused. That does not end the first, which is about to stand. Both begin at once;
// TCP reaches the server once that has let UDP in, of which the client hears when TCP was refused.
func TestRefusalOfTheSlowerCarrierIsNotTheAnswer(t *testing.T) {
	cfg := testConfig()
	cfg.Authorize = func([32]byte, []byte) (Grant, session.Refusal) {
		return Grant{ID: [16]byte{1}, Life: time.Minute}, RefusedNot
	}
	ln, err := Listen("127.0.0.1:0", cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	in := make(chan struct{}) // closed once UDP is
	front, came := tcpAfter(t, in, ln.Addr().String())
	var once sync.Once
	d := Dialer{FallbackAfter: time.Millisecond, WrapUDP: func(s carrier.Datagrams) carrier.Datagrams {
		s = detour{s, front, ln.Addr().(*net.UDPAddr).AddrPort()}
		return strained{s, func(b []byte) bool {
			handshake := b[0]&0x80 != 0
			if handshake {
				<-came // else TCP would be given time
			} else if ln.Stats().Refused == 0 {
				once.Do(func() { close(in) })
			}
			return handshake || ln.Stats().Refused > 0
		}}
	}}
	c, err := d.Dial(deadline(t), front.String(), testConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.Path().Carrier != session.UDP || ln.Stats().Refused == 0 {
		t.Errorf("the session travels over %v, %d were refused", c.Path(), ln.Stats().Refused)
	}
}

// tcpAfter accepts a stream, closes came, and when in is closed takes it on to another address.
func tcpAfter(t *testing.T, in <-chan struct{}, to string) (at netip.AddrPort, came <-chan struct{}) {
	t.Helper()
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan struct{})
	var pipes sync.WaitGroup
	pipes.Go(func() {
		near, err := front.Accept()
		close(accepted)
		if err != nil {
			return
		}
		defer near.Close()
		select {
		case <-in:
		case <-t.Context().Done():
			return
		}
		far, err := net.Dial("tcp", to)
		if err != nil {
			t.Error(err)
			return
		}
		pipes.Go(func() { _, _ = io.Copy(near, far); near.Close() })
		_, _ = io.Copy(far, near)
		far.Close()
	})
	t.Cleanup(func() { front.Close(); pipes.Wait() })
	return front.Addr().(*net.TCPAddr).AddrPort(), accepted
}

// Two who have a ticket for the last place: the error of the second says at once that the server is full.
func TestDialErrorSaysThatTheServerBecameFull(t *testing.T) {
	cfg := testConfig()
	cfg.MaxConns = 1
	ln, err := Listen("127.0.0.1:0", cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	first := make(chan struct{}) // closed once the first is in
	d := Dialer{Transport: OnlyUDP, WrapUDP: func(s carrier.Datagrams) carrier.Datagrams {
		return strained{s, func(b []byte) bool {
			if b[0] == 0x82 { // ACCEPT: this one has its ticket; now the other comes
				select {
				case <-first:
				default:
					go func() {
						defer close(first)
						other, err := Dial(context.Background(), "udp://"+ln.Addr().String(), testConfig())
						if err != nil {
							t.Error(err)
							return
						}
						t.Cleanup(func() { other.Close() })
					}()
					<-first
				}
			}
			return true
		}}
	}}
	_, err = d.Dial(deadline(t), ln.Addr().String(), testConfig())
	var ce *session.CloseError
	if !errors.As(err, &ce) || ce.Refusal != session.RefusedFull || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the dial ended with %v", err)
	}
	if d := ln.Stats().Drops[session.DropFull]; d == 0 {
		t.Error("it was not refused at the last moment")
	}
}
