package replica

import "github.com/halftick/halftick/netcode/sim"

// ViewUnits is the number of units of Command.View in a tick.
const ViewUnits = 32

// Around returns the two worlds around the moment lag units of Command.View before tick t, and where between them it lies. A client sees only
// the worlds that were sent, each every ticks, and blends them, so they come first; where the later one does not exist yet, each tick is
// looked at. world returns the world of a tick, or nil when it is not kept; ok is false when one that is needed is not.
//
//	t-5     t-4     t-3     t-2     t-1      t
//	 |-------|-------|---x---|-------|.......|      lag = 2.5 ticks
//	                 a       b                      every 1: half way from t-3 to t-2
//	         a               b                      every 2, t even: three quarters from t-4 to t-2
func Around(world func(sim.Tick) *Snapshot, t sim.Tick, lag, every int) (a, b *Snapshot, fraction float32, ok bool) {
	for _, every := range [2]int{every, 1} {
		sent := int(t % sim.Tick(every)) // ticks from the newest multiple to t
		span := every * ViewUnits
		back := sent + (max(0, lag-sent*ViewUnits)+span-1)/span*every
		fraction = float32(back*ViewUnits-lag) / float32(span)
		a = world(t - sim.Tick(back))
		if b = a; fraction != 0 {
			b = world(t - sim.Tick(back) + sim.Tick(every))
		}
		if a != nil && b != nil {
			return a, b, fraction, true
		}
	}
	return nil, nil, 0, false
}
