package matchtest_test

import (
	"math/rand/v2"

	"github.com/halftick/halftick/netcode/matchtest"
	"github.com/halftick/halftick/netcode/sim"
)

// The game of these tests: dots that run; a dot that pushes moves the others.
type (
	dot struct {
		Pos  sim.Vec2 `net:"range=-512:512,step=1/64,lerp,smooth"`
		Luck uint16
	}
	field struct{ Dots sim.Table[dot] }
	move  struct {
		Dx, Dy int8 `net:"range=-1:1"`
		Push   bool
	}
	ctx    = *sim.Ctx[field, move]
	player = matchtest.Player[field, move]
)

func dots() *sim.Game[field, move] {
	return &sim.Game[field, move]{Name: "dots", TickRate: 60, Step: stepDots,
		Join: func(c ctx, w *field, p sim.PlayerID) { w.Dots.Spawn(p).Pos.Y = float32(p) }}
}

func stepDots(c ctx, w *field) {
	for p, in := range c.Inputs() {
		d, ok := w.Dots.Of(p)
		if !ok {
			continue
		}
		d.Pos = d.Pos.Add(sim.V(float32(in.Dx), float32(in.Dy)))
		r := c.Rand(p)
		d.Luck = uint16(r.Intn(6))
		if in.Push {
			push(w, p)
		}
	}
}

func push(w *field, by sim.PlayerID) {
	for id, o := range w.Dots.All() {
		if w.Dots.Owner(id) != by {
			o.Pos.X++
		}
	}
}

// wander runs at random and pushes nobody.
func wander(seed uint64) func(*player) move {
	return matchtest.Random[field](seed, 7, func(r *rand.Rand) move {
		return move{Dx: int8(r.IntN(3) - 1), Dy: int8(r.IntN(3) - 1)}
	})
}
