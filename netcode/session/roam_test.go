package session

import (
	"net/netip"
	"slices"
	"testing"
	"time"
)

const beat = 16667 * time.Microsecond

// elsewhere is the client's address after the n-th time that its NAT changed the port, or its network the host.
func otherPort(n int) Path { return Path{Carrier: UDP, Addr: mustPort(clientAddr, uint16(6000+n))} }
func otherHost(n int) Path {
	return Path{Carrier: UDP, Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 1, byte(n)}), 5000)}
}

// play sends a message each way per beat for d, and returns how many there were so far.
func (p *pair) play(d time.Duration) int {
	for end := p.now + d; p.now < end; p.advance(beat) {
		p.client.send(p, 0, numbered(p.played, 40))
		p.server.send(p, 0, numbered(p.played, 40))
		p.played++
	}
	return p.played
}

// arrived fails unless every message that was played arrives, each way, once and in order.
func (p *pair) arrived() {
	p.t.Helper()
	p.until(time.Minute, func() bool { return len(p.server.on(0)) >= p.played && len(p.client.on(0)) >= p.played })
	p.advance(time.Second)
	for _, s := range []*side{p.client, p.server} {
		if got := s.on(0); len(got) != p.played {
			p.t.Fatalf("%d of %d messages arrived", len(got), p.played)
		}
		for i, m := range s.on(0) {
			if !slices.Equal(m, numbered(i, 40)) {
				p.t.Fatalf("message %d arrived as %x", i, m[:4])
			}
		}
	}
}

func TestNewPortCostsARoundTripAndNoMessage(t *testing.T) {
	const delay = 25 * time.Millisecond
	p := connected(t, 1, link{delay: delay})
	p.play(time.Second)
	rtt := p.server.conn.Stats().RTT
	var seen, moved time.Duration
	p.client.path = otherPort(1)
	rebound := p.now
	p.tap = func(from *side, _ []byte) {
		if seen == 0 && p.server.conn.roam.probe != nil {
			seen = p.now
		}
		if moved == 0 && p.server.conn.Path() == otherPort(1) {
			moved = p.now
		}
	}
	p.play(time.Second)
	p.arrived()
	if seen-rebound > delay+beat {
		t.Errorf("the server saw the new port after %v", seen-rebound)
	}
	if moved == 0 || moved-seen > 2*delay+beat {
		t.Errorf("it moved %v after it saw the new port, want one round trip and a beat", moved-seen)
	}
	if got := p.server.conn.Stats().RTT; got < rtt/2 || got > 2*rtt {
		t.Errorf("RTT is %v after a new port, was %v", got, rtt)
	}
	if s := p.server.ep.Stats(); s.Moves != 1 || s.MovesRefused+s.MovesUndone != 0 || p.server.count(Moved) != 1 {
		t.Errorf("%+v", s)
	}
}

// Whatever the round trip, and whenever within a beat: to the server the game goes on at once, to the client after a round trip and one beat at
// most, the time until the server has something to say. The client's first record pays for one of the server's, the second for the challenge; where
// the client knows that it has moved, its first is so large that it pays for all. What the old port has swallowed comes once the new one is proved, a
// round trip later. MUST 10: no more bytes go to what is not proved than came from there.
func TestNewPortIsSeenAtOnceFromBothSides(t *testing.T) {
	for _, rtt := range []time.Duration{10, 50, 200, 400} {
		rtt *= time.Millisecond
		var worst, large time.Duration
		for phase := range time.Duration(4) {
			p := connected(t, 1, link{delay: rtt / 2})
			p.play(2 * time.Second)
			worst = max(worst, p.rebind(rtt, phase*beat/4, 40, false))
			p.arrived()
			large = max(large, p.rebind(rtt, phase*beat/4, 600, true))
			p.arrived()
		}
		t.Logf("RTT %v: the client gets new messages after %v at most, large ones where it knows after %v", rtt, worst, large)
		if most := rtt + beat + time.Millisecond; worst > most || large > most {
			t.Errorf("RTT %v: the client gets new messages after %v and %v, want one round trip and a beat", rtt, worst, large)
		}
	}
}

