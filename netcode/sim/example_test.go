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

type (
	soldier struct {
		Pos  sim.Vec2 `net:"range=0:4095,step=1/16"`
		Team uint8    `net:"range=0:1"`
		Spy  bool
	}
	field struct{ Soldiers sim.Table[soldier] }
)

// A spy is not there for the other team, and whoever is near is told more often when not all fits. See is a function of the world, so that a test
// can ask it as the server does.
func ExampleView() {
	see := func(w *field, p sim.PlayerID, v *sim.View) { // Game.See
		me, ok := w.Soldiers.Of(p)
		if !ok {
			return
		}
		sight := v.Of(&w.Soldiers)
		for id, s := range w.Soldiers.All() {
			switch {
			case s.Spy && s.Team != me.Team:
				sight.Hide(id)
			case s.Pos.Sub(me.Pos).Len() < 100:
				sight.Weigh(id, 4)
			}
		}
	}

	var w field
	for p, s := range []soldier{{Team: 0}, {Team: 0, Spy: true}, {Team: 1}} {
		*w.Soldiers.Spawn(sim.PlayerID(p + 1)) = s
	}
	view := sim.NewView([]sim.Rows{&w.Soldiers}, nil)
	for _, p := range []sim.PlayerID{1, 3} {
		view.Begin([]bool{false})
		see(&w, p, view)
		for id := range w.Soldiers.All() {
			fmt.Print(view.Of(&w.Soldiers).Sees(id), " ")
		}
		fmt.Println("for player", p)
	}
	// Output:
	// true true true for player 1
	// true false true for player 3
}
