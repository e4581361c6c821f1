// Package memory holds games that look at addresses.
package memory

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/halftick/halftick/netcode/sim"
)

type row struct{ Pos sim.Vec2 }

type world struct{ Rows sim.Table[row] }

type input struct{}

var game = sim.Game[world, input]{Name: "memory", Step: func(c *sim.Ctx[world, input], w *world) {
	for id, r := range w.Rows.All() {
		_ = fmt.Sprintf("%p", r) // want `prints an address \(%p\): an address differs between two runs: print the row's sim.ID`
		_ = fmt.Sprintf("%v", id)
		_ = *(*uint32)(unsafe.Pointer(&r.Pos.X)) // want `uses package unsafe`
		_ = math.Float32bits(r.Pos.X)
	}
}}