// rebind gives the client another port, of which it may know, while both sides send on channel 1 each beat, the server later by a phase and size
// bytes; it returns when the client first gets something that was sent since.
func (p *pair) rebind(rtt, phase time.Duration, size int, known bool) time.Duration {
	p.t.Helper()
	to, rebound := otherPort(p.server.count(Moved)), p.now
	var in, out int
	p.tap = func(from *side, b []byte) { // what the client sends reaches the server later
		if from == p.client && p.now+rtt/2 < rebound+2*rtt {
			in += len(b)
		}
	}
	p.wire = func(from *side, path Path, b []byte) bool {
		if from == p.server && path == to && p.server.conn.Path() != to {
			if out += len(b); out > in {
				p.t.Fatalf("RTT %v: %d bytes went to a port that is not proved, %d came", rtt, out, in)
			}
		}
		return false
	}
	p.client.path = to
	if known {
		p.use(serverAddr)
	}
	before := [2]int{len(p.server.events), len(p.client.events)}
	var first [2]time.Duration // when each side got something
	watch := func(until time.Duration) {
		for p.now < until {
			p.step(until)
			for i, s := range []*side{p.server, p.client} {
				if first[i] == 0 && slices.ContainsFunc(s.events[before[i]:], func(e Event) bool { return e.Kind == Message && e.Channel == 1 }) {
					first[i] = p.now - rebound
				}
			}
		}
	}
	for ends := rebound + 3*rtt + 10*beat; p.now < ends; {
		next := p.now + beat
		p.client.send(p, 1, numbered(1, 40))
		watch(next - beat + phase)
		p.server.send(p, 1, numbered(1, size))
		watch(next)
	}
	p.tap, p.wire = nil, nil
	if first[0] == 0 || first[0] > rtt/2+beat || first[1] == 0 {
		p.t.Fatalf("RTT %v: the server gets new messages after %v, the client after %v", rtt, first[0], first[1])
	}
	return first[1]
}

func TestNewHostForgetsTheRoundTrip(t *testing.T) {
	p := connected(t, 1, link{delay: 25 * time.Millisecond})
	p.play(time.Second)
	p.client.path = otherHost(1)
	p.link.delay = 5 * time.Millisecond
	p.play(time.Second)
	p.arrived()
	if got := p.server.conn.Stats().MinRTT; got < 10*time.Millisecond || got > 20*time.Millisecond {
		t.Errorf("the smallest round trip is %v, want that of the new path", got)
	}
}

// What is not proved gets no more bytes than came from it, three challenges, and then nothing.
func TestAddressThatDoesNotAnswer(t *testing.T) {
	p := connected(t, 1, link{delay: 5 * time.Millisecond}, func(c, s *Config) { c.KeepAlive, s.KeepAlive = -1, -1 })
	p.advance(time.Second)
	p.client.send(p, 0, []byte("hello"))
	var buf [MaxRecordSize]byte
	n, _ := p.client.ep.Transmit(p.now, buf[:])
	p.server.ep.Receive(p.now, otherHost(1), buf[:n]) // from somebody who has caught it
	start := p.now
	var at []time.Duration
	spent := 0
	watch := func() {
		for n, to := p.server.ep.Transmit(p.now, buf[:]); n > 0; n, to = p.server.ep.Transmit(p.now, buf[:]) {
			if to == otherHost(1) {
				spent += n
				at = append(at, p.now-start)
			}
		}
	}
	for watch(); p.now < start+2*time.Second; watch() {
		p.now += time.Millisecond
		p.server.ep.Advance(p.now)
		if spent > n {
			t.Fatalf("%d bytes went to where %d came from", spent, n)
		}
	}
	if len(at) != 1 && len(at) != 2 {
		t.Errorf("challenges left after %v: one record has credit for one or two", at)
	}
	if p.server.conn.Path() != clientAddr || p.server.ep.Stats().MovesRefused != 1 || p.server.conn.roam.probe != nil {
		t.Errorf("the session is at %v, %+v", p.server.conn.Path(), p.server.ep.Stats())
	}
}

func TestChallengesAreThreeAndTheNewestCounts(t *testing.T) {
	p := connected(t, 1, link{delay: 5 * time.Millisecond}, func(c, s *Config) { c.KeepAlive, s.KeepAlive = -1, -1 })
	p.advance(time.Second)
	var buf [MaxRecordSize]byte
	capture := func(from Path) {
		p.client.send(p, 1, make([]byte, 200))
		n, _ := p.client.ep.Transmit(p.now, buf[:])
		p.server.ep.Receive(p.now, from, buf[:n])
	}
	capture(otherHost(1))
	capture(otherHost(2))
	got := map[Path][]time.Duration{}
	start := p.now
	for range 1000 {
		for n, to := p.server.ep.Transmit(p.now, buf[:]); n > 0; n, to = p.server.ep.Transmit(p.now, buf[:]) {
			if n == headerToClient+pathFrameSize+tagSize {
				got[to] = append(got[to], p.now-start)
			}
		}
		p.now += time.Millisecond
		p.server.ep.Advance(p.now)
	}
	want := []time.Duration{0, challengeInterval, 2 * challengeInterval}
	if len(got[otherHost(1)]) != 0 || !slices.Equal(got[otherHost(2)], want) {
		t.Errorf("challenges left at %v, want %v to the newest address alone", got, want)
	}
}

