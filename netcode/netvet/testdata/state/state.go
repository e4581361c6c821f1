// Package state holds games that keep something outside of the world.
package state

import (
	"errors"

	"github.com/halftick/halftick/netcode/sim"
)

type world struct{ N uint32 }

type input struct{}

type ctx = sim.Ctx[world, input]

var (
	ticks  uint32
	scores = map[sim.PlayerID]uint32{}
	level  = [...]uint32{1, 2, 3} // only read
	table  [4]uint32              // filled by init, then only read
	speed  = uint32(3)            // written below, by what is not a tick
	errBad = errors.New("bad")
)

func init() { table[1] = 7 }

// SetSpeed is called by a menu.
func SetSpeed(v uint32) { speed = v } // want SetSpeed:"1 findings"

type rules struct{ total, factor uint32 }

func (r *rules) step(c *ctx, w *world) {
	r.total++ // want `writes the receiver r of a method value`
	w.N += r.factor
}

func (r rules) join(c *ctx, w *world, p sim.PlayerID) { r.total++ } // a copy

func games(r *rules) {
	calls, limit := 0, uint32(9)
	step := func(c *ctx, w *world) {
		ticks++                 // want `Step: writes package variable ticks: it is not part of the world, so nothing rolls it back`
		scores[1] = 2           // want `Step: writes package variable scores`
		calls++                 // want `Step: writes calls, a variable around the function`
		w.N += level[1] + speed // want `Step: reads package variable speed, which something writes`
		w.N += table[1]
		w.N = min(w.N, limit)
		inner := 0
		func() { inner++ }()
		if errBad == nil {
			delete(scores, 1) // want `writes package variable scores`
		}
	}
	_ = sim.Game[world, input]{Name: "closure", Step: step}
	_ = sim.Game[world, input]{Name: "method", Step: r.step, Join: r.join}
}
