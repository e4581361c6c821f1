package netcode

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/udp"
	"github.com/halftick/halftick/netcode/session"
)

// Sessions that linger longer than their host is waited for end with it: nobody waits on them for ever.
func TestHostThatClosesEndsItsSessions(t *testing.T) {
	cfg := testConfig()
	cfg.Linger = time.Hour
	ln, err := Listen("127.0.0.1:0", cfg)
	if err != nil {
		t.Fatal(err)
	}
	c := dialTo(t, ln, Dialer{Transport: OnlyUDP})
	sc, err := ln.Accept(deadline(t))
	if err != nil {
		t.Fatal(err)
	}
	c.host.Close() // the client is gone, and nothing that is sent to it will be acknowledged
	if err := sc.Send(ordered, []byte("into the void")); err != nil {
		t.Fatal(err)
	}
	if err := ln.host.Shutdown("the test is over", time.Millisecond); err != nil {
		t.Fatal(err)
	}
	var ce *CloseError
	if _, err := sc.Recv(deadline(t)); !errors.As(err, &ce) || ce.Code != session.CloseShutdown {
		t.Errorf("Recv = %v, want the shutdown", err)
	}
	if _, err := c.Recv(deadline(t)); !errors.Is(err, ErrClosed) {
		t.Errorf("Recv = %v, want ErrClosed", err)
	}
	if err := sc.Send(ordered, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("Send = %v, want ErrClosed", err)
	}
	sc.Close() // and this returns
}

// patient is a socket that never sees a record to the client, so that its session never stands.
type patient struct{ carrier.Datagrams }

func (p patient) ReadBatch(into []carrier.Datagram) (n int, err error) {
	for {
		n, err = p.Datagrams.ReadBatch(into[:1])
		if err != nil || into[0].Data[0] != 0x10 {
			return n, err
		}
	}
}

func TestDialThatGivesUpLeavesNoSessionBehind(t *testing.T) {
	ln := mustListen(t)
	ctx, cancel := context.WithCancel(deadline(t))
	defer cancel()
	given := make(chan error, 1)
	go func() {
		d := Dialer{Transport: OnlyUDP, WrapUDP: func(s carrier.Datagrams) carrier.Datagrams { return patient{s} }}
		_, err := d.Dial(ctx, ln.Addr().String(), testConfig())
		given <- err
	}()
	sc, err := ln.Accept(deadline(t))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-given; !errors.Is(err, context.Canceled) {
		t.Errorf("Dial = %v, want the context's error", err)
	}
	var ce *CloseError
	if _, err := sc.Recv(deadline(t)); !errors.As(err, &ce) || !ce.Remote {
		t.Errorf("the server learned %v, want a close by the client", err)
	}
}

// What the closing side has not read must not cost the peer the reason.
func TestReasonArrivesThroughABusyStream(t *testing.T) {
	ln := mustListen(t)
	for range 30 {
		c := dialTo(t, ln, Dialer{Transport: OnlyTCP})
		sc, err := ln.Accept(deadline(t))
		if err != nil {
			t.Fatal(err)
		}
		flood := make(chan struct{})
		go func() {
			defer close(flood)
			for c.Send(loose, make([]byte, 1000)) == nil {
			}
		}()
		if _, err := sc.Recv(deadline(t)); err != nil {
			t.Fatal(err)
		}
		sc.CloseWith(session.CloseApp, "enough")
		<-c.over
		<-flood
		var ce *CloseError
		if !errors.As(c.err, &ce) || ce.Reason != "enough" {
			t.Fatalf("the client learned %v, want the reason", c.err)
		}
	}
}

// The stream of an attempt that lost must not stay open for as long as the session that won.
func TestStreamOfTheSlowerCarrierIsClosed(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	ep, err := NewEndpoint(testConfig())
	if err != nil {
		t.Fatal(err)
	}
	ep.Listen(true)
	server := newHost(ep)
	if server.udp, err = udp.Listen(ln.Addr().String()); err != nil {
		t.Skipf("the port is taken on UDP: %v", err)
	}
	defer server.Close()
	d := Dialer{FallbackAfter: time.Nanosecond}
	dialled := make(chan *Conn, 1)
	go func() {
		c, err := d.Dial(deadline(t), ln.Addr().String(), testConfig())
		if err != nil {
			t.Error(err)
		}
		dialled <- c
	}()
	peer, err := ln.Accept() // takes the stream and never says a word
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	peer.Read(make([]byte, 1)) // an INIT is on its way
	server.running.Add(2)
	go server.readUDP()
	go server.runTimers()
	c := <-dialled
	if c == nil {
		return
	}
	defer c.Close()
	peer.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.Copy(io.Discard, peer); err != nil {
		t.Errorf("the stream was not closed: %v", err)
	}
}

func TestDialAListenerOnAllAddresses(t *testing.T) {
	ln, err := Listen(":0", testConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	for _, transport := range []Transport{OnlyUDP, OnlyTCP} {
		c := dialTo(t, ln, Dialer{Transport: transport})
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}
