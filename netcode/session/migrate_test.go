package session

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	serverTCP = Path{Carrier: TCP, Addr: serverAddr.Addr}
	clientTCP = Path{Carrier: TCP, Addr: clientAddr.Addr}
)

func (p *pair) use(to Path) {
	p.t.Helper()
	if err := p.client.conn.Use(p.now, to); err != nil {
		p.t.Fatal(err)
	}
}

func TestSessionMovesToAStreamAndBack(t *testing.T) {
	p := connected(t, 1, link{delay: 25 * time.Millisecond})
	p.play(500 * time.Millisecond)
	p.cut[UDP] = true
	p.play(300 * time.Millisecond) // all lost
	p.use(serverTCP)
	start := p.now
	p.until(time.Second, func() bool { return p.server.conn.Path() == clientTCP })
	if took := p.now - start; took > 25*time.Millisecond {
		t.Errorf("the server followed after %v, want one way", took)
	}
	p.play(500 * time.Millisecond)
	p.cut[UDP] = false
	if err := p.client.conn.Probe(p.now, serverAddr); err != nil {
		t.Fatal(err)
	}
	p.until(100*time.Millisecond, func() bool { return p.client.conn.Probed(serverAddr) })
	if p.server.conn.Path() != clientTCP {
		t.Error("the server followed a probe")
	}
	p.use(serverAddr)
	p.play(500 * time.Millisecond)
	if p.server.conn.Path() != clientAddr || p.client.conn.Path() != serverAddr {
		t.Errorf("the session travels %v and %v", p.client.conn.Path(), p.server.conn.Path())
	}
	p.gone() // nobody needs it any more
	p.arrived()
	if lost := p.client.conn.Stats().PacketsLost; lost == 0 || p.client.count(Closed)+p.server.count(Closed) > 0 {
		t.Errorf("%d packets lost", lost)
	}
}

// What UDP lost is repaired on the stream, though there loss detection is off.
func TestNothingStaysBehindOnThePathThatDied(t *testing.T) {
	p := connected(t, 1, link{delay: 25 * time.Millisecond})
	p.cut[UDP] = true
	for i := range 20 {
		p.client.send(p, 0, numbered(i, 3000))
		p.server.send(p, 3, numbered(i, 30))
	}
	p.advance(100 * time.Millisecond)
	p.use(serverTCP)
	p.until(3*time.Second, func() bool { return len(p.server.on(0)) == 20 && len(p.client.on(3)) == 20 })
	if s := p.client.conn.Stats(); s.LossOut > 0.2 {
		t.Errorf("the move counts as a loss of %.2f", s.LossOut)
	}
}

func TestStreamThatEndsLeavesTheSessionWaiting(t *testing.T) {
	p := newPair(t, 1, link{delay: 25 * time.Millisecond})
	c, err := p.client.ep.Dial(p.now, serverTCP)
	if err != nil {
		t.Fatal(err)
	}
	p.client.conn = c
	p.until(time.Second, func() bool { return c.Opened() && p.server.conn != nil })
	p.play(500 * time.Millisecond)
	p.gone()
	p.play(500 * time.Millisecond)
	if p.client.count(Stalled) != 1 || p.server.count(Stalled) != 1 || p.server.count(Closed) != 0 || !c.Adrift() {
		t.Errorf("client %d, server %d told of the silence", p.client.count(Stalled), p.server.count(Stalled))
	}
	p.use(serverAddr) // over UDP, that the server must prove first
	p.play(500 * time.Millisecond)
	p.arrived()
	if p.client.count(Resumed) != 1 || p.server.count(Resumed) != 1 {
		t.Errorf("client %d, server %d told that it goes on", p.client.count(Resumed), p.server.count(Resumed))
	}
	for _, s := range []*side{p.client, p.server} {
		if len(s.ep.byPath) != 1 {
			t.Errorf("%d paths are remembered", len(s.ep.byPath))
		}
	}
}

// A client that moved as often as it may is still followed when the path it left has ended: there is no other to stay on.
func TestStrandedSessionIsFollowedHoweverOftenItMoved(t *testing.T) {
	p := connected(t, 1, link{delay: 5 * time.Millisecond})
	for n := range maxMoves - 1 {
		p.client.path = otherPort(n)
		p.play(300 * time.Millisecond)
	}
	p.use(serverTCP)
	p.play(pathMemory + time.Second)
	if got := p.server.conn.Path().Carrier; got != TCP || p.server.conn.Stats().Moves != maxMoves {
		t.Fatalf("it travels over %v after %d moves", got, p.server.conn.Stats().Moves)
	}
	p.gone()
	p.use(serverAddr)
	p.play(500 * time.Millisecond)
	if got := p.server.conn.Path(); got != otherPort(maxMoves-2) {
		t.Errorf("it travels %v, want %v", got, otherPort(maxMoves-2))
	}
	p.arrived()
}

