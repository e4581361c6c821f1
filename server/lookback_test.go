package server

import (
	"testing"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// glider moves evenly, but for quick turns of its rudder.
type glider struct {
	X            float32 `net:"range=-4096:4096,step=0.01"`
	Exact, Speed float32 `net:"server"`
}

type sky struct{ Gliders sim.Table[glider] }

// best returns what a lookback settles on for gliders that are pushed every so many ticks, if at all.
func best(t *testing.T, pushEvery int) int {
	p, err := replica.NewPlan[sky]()
	if err != nil {
		t.Fatal(err)
	}
	w, h, enc := p.NewWorld(), newHistory(p.NewSnapshot), p.NewEncoder()
	for i := range 64 {
		w.V.Gliders.Spawn(0).Speed = float32(i) * 0.0137
	}
	f := p.NewFeed(1, 1, make([]bool, 2))
	var l lookback
	for tick := sim.Tick(1); tick < 3000; tick++ {
		for _, g := range w.V.Gliders.All() {
			if pushEvery > 0 && int(tick)%pushEvery == 0 {
				g.Speed = -g.Speed
			}
			g.Exact += g.Speed
			g.X = g.Exact
		}
		p.Capture(h.push(tick), w)
		var base, older *replica.Snapshot
		if t, has := f.Held(); has {
			base = h.at(t)
		}
		if t, has, _ := f.Entire(l.distance()); has {
			older = h.at(t)
		}
		l.try(enc, f, h, 1, len(enc.Encode(nil, h.at(tick), base, older)))
		f.Sent(tick)
		if !f.Ack(replica.SnapshotAck{Tick: tick, Has: true}, 1, h.ring[:]) {
			t.Fatalf("tick %d: not believed", tick)
		}
	}
	return l.distance()
}

func TestLookbackFollowsTheGame(t *testing.T) {
	if n := best(t, 0); n < 3 {
		t.Errorf("even motion is predicted from %d snapshots back, want more", n)
	}
	if n := best(t, 2); n > 2 {
		t.Errorf("motion that turns every other tick is predicted from %d snapshots back, want less", n)
	}
}
