package client_test

import (
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/matchtest"
	"github.com/halftick/halftick/netcode/sim"
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
