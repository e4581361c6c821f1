package sim_test

import (
	"fmt"

	"github.com/halftick/halftick/netcode/sim"
)

type (
	bell      struct{ Count int32 }
	bellInput struct{ Ring bool }
	rung      struct{ Times int32 }
)

var rungEvent = sim.NewEvent[rung]("rung", sim.Predicted)

// An engine gives Step a Frame, and takes what it emits. That is all a replay or a test needs.
func ExampleEmit() {
	step := func(c *sim.Ctx[bell, bellInput], w *bell) {
		for p, in := range c.Inputs() {
			if in.Ring {
				w.Count++
				sim.Emit(c, rungEvent, rung{w.Count}, sim.By(p))
			}
		}
	}
	heard := func(m sim.Emission) {
		var v rung
		if err := rungEvent.Decode(m.Body, &v); err == nil {
			fmt.Printf("%s by %d: %d\n", m.Event.Name(), m.Source, v.Times)
		}
	}
	var c sim.Ctx[bell, bellInput]
	var w bell
	for tick := range sim.Tick(3) {
		c.Begin(&w, sim.Frame[bell, bellInput]{Tick: tick, TickRate: 60, Emit: heard,
			Entries: []sim.Entry[bellInput]{{Player: 7, Input: bellInput{Ring: tick != 1}}}})
		step(&c, &w)
	}
	// Output:
	// rung by 7: 1
	// rung by 7: 2
}
