// Package across holds a game whose mistakes are in another package.
package across

import (
	"example.com/games/helpful"
	"github.com/halftick/halftick/netcode/sim"
)

type world struct {
	N uint32
	X float32
}

type input struct{}

type mover interface{ move(w *world) }

type walker struct{}

func (walker) move(w *world) { w.N += helpful.Stamp() } // want `Step > step > walk > move > helpful.Stamp > stamp: time.Now reads the clock \(helpful.go:\d+\)`

func step(c *sim.Ctx[world, input], w *world) {
	w.N = helpful.Clean(helpful.Key[1])
	w.N += helpful.Mode                     // want `Step > step: reads package variable Mode, which something writes`
	w.X = helpful.Ray{X: 1}.Plus(w.X * w.X) // want `added by \(helpful.Ray literal\).Plus without being rounded|added by .*Plus without being rounded`
	walk(walker{}, w)
}

func walk(m mover, w *world) { m.move(w) }

var game = sim.Game[world, input]{Name: "across", Step: step, Join: helpless}

func helpless(c *sim.Ctx[world, input], w *world, p sim.PlayerID) {}
