package matchtest_test

import (
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/matchtest"
	"github.com/halftick/halftick/netcode/sim"
)

func TestMatchOverABadNetwork(t *testing.T) {
	m := matchtest.New(t, dots(), matchtest.Options{Seed: 5, Conditions: "delay=30ms,jitter=10ms,loss=10%,dup=5%"})
	for seed := range uint64(3) {
		m.Join(wander(seed))
	}
	m.Run(20 * time.Second)
	m.Settle()
	for _, p := range m.Players {
		if c := p.Compared(); c.Worlds < 500 || c.Missed > 0 {
			t.Errorf("%+v", c)
		}
	}
	if m.World().Dots.Len() != 3 {
		t.Errorf("%d dots", m.World().Dots.Len())
	}
}

func TestPredictionIsExact(t *testing.T) {
	m := matchtest.New(t, dots(), matchtest.Options{Seed: 6, Conditions: "delay=75ms"})
	m.Join(wander(1))
	m.Join(wander(2))
	m.Run(3 * time.Second)
	m.Uncorrected(func() { m.Run(20 * time.Second) })
}

func TestConditionsChangeMidway(t *testing.T) {
	m := matchtest.New(t, dots(), matchtest.Options{Seed: 7, Conditions: "delay=10ms"})
	p := m.Join(wander(1))
	m.Run(3 * time.Second)
	if rtt := p.Stats().RTT; rtt > 30*time.Millisecond {
		t.Errorf("a round trip of 20 ms takes %v", rtt)
	}
	p.SetConditions("delay=100ms")
	m.Run(5 * time.Second)
	if rtt := p.Stats().RTT; rtt < 190*time.Millisecond {
		t.Errorf("a round trip of 200 ms takes %v", rtt)
	}
	p.SetConditionsEach("delay=10ms", "delay=10ms,loss=30%")
	m.Run(5 * time.Second)
	if lost := p.Stats().SnapshotsLost; lost < 50 {
		t.Errorf("at 30 %% loss %d snapshots got lost", lost)
	}
	p.Outage(2 * time.Second)
	before := p.Stats().Snapshots
	m.Run(2 * time.Second)
	if n := p.Stats().Snapshots - before; n > 2 {
		t.Errorf("%d snapshots came through an outage", n)
	}
	p.SetConditions("")
	p.Rebind()
	m.Settle()
}

// Machines that are too slow, or stand still: the server's, and a player's.
func TestPaceAndStalls(t *testing.T) {
	m := matchtest.New(t, dots(), matchtest.Options{Seed: 9, Conditions: "delay=10ms"})
	p := m.Join(wander(1))
	frames := 0
	p.After = func(*player) { frames++ }
	passes := func(d time.Duration, ticks, drawn int) {
		t.Helper()
		was := m.Server.Snapshot().Tick
		frames = 0
		m.Run(d)
		if n := m.Server.Snapshot().Tick.Sub(was); n < ticks-1 || n > ticks+1 || frames < drawn-1 || frames > drawn+1 {
			t.Errorf("in %v %d ticks and %d frames, want %d and %d", d, n, frames, ticks, drawn)
		}
	}
	passes(2*time.Second, 120, 120)
	m.SetPace(0.5)
	passes(2*time.Second, 60, 120)
	m.SetPace(1)
	passes(time.Second, 60, 60)
	m.StallServer(2 * time.Second)
	passes(2*time.Second, 0, 120)
	passes(time.Second, 60, 60)
	p.Stall(2 * time.Second)
	passes(2*time.Second, 120, 0)
	passes(time.Second, 60, 60)
	m.Settle()
}

func TestPlayersComeAndGo(t *testing.T) {
	m := matchtest.New(t, dots(), matchtest.Options{Seed: 8, Conditions: "delay=20ms"})
	leaver, crasher := m.Join(nil), m.Join(nil)
	m.RunUntil(2*time.Second, func() bool { return m.World().Dots.Len() == 2 })
	leaver.Leave()
	m.RunUntil(time.Second, func() bool { return m.World().Dots.Len() == 1 })
	crasher.Vanish()
	m.Join(nil)
	m.RunUntil(time.Minute, func() bool { return len(m.Server.Players()) == 1 }) // the idle timeout
	m.Settle()
}

