package replica_test

import (
	"fmt"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

type Player struct {
	Pos   sim.Vec2 `net:"range=-512:512,step=1/64,lerp,smooth"`
	Color uint8    `net:"bits=3,const"`
}

type World struct{ Players sim.Table[Player] }

// A world goes over the wire: whole at first, then as a delta against what the other side has.
func ExamplePlan() {
	plan, err := replica.NewPlan[World]()
	if err != nil {
		fmt.Println(err)
		return
	}
	w, first, second := plan.NewWorld(), plan.NewSnapshot(), plan.NewSnapshot()
	p := w.V.Players.Spawn(1)
	p.Pos, p.Color = sim.V(10, 20), 5
	plan.Capture(first, w)
	p.Pos.X += 0.5
	plan.Capture(second, w)
	second.Tick = 1

	enc, dec := plan.NewEncoder(), plan.NewDecoder()
	whole, delta := enc.Encode(nil, first, nil, nil), enc.Encode(nil, second, first, nil)
	fmt.Printf("whole %d bytes, delta %d bytes\n", len(whole), len(delta))

	had, other, view := plan.NewSnapshot(), plan.NewSnapshot(), plan.NewWorld()
	if err := dec.Decode(had, 0, nil, nil, whole); err != nil {
		fmt.Println(err)
		return
	}
	if err := dec.Decode(other, 1, had, nil, delta); err != nil {
		fmt.Println(err)
		return
	}
	plan.Restore(view, other)
	got, _ := view.V.Players.Of(1)
	fmt.Println(*got, plan.Diff(first, other))
	// Output:
	// whole 8 bytes, delta 3 bytes
	// {{10.5 20} 5} Players slot 1 (generation 1, owner 1) Pos.X: 10 (lane 33408) != 10.5 (lane 33440)
}

// A field that cannot travel is named, together with what to do about it.
func ExampleNewPlan_error() {
	type row struct {
		Angle float64
	}
	type world struct{ Rows sim.Table[row] }
	_, err := replica.NewPlan[world]()
	fmt.Println(err)
	// Output: replica: world.Rows.Angle: float64 does not travel: use float32, or tag it server
}
