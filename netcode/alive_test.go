package netcode

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/session"
)

// breakable is a socket that can be made to carry nothing.
type breakable struct {
	carrier.Datagrams
	broken *atomic.Bool
}

func (b breakable) WriteBatch(batch []carrier.Datagram) (int, error) {
	if b.broken.Load() {
		return 0, nil
	}
	return b.Datagrams.WriteBatch(batch)
}

func (b breakable) ReadBatch(into []carrier.Datagram) (n int, err error) {
	for {
		n, err = b.Datagrams.ReadBatch(into)
		if err != nil || !b.broken.Load() {
			return n, err
		}
	}
}

// hasty is a configuration that notices silence soon.
func hasty() Config {
	cfg := testConfig()
	cfg.StallAfter = 50 * time.Millisecond
	cfg.KeepAlive = 20 * time.Millisecond
	return cfg
}

// chat sends numbered messages that a server echoes, until stop, and checks that each comes back once and in order.
type chat struct {
	c    *Conn
	next uint32
	t    *testing.T
}

func (ch *chat) say(n int) {
	ch.t.Helper()
	for range n {
		if err := ch.c.Send(ordered, binary.LittleEndian.AppendUint32(nil, ch.next)); err != nil {
			ch.t.Fatal(err)
		}
		m, err := ch.c.Recv(deadline(ch.t))
		if err != nil {
			ch.t.Fatalf("message %d: %v", ch.next, err)
		}
		if got := binary.LittleEndian.Uint32(m.Data); got != ch.next {
			ch.t.Fatalf("message %d came in place of %d", got, ch.next)
		}
		ch.next++
	}
}

// until chats until cond holds.
func (ch *chat) until(what string, cond func() bool) {
	ch.t.Helper()
	for ctx := deadline(ch.t); !cond(); ch.say(1) {
		if ctx.Err() != nil {
			ch.t.Fatalf("never: %s", what)
		}
	}
}

func (ch *chat) over(c session.Carrier) func() bool {
	return func() bool { return ch.c.Path().Carrier == c }
}

func TestSessionMovesToTCPWhileUDPIsDeadAndBack(t *testing.T) {
	ln := echoServer(t)
	var broken atomic.Bool
	d := Dialer{
		ProbeEvery: 20 * time.Millisecond,
		WrapUDP:    func(s carrier.Datagrams) carrier.Datagrams { return breakable{s, &broken} },
	}
	c, err := d.Dial(deadline(t), ln.Addr().String(), hasty())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ch := chat{c: c, t: t}
	ch.say(50)
	for range 3 {
		broken.Store(true)
		ch.until("the session travels over TCP", ch.over(session.TCP))
		ch.say(50)
		broken.Store(false)
		ch.until("the session travels over UDP again", ch.over(session.UDP))
		ch.say(50)
	}
	if s := ln.Stats(); s.Opened != 1 || s.Sessions != 1 || s.Moves < 4 {
		t.Errorf("%+v", s)
	}
}

// A session over TCP whose stream is cut goes on over a new one.
func TestSessionSurvivesItsStream(t *testing.T) {
	for _, transport := range []Transport{Auto, OnlyTCP} {
		ln := echoServer(t)
		var broken atomic.Bool
		broken.Store(true)
		var mu sync.Mutex
		var streams []net.Conn
		d := Dialer{
			Transport: transport, FallbackAfter: time.Millisecond,
			WrapUDP: func(s carrier.Datagrams) carrier.Datagrams { return breakable{s, &broken} },
			WrapTCP: func(nc net.Conn) net.Conn {
				mu.Lock()
				defer mu.Unlock()
				streams = append(streams, nc)
				return nc
			},
		}
		c, err := d.Dial(deadline(t), ln.Addr().String(), hasty())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		ch := chat{c: c, t: t}
		for range 3 {
			ch.say(20)
			mu.Lock()
			streams[len(streams)-1].Close()
			mu.Unlock()
		}
		ch.say(20)
		if s := ln.Stats(); s.Opened != 1 || len(streams) < 4 {
			t.Errorf("%v: %d streams, %+v", transport, len(streams), s)
		}
	}
}

// natBox forwards datagrams between one client and a server, from a port of its own that can be changed.
type natBox struct {
	inside  *net.UDPConn
	server  *net.UDPAddr
	mu      sync.Mutex
	client  netip.AddrPort
	outside *net.UDPConn
	running sync.WaitGroup
}

func newNATBox(t *testing.T, server string) *natBox {
	t.Helper()
	addr, err := net.ResolveUDPAddr("udp", server)
	if err != nil {
		t.Fatal(err)
	}
	n := &natBox{server: addr}
	if n.inside, err = net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
		t.Fatal(err)
	}
	n.rebind(t)
	n.running.Go(func() {
		buf := make([]byte, 2048)
		for {
			k, from, err := n.inside.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			n.mu.Lock()
			n.client = from
			n.outside.Write(buf[:k])
			n.mu.Unlock()
		}
	})
	t.Cleanup(func() {
		n.inside.Close()
		n.outside.Close()
		n.running.Wait()
	})
	return n
}