func TestMovesPerMinute(t *testing.T) {
	p := connected(t, 1, link{delay: 5 * time.Millisecond})
	for n := range 8 {
		p.client.path = otherHost(n)
		p.play(300 * time.Millisecond)
	}
	if got := p.server.conn.Stats().Moves; got != maxMoves {
		t.Errorf("%d moves in a few seconds, want %d", got, maxMoves)
	}
	p.play(moveEvery)
	p.arrived()
	if p.server.conn.Path() != otherHost(7) {
		t.Errorf("the session did not follow in the end: %v", p.server.conn.Path())
	}
}

func TestNoMoveFromOutsideToInside(t *testing.T) {
	public := Path{Carrier: UDP, Addr: netip.MustParseAddrPort("203.0.113.9:5000")}
	for _, to := range []string{"10.0.0.9:53", "127.0.0.1:53", "192.168.1.1:80", "[fe80::1]:1", "[fd00::1]:1"} {
		p := newPair(t, 1, link{delay: 5 * time.Millisecond})
		p.client.path = public
		p.dial()
		p.until(time.Second, func() bool { return p.server.conn != nil })
		p.client.path = Path{Carrier: UDP, Addr: netip.MustParseAddrPort(to)}
		p.play(200 * time.Millisecond)
		if p.server.conn.Path() != public || p.server.ep.Stats().MovesRefused == 0 {
			t.Errorf("the session went from %v to %v", public, p.server.conn.Path())
		}
	}
}

// hijacker sees the client's datagrams and delivers copies from his own address before they arrive themselves.
type hijacker struct {
	addr     Path
	relays   bool // he hands the server's datagrams for his address on to the client, as from the server
	swallows bool // the client's own datagrams get lost
	got      int  // messages' worth of datagrams that he received
}

func (p *pair) attack(h *hijacker) {
	p.wire = func(from *side, to Path, b []byte) bool {
		switch {
		case from == p.client && h.addr.Addr.IsValid():
			p.fly(p.now+p.link.delay-time.Millisecond, p.server, h.addr, slices.Clone(b))
			return h.swallows
		case to == h.addr:
			h.got++
			if h.relays {
				p.fly(p.now+p.link.delay, p.client, serverAddr, slices.Clone(b))
			}
			return true
		}
		return false
	}
}

// Whoever delivers copies of the client's datagrams sooner than the network does not get the session.
func TestCopiesDoNotMoveASession(t *testing.T) {
	for _, relays := range []bool{false, true} {
		p := connected(t, 1, link{delay: 25 * time.Millisecond})
		p.play(time.Second)
		p.attack(&hijacker{addr: otherHost(66), relays: relays})
		p.play(3 * time.Second)
		if s := p.server.ep.Stats(); p.server.conn.Path() != clientAddr || s.Moves != s.MovesUndone || s.MovesRefused == 0 {
			t.Errorf("relays %v: the session is at %v, %+v", relays, p.server.conn.Path(), s)
		}
		p.arrived()
	}
}

// Who is in the middle for a while has the session for no longer than that: the client's next record brings it home.
func TestSessionReturnsWithTheClientsNextRecord(t *testing.T) {
	p := connected(t, 1, link{delay: 25 * time.Millisecond})
	p.play(time.Second)
	h := &hijacker{addr: otherHost(66), relays: true, swallows: true}
	p.attack(h)
	p.play(300 * time.Millisecond)
	if p.server.conn.Path() != h.addr {
		t.Fatal("whoever relays everything is the path: the test proves nothing")
	}
	h.swallows = false // he copies on, but the client's own datagrams arrive too, if later
	p.play(2 * beat)
	stolen := h.got
	p.play(time.Second)
	if p.server.conn.Path() != clientAddr {
		t.Errorf("the session is at %v", p.server.conn.Path())
	}
	// He may have it a few times for a millisecond, until he is asked to prove himself again and cannot.
	if s := p.server.ep.Stats(); s.MovesUndone == 0 || h.got-stolen > 8 {
		t.Errorf("he got %d datagrams, %+v", h.got-stolen, s)
	}
	h.relays = false
	p.arrived()
}
