// Package clock holds games that look at the clock.
package clock

import (
	"context"
	"time"

	"github.com/halftick/halftick/netcode/sim"
)

type world struct{ Born uint32 }

type input struct{ Go bool }

type ctx = sim.Ctx[world, input]

var _ = sim.Game[world, input]{
	Name: "clock",
	Step: func(c *ctx, w *world) {
		w.Born = uint32(time.Now().Unix()) // want `Step: time.Now reads the clock: each machine and each run of the tick has another time: count ticks, with c.Tick and c.DT`
		wait()
	},
	Join: func(c *ctx, w *world, p sim.PlayerID) {
		time.AfterFunc(time.Second, func() {})                               // want `Join: time.AfterFunc reads the clock`
		_, _ = context.WithTimeout(context.Background(), 3*time.Millisecond) // want `Join: context.WithTimeout reads the clock`
	},
	Init:  func(w *world) { w.Born = uint32(start.Unix()) },
	Check: func(p sim.PlayerID, prev, in input) input { return fine(in) },
}

var start = time.Now() // want `Init > start: time.Now reads the clock`

func wait() {
	time.Sleep(1) // want `Step > wait: time.Sleep reads the clock`
}

// Not reached: no finding.
func unused() time.Time { return time.Now() }

func fine(in input) input {
	if 2*time.Second > time.Millisecond {
		return in
	}
	return input{}
}
