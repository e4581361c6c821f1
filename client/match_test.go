package client_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode/matchtest"
	"github.com/halftick/halftick/netcode/sim"
)

// The game of these tests: dots that run, push each other, shoot bullets that fly on their own, and
// hit-scan others in the past.
type (
	dot struct {
		Pos  sim.Vec2 `net:"range=-512:512,step=1/64,lerp,smooth"`
		Vel  sim.Vec2 `net:"range=-64:64,step=1/64"`
		Wait uint8    // ticks until the next bullet
		Hits uint16   // others that moved down when a ray was cast
		Seen float32  // where the last one of them stood, to the last bit
		Lag  uint16   // of the newest ray, in 1/32 tick
	}
	bullet struct {
		Pos  sim.Vec2 `net:"range=-512:512,step=1/64,lerp"`
		Life uint8
	}
	field struct {
		Dots    sim.Table[dot]
		Bullets sim.Table[bullet]
	}
	move struct {
		Dx, Dy     int8 `net:"range=-1:1"`
		Shoot, Ray bool
		Push       bool // shoves every dot nearby: the one thing that contests others
	}
	ctx = *sim.Ctx[field, move]
)

func dotGame() *sim.Game[field, move] {
	return &sim.Game[field, move]{Name: "dots", TickRate: 60, Step: stepDots,
		Join: func(c ctx, w *field, p sim.PlayerID) { w.Dots.Spawn(p).Pos = sim.V(float32(p)*40-80, 0) }}
}

func stepDots(c ctx, w *field) {
	for id, b := range w.Bullets.All() {
		b.Pos.X += 3
		if b.Life--; b.Life == 0 {
			w.Bullets.Despawn(id)
		}
	}
	for p, in := range c.Inputs() {
		if d, ok := w.Dots.Of(p); ok {
			stepDot(c, w, p, d, in)
		}
	}
}

func stepDot(c ctx, w *field, p sim.PlayerID, d *dot, in move) {
	d.Vel = d.Vel.Mul(0.9).Add(sim.V(float32(in.Dx), float32(in.Dy)).Mul(0.4))
	if d.Vel.Len2() < 0.04 {
		d.Vel = sim.Vec2{} // on a grid of 1/64 friction alone would never stop it
	}
	d.Pos = d.Pos.Add(d.Vel)
	if d.Wait > 0 {
		d.Wait--
	} else if in.Shoot {
		d.Wait = 10
		b := w.Bullets.Spawn(p)
		b.Pos, b.Life = d.Pos, 30
	}
	if in.Ray {
		past := c.PastOf(p)
		d.Lag = uint16(past.Lag * 32)
		for id, o := range past.World.Dots.All() {
			if past.World.Dots.Owner(id) != p && o.Vel.Y > 0 {
				d.Hits++
				d.Seen = o.Pos.Y
			}
		}
	}
	if in.Push {
		for id, o := range w.Dots.All() {
			if w.Dots.Owner(id) != p {
				o.Vel.Y += 4
			}
		}
	}
}

type dots = client.Client[field, move]

// A match of these tests and who plays it: see matchtest.
type (
	match = matchtest.Match[field, move]
	seat  = matchtest.Player[field, move]
)

func newMatch(t testing.TB, seed uint64, conditions string, players int) *match {
	t.Helper()
	return newMatchOf(t, dotGame(), seed, conditions, players)
}

func newMatchOf(t testing.TB, g *sim.Game[field, move], seed uint64, conditions string, players int) *match {
	t.Helper()
	m := matchtest.New(t, g, matchtest.Options{Seed: seed, Conditions: conditions})
	for range players {
		m.JoinAs(client.Config{ProbeEvery: 100 * time.Millisecond}, nil)
	}
	return m
}

// by plays as f says for each frame, counted from the first.
func by(f func(n int) move) func(*seat) move {
	n := -1
	return func(*seat) move {
		n++
		return f(n)
	}
}

// wander plays at random, changing its mind now and then; it depends on nothing but its seed.
func wander(seed uint64) func(*seat) move {
	return matchtest.Random[field, move](seed, 7, func(r *rand.Rand) move {
		return move{Dx: int8(r.IntN(3) - 1), Dy: int8(r.IntN(3) - 1), Shoot: r.IntN(3) == 0}
	})
}