func TestSessionWithoutAPathEnds(t *testing.T) {
	p := connected(t, 1, link{delay: 25 * time.Millisecond})
	p.use(serverTCP)
	p.advance(time.Second)
	p.cut[UDP] = true
	p.gone()
	p.advance(29 * time.Second)
	if p.server.count(Closed) != 0 {
		t.Fatal("it ended before IdleTimeout")
	}
	p.advance(3 * time.Second)
	if p.server.count(Closed) != 1 || p.client.count(Closed) != 1 {
		t.Error("it did not end")
	}
	p.advance(2 * time.Second)
	for _, s := range []*side{p.client, p.server} {
		if n := len(s.ep.byPath) + len(s.ep.byID) + len(s.ep.timers) + len(s.ep.conns); n != 0 {
			t.Errorf("%d things are remembered", n)
		}
	}
}

// A stream that is blocked stays so while the session travels elsewhere, and is seen to be free when it returns.
func TestBlockedBelongsToThePath(t *testing.T) {
	p := connected(t, 1, link{delay: time.Millisecond})
	p.use(serverTCP)
	p.advance(10 * time.Millisecond)
	p.client.ep.SetBlocked(serverTCP, true)
	p.use(serverAddr)
	p.client.send(p, 0, []byte("over UDP"))
	p.until(time.Second, func() bool { return len(p.server.on(0)) == 1 })
	p.use(serverTCP)
	p.client.send(p, 0, []byte("over TCP"))
	p.advance(100 * time.Millisecond)
	if len(p.server.on(0)) != 1 {
		t.Fatal("a stream that takes nothing was written to")
	}
	p.client.ep.SetBlocked(serverTCP, false)
	p.until(time.Second, func() bool { return len(p.server.on(0)) == 2 })
}

func TestPathsOfOthersAreNotForUse(t *testing.T) {
	p := connected(t, 1, link{delay: time.Millisecond})
	if err := p.server.conn.Use(p.now, clientTCP); err == nil {
		t.Error("a server moved a session")
	}
	second, err := p.client.ep.Dial(p.now, serverTCP)
	if err != nil {
		t.Fatal(err)
	}
	if p.client.conn.Use(p.now, serverTCP) == nil || p.client.conn.Probe(p.now, serverTCP) == nil || second.Use(p.now, serverAddr) == nil {
		t.Error("a session took the path of another, or moved before it stood")
	}
	second.Close(p.now, CloseNormal, "")
	p.use(serverTCP)
}

// TestExactlyOnceWhereverItTravels: whatever the link loses and however often the session moves between carriers,
// ports and hosts, reliable messages arrive exactly once and in order.
func TestExactlyOnceWhereverItTravels(t *testing.T) {
	fewChecks(t, 40)
	rapid.Check(t, func(rt *rapid.T) {
		l := link{
			delay:     time.Duration(rapid.IntRange(0, 100).Draw(rt, "delay ms")) * time.Millisecond,
			jitter:    time.Duration(rapid.IntRange(0, 50).Draw(rt, "jitter ms")) * time.Millisecond,
			loss:      rapid.Float64Range(0, 0.3).Draw(rt, "loss"),
			duplicate: rapid.Float64Range(0, 0.3).Draw(rt, "duplicate"),
		}
		p := connected(rt, rapid.Uint64().Draw(rt, "seed"), l, func(c, s *Config) {
			c.DialTimeout, s.DialTimeout = time.Minute, time.Minute
			c.IdleTimeout, s.IdleTimeout = time.Hour, time.Hour
		})
		for i := range rapid.IntRange(1, 12).Draw(rt, "moves") {
			p.play(time.Duration(rapid.IntRange(1, 2500).Draw(rt, "pause ms")) * time.Millisecond)
			switch rapid.IntRange(0, 4).Draw(rt, "move") {
			case 0:
				p.use(serverTCP)
			case 1:
				p.use(serverAddr)
			case 2:
				p.client.path = otherPort(i)
				if c := p.client.conn; c.Path() == serverTCP { // the stream does not survive it
					p.gone()
					p.use(serverAddr)
				}
			case 3:
				p.gone()
				if p.client.conn.Adrift() {
					p.use(serverTCP)
				}
			case 4:
				p.cut[UDP] = !p.cut[UDP]
				if p.cut[UDP] {
					p.use(serverTCP)
				}
			}
		}
		if p.cut[UDP] {
			p.use(serverTCP)
		}
		p.until(5*time.Minute, func() bool { return len(p.server.on(0)) >= p.played && len(p.client.on(0)) >= p.played })
		p.arrived()
	})
}
