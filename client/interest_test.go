package client_test

import (
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/matchtest"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/server"
)

// A field of beetles, each of which walks in a circle, for those who are near or for all.
type (
	beetle struct {
		Pos  sim.Vec2 `net:"range=-4096:4096,step=1/64,lerp"`
		Vel  sim.Vec2 `net:"range=-16:16,step=1/64"`
		Aim  float32  `net:"angle=10,lerp"`
		Kind uint8    `net:"bits=4,const"`
	}
	meadow struct {
		Beetles sim.Table[beetle]
		Players sim.Table[beetle]
	}
	heath struct {
		Beetles sim.Table[beetle] `net:"aoi=Pos:128"`
		Players sim.Table[beetle] `net:"aoi=Pos:128"`
	}
)

func (b *beetle) walk(t sim.Tick, slot int) {
	if slot%2 == 0 {
		b.Vel = sim.V(float32((int(t)/4+slot)%5)-2, float32((int(t)/4+slot*3)%5)-2).Mul(0.5)
		b.Pos, b.Aim = b.Pos.Add(b.Vel), b.Aim+0.02
	}
}

func fill(t *sim.Table[beetle], n int, gap float32) {
	for i := range n {
		b := t.Spawn(0)
		b.Pos, b.Kind, b.Aim = sim.V(float32(i%64)*gap, float32(i/64)*gap), uint8(i%16), float32(i)
	}
}

func meadowGame(n int) *sim.Game[meadow, move] {
	return &sim.Game[meadow, move]{
		Name: "meadow", TickRate: 60,
		Init: func(w *meadow) { fill(&w.Beetles, n, 8) },
		Join: func(c *sim.Ctx[meadow, move], w *meadow, p sim.PlayerID) { w.Players.Spawn(p) },
		Step: func(c *sim.Ctx[meadow, move], w *meadow) {
			for id, b := range w.Beetles.All() {
				b.walk(c.Tick, id.Slot())
			}
			for p, in := range c.Inputs() {
				if b, ok := w.Players.Of(p); ok {
					b.Pos = b.Pos.Add(sim.V(float32(in.Dx), float32(in.Dy)))
				}
			}
		},
	}
}

// A crowded world comes in while a fifth of all datagrams is lost: piece by piece, at the rate of the path.
func TestCrowdedWorldComesIn(t *testing.T) {
	for _, c := range []struct {
		rows int
		most time.Duration
	}{{1000, time.Second}, {4000, 3 * time.Second}} {
		m := matchtest.New(t, meadowGame(c.rows), matchtest.Options{Seed: 1, Conditions: "delay=40ms,loss=20%"})
		p := m.Join(nil)
		var first, half, all time.Duration
		start := m.Now()
		for all == 0 && m.Now() < start+30*time.Second {
			m.Run(time.Second / 60)
			n, now := p.Auth().Beetles.Len(), m.Now()-start
			if n > 0 && first == 0 {
				first = now
			}
			if n >= c.rows/2 && half == 0 {
				half = now
			}
			if n == c.rows {
				all = now
			}
		}
		t.Logf("%d rows: the first after %v, half after %v, all after %v; %+v", c.rows, first, half, all, m.Server.Stats().Snapshots)
		if all == 0 || all > c.most || half >= all {
			t.Errorf("%d rows were there after %v, half of them after %v; want at most %v", c.rows, all, half, c.most)
		}
		if st := p.Stats(); st.Corrections > 4 {
			t.Errorf("%d corrections meanwhile", st.Corrections)
		}
	}
}

func heathGame(n int) *sim.Game[heath, move] {
	return &sim.Game[heath, move]{
		Name: "heath", TickRate: 60,
		Init: func(w *heath) { fill(&w.Beetles, n, 40) },
		Join: func(c *sim.Ctx[heath, move], w *heath, p sim.PlayerID) { w.Players.Spawn(p).Pos = sim.V(300, 200) },
		Step: func(c *sim.Ctx[heath, move], w *heath) {
			for id, b := range w.Beetles.All() {
				b.walk(c.Tick, id.Slot())
			}
			for p, in := range c.Inputs() {
				if b, ok := w.Players.Of(p); ok {
					b.Pos = b.Pos.Add(sim.V(float32(in.Dx), float32(in.Dy)).Mul(4))
				}
			}
		},
	}
}

