package session

import (
	"testing"
	"time"
)

func (s *side) silence(k EventKind) (d time.Duration) {
	for _, ev := range s.events {
		if ev.Kind == k {
			d = ev.Silence
		}
	}
	return d
}

// A client that loses its network for 20 s goes on with the same session, and both sides know.
func TestSessionSurvivesTwentySecondsOfSilence(t *testing.T) {
	const delay = 25 * time.Millisecond
	p := connected(t, 1, link{delay: delay})
	p.play(time.Second)
	p.cut[UDP] = true
	start := p.now
	for _, s := range []*side{p.client, p.server} {
		p.client.send(p, 0, numbered(p.played, 40))
		p.server.send(p, 0, numbered(p.played, 40))
		p.played++
		p.until(2*time.Second, func() bool { return s.count(Stalled) == 1 })
	}
	if took := p.now - start; took < time.Second || took > time.Second+8*delay {
		t.Errorf("told of the silence after %v", took)
	}
	p.advance(20*time.Second - (p.now - start))
	p.cut[UDP] = false
	p.client.path = otherHost(1) // and it comes back from elsewhere
	back := p.now
	p.use(serverAddr)
	p.until(time.Second, func() bool { return p.client.count(Resumed) == 1 && p.server.count(Resumed) == 1 })
	if took := p.now - back; took > 8*delay {
		t.Errorf("it took %v to go on", took)
	}
	for _, s := range []*side{p.client, p.server} {
		if d := s.silence(Resumed); d < 19*time.Second || d > 21*time.Second {
			t.Errorf("told of a silence of %v", d)
		}
	}
	p.play(time.Second)
	p.arrived()
}

// Who hears the other and is not heard is not well either.
func TestStallOfOneDirection(t *testing.T) {
	p := connected(t, 1, link{delay: 25 * time.Millisecond})
	p.play(time.Second)
	p.wire = func(from *side, _ Path, _ []byte) bool { return from == p.client }
	p.play(3 * time.Second)
	if p.client.count(Stalled) != 1 || p.client.count(Resumed) != 0 || p.server.count(Stalled) != 1 {
		t.Errorf("client: %d stalls, %d ends of them; server: %d", p.client.count(Stalled), p.client.count(Resumed), p.server.count(Stalled))
	}
	p.wire = nil
	p.play(time.Second)
	p.arrived()
	if p.client.count(Resumed) != 1 || p.client.conn.Stats().Stalls != 1 {
		t.Error("it was not told that it goes on")
	}
}

func TestIdleAndLossyAreNoStalls(t *testing.T) {
	p := connected(t, 1, link{delay: 150 * time.Millisecond, loss: 0.2}) // with one seed in four nothing comes for a second, by chance
	p.play(20 * time.Second)
	p.link.loss = 0
	p.advance(time.Minute)
	if n := p.client.count(Stalled) + p.server.count(Stalled); n != 0 {
		t.Errorf("%d stalls were told", n)
	}
	never := connected(t, 1, link{}, func(c, s *Config) { c.StallAfter = -1 })
	never.cut[UDP] = true
	never.play(3 * time.Second)
	if never.client.count(Stalled) != 0 || never.server.count(Stalled) != 1 {
		t.Error("StallAfter is not obeyed")
	}
}
