// Package marked holds a game whose odd lines are right all the same.
package marked

import (
	"math"
	"time"

	"github.com/halftick/halftick/netcode/sim"
)

type world struct{ N uint32 }

type input struct{}

var names = map[uint32]uint32{1: 2}

var game = sim.Game[world, input]{Name: "marked", Step: func(c *sim.Ctx[world, input], w *world) {
	for _, v := range names { //netvet:ok a sum does not depend on the order
		w.N += v
	}
	//netvet:ok rounded far coarser than its last bits
	w.N += uint32(math.Round(64 * math.Sin(float64(w.N))))
	stamp() //netvet:ok measures, and tells nobody
	//netvet:ok // want `//netvet:ok needs a reason`
	w.N += uint32(time.Now().Unix()) // want `time.Now reads the clock`
}}

func stamp() { _ = time.Now() }