// A player who walks through a world of which only what is near may be known knows all that is near, nothing that is far, and of
// what it knows where it is; over a bad path and with a narrow budget too.
func TestWalkAcrossTheHeath(t *testing.T) {
	m := matchtest.New(t, heathGame(1500), matchtest.Options{Seed: 5, Conditions: "delay=30ms,jitter=10ms,loss=8%", Partial: true,
		Server: server.Config{Rate: 9_000}})
	step := 0
	p := m.Join(func(*matchtest.Player[heath, move]) move {
		step++
		return move{Dx: int8(1 - step/240%2*2), Dy: int8(step / 120 % 2)}
	})
	m.Run(2 * time.Second)
	most := 0
	for range 40 {
		m.Run(250 * time.Millisecond)
		most = max(most, checkNear(t, m, p))
	}
	st := m.Server.Stats().Snapshots
	t.Logf("at most %d of 1500 known; %+v; %d corrections", most, st, p.Stats().Corrections)
	if most < 20 || most > 400 {
		t.Errorf("at most %d of 1500 rows were known", most)
	}
	if st.RowsStale == 0 || st.RowsHidden == 0 {
		t.Errorf("nothing was hidden or left for later: %+v", st)
	}
}

// checkNear compares what a player holds with the server's world, which is a few ticks ahead, and returns how much that is.
func checkNear(t *testing.T, m *matchtest.Match[heath, move], p *matchtest.Player[heath, move]) int {
	t.Helper()
	held, truth := p.Auth(), m.World()
	me, ok := held.Players.Of(p.Player())
	if !ok {
		t.Fatal("the player does not know its own row")
	}
	const slack = 40 // what a player walks, and a beetle, while a snapshot is on its way and while a row waits
	for id, b := range truth.Beetles.All() {
		d := b.Pos.Sub(me.Pos)
		far := max(d.X, -d.X, d.Y, -d.Y)
		h, knows := held.Beetles.Get(id)
		switch {
		case knows && far > 128*9/4+slack:
			t.Errorf("at %v the player knows a beetle at %v", me.Pos, b.Pos)
		case !knows && far < 128*3/4-slack:
			t.Errorf("at %v the player does not know a beetle at %v", me.Pos, b.Pos)
		case knows && h.Pos.Sub(b.Pos).Len() > slack:
			t.Errorf("the player takes a beetle at %v to be at %v", b.Pos, h.Pos)
		}
	}
	return held.Beetles.Len()
}

// Moths are told ten times a second only, and their sum as the player saw it is part of the player's own row.
type (
	moth struct {
		Pos sim.Vec2 `net:"range=-4096:4096,step=1/64,lerp"`
	}
	watcher struct {
		Pos  sim.Vec2 `net:"range=-4096:4096,step=1/64,lerp,smooth"`
		Seen float32  // to the last bit
	}
	night struct {
		Moths    sim.Table[moth] `net:"rate=10"`
		Watchers sim.Table[watcher]
	}
)

func nightGame() *sim.Game[night, move] {
	return &sim.Game[night, move]{
		Name: "night", TickRate: 60,
		Init: func(w *night) {
			for range 20 {
				w.Moths.Spawn(0)
			}
		},
		Join: func(c *sim.Ctx[night, move], w *night, p sim.PlayerID) { w.Watchers.Spawn(p) },
		Step: func(c *sim.Ctx[night, move], w *night) {
			for id, m := range w.Moths.All() {
				m.Pos = m.Pos.Add(sim.V(float32(id.Slot()%5)-2, 0.25).Mul(float32(c.Tick/40%3) - 1))
			}
			for p := range c.Inputs() {
				me, ok := w.Watchers.Of(p)
				if !ok {
					continue
				}
				me.Seen = 0
				for id, m := range c.Past(p).Moths.All() {
					me.Seen = float32(me.Seen*0.5) + m.Pos.X + float32(id.Slot())*m.Pos.Y
				}
			}
		},
	}
}

// What a player saw of rows that are told now and then is the same to the client that predicts with it and to the
// server that judges by it: between the ticks in which they were told, or further on their way.
func TestPastOfRowsThatAreToldNowAndThen(t *testing.T) {
	m := matchtest.New(t, nightGame(), matchtest.Options{Seed: 3, Conditions: "delay=30ms", Partial: true})
	p := m.Join(nil)
	m.Run(3 * time.Second)
	before, snapshots := p.Stats(), m.Server.Stats().Snapshots
	m.Run(10 * time.Second)
	st, c := p.Stats(), m.Server.Stats().Snapshots
	t.Logf("%d corrections in 600 ticks; %+v", st.Corrections-before.Corrections, c)
	if n := st.Corrections - before.Corrections; n > 0 {
		t.Errorf("%d of 600 predictions were corrected", n)
	}
	if c.Partial-snapshots.Partial < 300 {
		t.Errorf("%d partial snapshots", c.Partial-snapshots.Partial)
	}
	if w := p.View(); w.Moths.Len() != 20 {
		t.Errorf("%d moths on the screen", w.Moths.Len())
	}
}
