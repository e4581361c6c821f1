package replica

import (
	"fmt"
	"testing"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode/sim"
)

// A trace is a seeded piece of play, tick by tick, to measure codecs on.
type trace struct {
	name  string
	s     *schema
	rate  int // snapshots per second
	world []*Snapshot
}

// record runs a world for some ticks to warm up, and then records it.
func record[W any](tb testing.TB, name string, rate, warm, ticks int, start func(*W), step func(*W)) *trace {
	p, err := NewPlan[W]()
	if err != nil {
		tb.Fatal(err)
	}
	w := p.NewWorld()
	start(w.V)
	tr := &trace{name: name, s: &p.schema, rate: rate}
	for i := range warm + ticks {
		step(w.V)
		s := p.NewSnapshot()
		p.Capture(s, w)
		if s.Tick = sim.Tick(i); i >= warm {
			tr.world = append(tr.world, s)
		}
	}
	return tr
}

// arenaTrace is bots at play in the demo's arena.
func arenaTrace(tb testing.TB, bots, ticks int) *trace {
	g := arena.Game()
	var brains []*arena.Bot
	var entries []sim.Entry[arena.Input]
	for i := range bots {
		brains = append(brains, arena.NewBot(uint64(1000+i)))
		entries = append(entries, sim.Entry[arena.Input]{Player: sim.PlayerID(i + 1)})
	}
	var ctx arena.Ctx
	tick := sim.Tick(0)
	frame := func(w *arena.World, e []sim.Entry[arena.Input]) {
		ctx.Begin(w, sim.Frame[arena.World, arena.Input]{Tick: tick, TickRate: arena.TickRate, Seed: 1, Entries: e,
			Past: func(sim.PlayerID) sim.Past[arena.World] { return sim.Past[arena.World]{World: w} }})
	}
	return record(tb, fmt.Sprintf("arena%d", bots), arena.TickRate, 600, ticks, func(w *arena.World) {
		for i := range entries {
			frame(w, nil)
			g.Join(&ctx, w, entries[i].Player)
		}
	}, func(w *arena.World) {
		tick++
		for i := range entries {
			entries[i].Input = brains[i].Think(w, entries[i].Player, tick)
		}
		frame(w, entries)
		g.Step(&ctx, w)
	})
}
