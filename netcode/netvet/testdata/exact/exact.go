// Package exact holds games that use package math.
package exact

import (
	"math"

	"github.com/halftick/halftick/netcode/sim"
)

type world struct{ X float32 }

type input struct{}

var game = sim.Game[world, input]{Name: "exact", Step: func(c *sim.Ctx[world, input], w *world) {
	x := float64(w.X)
	x = math.Sqrt(math.Abs(math.Floor(math.Mod(x, 3)))) + math.FMA(x, x, x)
	x += math.Sin(x)      // want `math.Sin computes inexactly: its last bits differ between CPUs`
	x += math.Hypot(x, x) // want `math.Hypot computes inexactly`
	x += math.Pow(x, 2)   // want `math.Pow computes inexactly`
	w.X = float32(math.Round(x * math.Pi))
}}