// rebind gives the client another port on the outside.
func (n *natBox) rebind(t *testing.T) {
	out, err := net.DialUDP("udp", nil, n.server)
	if err != nil {
		t.Fatal(err)
	}
	n.mu.Lock()
	old := n.outside
	n.outside = out
	n.mu.Unlock()
	if old != nil {
		old.Close()
	}
	n.running.Go(func() {
		buf := make([]byte, 2048)
		for {
			k, err := out.Read(buf)
			if err != nil {
				return
			}
			n.mu.Lock()
			client := n.client
			n.mu.Unlock()
			n.inside.WriteToUDPAddrPort(buf[:k], client)
		}
	})
}

func TestSessionSurvivesARebindingNAT(t *testing.T) {
	ln := echoServer(t)
	nat := newNATBox(t, ln.Addr().String())
	c, err := Dial(deadline(t), "udp://"+nat.inside.LocalAddr().String(), testConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ch := chat{c: c, t: t}
	for range 4 {
		ch.say(20)
		nat.rebind(t)
	}
	ch.say(20)
	if s := ln.Stats(); s.Opened != 1 || s.Moves != 4 {
		t.Errorf("%+v", s)
	}
}

// A socket that fails under a client or a server is replaced, and the sessions go on.
func TestHostOpensItsSocketAgain(t *testing.T) {
	ln := echoServer(t)
	c := dialTo(t, ln, Dialer{Transport: OnlyUDP})
	ch := chat{c: c, t: t}
	for _, h := range []*Host{c.host, ln.host} {
		ch.say(20)
		h.Lock()
		h.udp.Close()
		h.Unlock()
		ch.say(20)
		if h.Reopened() != 1 {
			t.Errorf("opened again %d times", h.Reopened())
		}
	}
}

// A host that dials again does so when its server is back.
func TestHostDialsAgain(t *testing.T) {
	ln, err := Listen("127.0.0.1:0", testConfig())
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	d := Dialer{Redial: 20 * time.Second}
	h, first, err := d.Open(deadline(t), addr, testConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	for range 2 {
		if err := ln.Close(); err != nil {
			t.Fatal(err)
		}
		if ln, err = Listen(addr, testConfig()); err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		if _, err := ln.Accept(deadline(t)); err != nil {
			t.Fatal(err)
		}
		second := first
		for ctx := deadline(t); second == first; {
			h.Lock()
			if c := h.Conn(); c.Opened() {
				second = c
			}
			h.Unlock()
			if ctx.Err() != nil {
				t.Fatal("no new session")
			}
		}
		first = second
	}
}

func TestAddressesTakeTurns(t *testing.T) {
	ip := netip.MustParseAddr
	got := interlace([]netip.Addr{ip("1.0.0.1"), ip("1.0.0.2"), ip("::ffff:1.0.0.1"), ip("2::1"), ip("1.0.0.3"), ip("0.0.0.0")}, 7)
	want := []string{"[2::1]:7", "1.0.0.1:7", "1.0.0.2:7", "1.0.0.3:7", "127.0.0.1:7"}
	if !slices.EqualFunc(got, want, func(a netip.AddrPort, s string) bool { return a.String() == s }) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestSchemesChooseTheCarrier(t *testing.T) {
	ln := echoServer(t)
	for scheme, want := range map[string]session.Carrier{"udp://": session.UDP, "tcp://": session.TCP, "": session.UDP} {
		c, err := Dial(deadline(t), scheme+ln.Addr().String(), testConfig())
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Path().Carrier; got != want {
			t.Errorf("%q leads to %v", scheme, got)
		}
		c.Close()
	}
	if _, err := Dial(deadline(t), "gopher://"+ln.Addr().String(), testConfig()); err == nil {
		t.Error("a carrier that does not exist was dialled")
	}
}

// A server that dies without a word and is started again with its key is recognised, and dialled again.
func TestHostNoticesARestart(t *testing.T) {
	for _, transport := range []Transport{OnlyUDP, OnlyTCP, Auto} {
		cfg := hasty()
		cfg.Key = [32]byte{1, 2, 3}
		ln, err := Listen("127.0.0.1:0", cfg)
		if err != nil {
			t.Fatal(err)
		}
		addr := ln.Addr().String()
		d := Dialer{Transport: transport, Redial: 20 * time.Second}
		h, first, err := d.Open(deadline(t), addr, hasty())
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		ln.host.Close() // says nothing to its clients
		if ln, err = Listen(addr, cfg); err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		if _, err := ln.Accept(deadline(t)); err != nil {
			t.Fatal(err)
		}
		h.Lock()
		var ce *CloseError
		if !errors.As(first.Err(), &ce) || ce.Code != session.CloseRestarted {
			t.Errorf("%v: the first session ended with %v", transport, first.Err())
		}
		h.Unlock()
	}
}
