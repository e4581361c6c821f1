package server

import (
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/sim"
)

// Dot 1 runs to the right, 1 per tick, so that where it is seen tells when.
func runner(m *match) {
	m.t.Helper()
	if _, err := m.server.AddBot("runner", func(*field, sim.PlayerID, sim.Tick) move { return move{Dx: 1} }); err != nil {
		m.t.Fatal(err)
	}
	m.run(20)
}

func TestPastIsWhatThePlayerSaw(t *testing.T) {
	for _, c := range []struct {
		name    string
		view    uint16
		lag     float32 // ticks, expected
		present bool
	}{
		{"three and a quarter ticks", 3*viewUnits + 8, 3.25, false},
		{"whole ticks", 5 * viewUnits, 5, false},
		{"the cap", 40 * viewUnits, 10, false},
		{"absurd", 65535, 10, false},
		{"half a tick", viewUnits / 2, 1, false},
		{"the present", 0, 0, true},
	} {
		m := newMatch(t, dotGame(), Config{RewindCap: 200 * time.Millisecond})
		runner(m)
		eye := m.join("eye")
		eye.input, eye.view = move{Look: true}, c.view
		m.run(20)
		w := m.dots()
		target, _ := w.Dots.Of(1)
		seen, _ := w.Dots.Of(eye.welcome.Player)
		// Within Step the runner, who comes first, has already moved.
		if got := target.Pos.X - seen.Seen.X; got != c.lag {
			t.Errorf("%s: saw the runner %v behind, want %v", c.name, got, c.lag)
		}
		if want := uint16(c.lag * viewUnits); seen.Lag != want {
			t.Errorf("%s: lag %d/32, want %d/32", c.name, seen.Lag, want)
		}
		if rewinds := m.server.Stats().Rewinds; (rewinds == 0) != c.present || rewinds > 21 {
			t.Errorf("%s: %d worlds rewound in 20 ticks", c.name, rewinds)
		}
	}
}

func TestPastBeginsWithTheJoin(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	runner(m)
	eye := m.dial()
	eye.input, eye.view = move{Look: true}, 9*viewUnits
	eye.tell(newHello("eye"))
	for m.server.Stats().Players < 2 {
		m.tick()
	}
	joined := m.server.Players()[1].Joined
	for range 15 {
		m.tick()
		seen, _ := m.dots().Dots.Of(2)
		if since := m.server.present.tick.Sub(joined); int(seen.Lag) > since*viewUnits {
			t.Fatalf("%d ticks after the join the world was rewound by %d/32", since, seen.Lag)
		}
	}
	if seen, _ := m.dots().Dots.Of(2); seen.Lag != 9*viewUnits {
		t.Errorf("lag %d/32 in the end", seen.Lag)
	}
}

func TestNoRewind(t *testing.T) {
	m := newMatch(t, dotGame(), Config{RewindCap: -1})
	runner(m)
	eye := m.join("eye")
	eye.input, eye.view = move{Look: true}, 9*viewUnits
	m.run(20)
	if seen, _ := m.dots().Dots.Of(2); seen.Lag != 0 || seen.Seen.X == 0 {
		t.Errorf("%+v", seen)
	}
	if eye.welcome.RewindCap != 0 {
		t.Errorf("the client was told of a cap of %v", eye.welcome.RewindCap)
	}
}

// A client that is sent every second tick blends those; so does the rewind, though the ticks in
// between are there. The runner here moves in even ticks only, which a blend shows as half a step.
func TestPastIsBlendedFromWhatWasSent(t *testing.T) {
	g := dotGame()
	g.SendRate = 25
	m := newMatch(t, g, Config{})
	if _, err := m.server.AddBot("runner", func(_ *field, _ sim.PlayerID, t sim.Tick) move { return move{Dx: int8(1 - t%2)} }); err != nil {
		t.Fatal(err)
	}
	m.run(20)
	eye := m.join("eye")
	eye.input, eye.view = move{Look: true}, 4*viewUnits
	m.run(20)
	for range 4 {
		m.tick()
		seen, _ := m.dots().Dots.Of(eye.welcome.Player)
		if want := float32(m.server.present.tick-4) / 2; seen.Seen.X != want {
			t.Errorf("tick %d: saw the runner at %v, want %v", m.server.present.tick, seen.Seen.X, want)
		}
	}
}

// Two looks of one player in one tick share a world; the next tick has its own.
func TestPastIsComputedOncePerTick(t *testing.T) {
	g := dotGame()
	var looks int
	g.Step = func(c dotCtx, w *field) {
		for p := range c.Inputs() {
			if first := c.Past(p); first != c.Past(p) {
				t.Error("two pasts for one player in one tick")
			}
			looks++ //netvet:ok the test watches
		}
	}
	m := newMatch(t, g, Config{})
	m.join("eye").view = 3 * viewUnits
	before := m.server.Stats().Rewinds
	looks = 0
	m.run(10)
	if n := m.server.Stats().Rewinds - before; n > 10 || n < 8 || looks != 10 {
		t.Errorf("%d worlds rewound for %d looks", n, looks)
	}
}
