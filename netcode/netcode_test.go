package netcode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	ordered = iota
	loose
	newest
)

func testConfig() Config {
	return Config{App: "netcode test", Channels: []Channel{
		ordered: {Name: "ordered", Kind: ReliableOrdered},
		loose:   {Name: "loose", Kind: Unreliable},
		newest:  {Name: "newest", Kind: Sequenced},
	}}
}

// deadline bounds everything in a test that waits: far above what any of it takes.
func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// echoServer answers every message with itself until the test ends.
func echoServer(t *testing.T) *Listener {
	t.Helper()
	ln, err := Listen("127.0.0.1:0", testConfig())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := ln.Accept(context.Background())
			if err != nil {
				return
			}
			wg.Go(func() {
				for {
					m, err := c.Recv(context.Background())
					if err != nil {
						return
					}
					if err := c.Send(m.Channel, m.Data); err != nil {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() {
		if err := ln.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
	})
	return ln
}

func dialTo(t *testing.T, ln *Listener, d Dialer) *Conn {
	t.Helper()
	c, err := d.Dial(deadline(t), ln.Addr().String(), testConfig())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestEchoOverEachCarrier(t *testing.T) {
	for _, transport := range []Transport{OnlyUDP, OnlyTCP} {
		t.Run(transport.String(), func(t *testing.T) {
			ln := echoServer(t)
			c := dialTo(t, ln, Dialer{Transport: transport})
			if got := c.Path().Carrier.String(); got != transport.String() {
				t.Errorf("the session travels over %s, want %s", got, transport)
			}
			const n = 200
			go func() {
				for i := range n {
					if err := c.Send(ordered, []byte(strings.Repeat(fmt.Sprint(i), 1+i%400))); err != nil {
						t.Error(err)
					}
				}
			}()
			for i := range n {
				m, err := c.Recv(deadline(t))
				if err != nil {
					t.Fatal(err)
				}
				if want := strings.Repeat(fmt.Sprint(i), 1+i%400); string(m.Data) != want || m.Channel != ordered {
					t.Fatalf("message %d came back as %.20q on channel %d", i, m.Data, m.Channel)
				}
			}
		})
	}
}

// deaf is a socket on which nothing ever arrives.
type deaf struct{ carrier.Datagrams }

func (d deaf) WriteBatch([]carrier.Datagram) (int, error) { return 0, nil }

func TestDialFallsBackToTCP(t *testing.T) {
	ln := echoServer(t)
	c := dialTo(t, ln, Dialer{
		FallbackAfter: 20 * time.Millisecond,
		WrapUDP:       func(s carrier.Datagrams) carrier.Datagrams { return deaf{s} },
	})
	if c.Path().Carrier != session.TCP {
		t.Fatalf("the session travels over %v, want tcp", c.Path())
	}
	if err := c.Send(ordered, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if m, err := c.Recv(deadline(t)); err != nil || string(m.Data) != "hello" {
		t.Errorf("Recv = %q, %v", m.Data, err)
	}
}

func TestDialPrefersUDP(t *testing.T) {
	ln := echoServer(t)
	if c := dialTo(t, ln, Dialer{}); c.Path().Carrier != session.UDP {
		t.Errorf("the session travels over %v, want udp", c.Path())
	}
}

func TestDialErrorsSayWhatEachCarrierMet(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	cfg := testConfig()
	cfg.DialTimeout = 50 * time.Millisecond
	_, err = (&Dialer{FallbackAfter: time.Millisecond}).Dial(deadline(t), addr, cfg)
	var de *DialError
	if !errors.As(err, &de) || len(de.Attempts) != 2 || de.Attempts[0].Err == nil || de.Attempts[1].Err == nil {
		t.Fatalf("error is %v, want a DialError with both carriers", err)
	}
	for _, bad := range []string{"nowhere", "127.0.0.1:port", "127.0.0.1:99999"} {
		if _, err := Dial(deadline(t), bad, testConfig()); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("Dial(%q) = %v, want an error that names the address", bad, err)
		}
	}
}

func TestRefusalIsTheAnswer(t *testing.T) {
	ln := echoServer(t)
	cfg := testConfig()
	cfg.Schema = 99
	_, err := Dial(deadline(t), ln.Addr().String(), cfg)
	var ce *CloseError
	if !errors.As(err, &ce) || ce.Refusal != session.RefusedSchema || !strings.Contains(err.Error(), "0000000000000063") {
		t.Errorf("error is %v, want a refusal that names both schemas", err)
	}
}

func TestCloseTellsThePeer(t *testing.T) {
	for _, transport := range []Transport{OnlyUDP, OnlyTCP} {
		ln := mustListen(t)
		c := dialTo(t, ln, Dialer{Transport: transport})
		sc, err := ln.Accept(deadline(t))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Send(ordered, []byte("last words")); err != nil {
			t.Fatal(err)
		}
		if err := c.CloseWith(session.CloseApp, "bye"); err != nil {
			t.Fatal(err)
		}
		m, err := sc.Recv(deadline(t))
		if err != nil || string(m.Data) != "last words" {
			t.Fatalf("%v: Recv = %q, %v", transport, m.Data, err)
		}
		_, err = sc.Recv(deadline(t))
		var ce *CloseError
		if !errors.As(err, &ce) || !ce.Remote || ce.Code != session.CloseApp || ce.Reason != "bye" {
			t.Errorf("%v: the peer learned %v", transport, err)
		}
		if err := c.Send(ordered, nil); !errors.Is(err, ErrClosed) {
			t.Errorf("%v: Send after Close = %v, want ErrClosed", transport, err)
		}
	}
}

func mustListen(t *testing.T) *Listener {
	t.Helper()
	ln, err := Listen("127.0.0.1:0", testConfig())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln
}

func TestListenerCloseEndsSessions(t *testing.T) {
	ln := mustListen(t)
	c := dialTo(t, ln, Dialer{})
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := c.Recv(deadline(t))
	var ce *CloseError
	if !errors.As(err, &ce) || ce.Code != session.CloseShutdown {
		t.Errorf("the client learned %v, want a shutdown", err)
	}
	if _, err := ln.Accept(deadline(t)); !errors.Is(err, ErrClosed) {
		t.Errorf("Accept after Close = %v, want ErrClosed", err)
	}
}

func TestListenSaysWhenTheAddressIsInUse(t *testing.T) {
	ln := mustListen(t)
	_, err := Listen(ln.Addr().String(), testConfig())
	var in *carrier.InUseError
	if !errors.As(err, &in) {
		t.Errorf("error is %v, want an InUseError", err)
	}
}

// A stream that is not read must not hold stale data: what arrives in the end is the newest.
func TestStreamDropsStaleData(t *testing.T) {
	ln := mustListen(t)
	gate := &gatedConn{open: make(chan struct{})}
	c := dialTo(t, ln, Dialer{Transport: OnlyTCP, WrapTCP: func(nc net.Conn) net.Conn { gate.Conn = nc; return gate }})
	sc, err := ln.Accept(deadline(t))
	if err != nil {
		t.Fatal(err)
	}
	gate.shut()
	const n = 1000
	for i := range n {
		if err := c.Send(newest, []byte(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	close(gate.open)
	got := 0
	for {
		m, err := sc.Recv(deadline(t))
		if err != nil {
			t.Fatal(err)
		}
		got++
		if string(m.Data) == fmt.Sprint(n-1) {
			break
		}
	}
	if got > 10 {
		t.Errorf("%d stale messages were delivered before the newest, want a handful at most", got-1)
	}
}

// gatedConn stops writing between shut and the closing of open.
type gatedConn struct {
	net.Conn
	mu   sync.Mutex
	stop bool
	open chan struct{}
}

func (g *gatedConn) shut() { g.mu.Lock(); g.stop = true; g.mu.Unlock() }

func (g *gatedConn) Write(b []byte) (int, error) {
	g.mu.Lock()
	stop := g.stop
	g.mu.Unlock()
	if stop {
		<-g.open
	}
	return g.Conn.Write(b)
}

func TestHostileDatagramsDisturbNobody(t *testing.T) {
	ln := echoServer(t)
	c := dialTo(t, ln, Dialer{Transport: OnlyUDP})
	attacker, err := net.Dial("udp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer attacker.Close()
	for i := range 2000 {
		b := bytes.Repeat([]byte{byte(i), byte(i >> 3)}, 1+i%700)
		attacker.Write(b)
	}
	for i := range 20 {
		if err := c.Send(ordered, []byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
		if m, err := c.Recv(deadline(t)); err != nil || m.Data[0] != byte(i) {
			t.Fatalf("echo %d: %v, %v", i, m.Data, err)
		}
	}
	if s := ln.Stats(); s.Drops.Total() == 0 || s.Sessions != 1 {
		t.Errorf("%d drops counted, %d sessions", s.Drops.Total(), s.Sessions)
	}
}