func TestScriptedHands(t *testing.T) {
	m := matchtest.New(t, dots(), matchtest.Options{})
	p := m.Join(nil)
	m.Run(3 * time.Second) // the clock is set
	p.Play = matchtest.Script[field](move{Dx: 1}, move{Dx: 1}, move{Dy: -1})
	m.Run(time.Second)
	d, ok := m.World().Dots.Of(p.Player())
	if !ok || d.Pos.X != 2 || d.Pos.Y != float32(p.Player())-1 {
		t.Errorf("%v %+v", ok, d)
	}
}

func TestSameSeedSameMatch(t *testing.T) {
	play := func(seed uint64) uint64 {
		m := matchtest.New(t, dots(), matchtest.Options{Seed: seed, Conditions: "delay=20ms,jitter=20ms,loss=10%"})
		m.Join(wander(1))
		m.Join(wander(2))
		m.Run(5 * time.Second)
		return m.Server.Snapshot().Hash() ^ m.Net.Stats().Arrived
	}
	if a, b := play(9), play(9); a != b {
		t.Errorf("one seed, two matches: %x, %x", a, b)
	}
	if play(9) == play(10) {
		t.Error("two seeds, one match")
	}
}

// BenchmarkDots is the speed of the harness for a small game: two players, 60 Hz, 5 % loss.
func BenchmarkDots(b *testing.B) {
	m := matchtest.New(b, dots(), matchtest.Options{Seed: 1, Conditions: "delay=25ms,loss=5%"})
	m.Join(wander(1))
	m.Join(wander(2))
	m.Run(2 * time.Second)
	b.ReportAllocs()
	start := m.Now()
	for b.Loop() {
		m.Run(time.Second)
	}
	b.ReportMetric((m.Now()-start).Seconds()/b.Elapsed().Seconds(), "x_realtime")
}

// Who is told a part of the world cannot be held against the whole.
func TestGameWithSeeIsNotCompared(t *testing.T) {
	g := dots()
	g.See = func(w *field, p sim.PlayerID, v *sim.View) {}
	m := matchtest.New(t, g, matchtest.Options{Seed: 11, Conditions: "delay=20ms"})
	p := m.Join(wander(1))
	m.Run(2 * time.Second)
	m.Settle()
	if c := p.Compared(); c.Worlds > 0 {
		t.Errorf("%d worlds compared", c.Worlds)
	}
}

// The tags that keep a part from somebody, or for later, do so without a word from the test.
func TestGamesWhoseTagsHideAreNotCompared(t *testing.T) {
	type (
		mine struct {
			Ammo uint8 `net:"owner"`
		}
		purses struct{ Rows sim.Table[mine] }
		calm   struct {
			Rows sim.Table[dot] `net:"rate=5"`
		}
		near struct {
			Rows sim.Table[dot] `net:"aoi=Pos:8"`
		}
	)
	wanderAlone(t, func(w *purses, p sim.PlayerID) { w.Rows.Spawn(p).Ammo = 9 })
	wanderAlone(t, func(w *calm, p sim.PlayerID) { w.Rows.Spawn(p).Pos.X = float32(100 * int(p)) })
	wanderAlone(t, func(w *near, p sim.PlayerID) { w.Rows.Spawn(p).Pos.X = float32(100 * int(p)) })
}

// wanderAlone plays a match of two in a world in which each has a row.
func wanderAlone[W any](t *testing.T, enter func(*W, sim.PlayerID)) {
	t.Helper()
	g := &sim.Game[W, move]{Name: "tags", Step: func(c *sim.Ctx[W, move], w *W) {},
		Join: func(c *sim.Ctx[W, move], w *W, p sim.PlayerID) { enter(w, p) }}
	m := matchtest.New(t, g, matchtest.Options{Seed: 12, Conditions: "delay=20ms"})
	m.Join(nil)
	m.Join(nil)
	m.Run(time.Second)
	m.Settle()
}
