package replica

import (
	"math"
	"testing"

	"github.com/halftick/halftick/netcode/sim"
	"pgregory.net/rapid"
)

// The moment that Around names is the moment asked for, between two neighbours that are kept.
func TestAroundProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := sim.Tick(rapid.Uint32Range(200, 1<<31).Draw(t, "now"))
		kept := func(at sim.Tick) *Snapshot {
			if age := now.Sub(at); age < 1 || age > 128 {
				return nil
			}
			return &Snapshot{Tick: at}
		}
		every := rapid.IntRange(1, 8).Draw(t, "every")
		lag := rapid.IntRange(ViewUnits, 120*ViewUnits).Draw(t, "lag")
		a, b, fraction, ok := Around(kept, now, lag, every)
		if !ok {
			if every == 1 || lag >= 2*every*ViewUnits {
				t.Fatalf("lag %d/32: no worlds found", lag)
			}
			return
		}
		if gap := b.Tick.Sub(a.Tick); gap > every || int(a.Tick)%max(gap, 1) != 0 {
			t.Fatalf("blends %d and %d", a.Tick, b.Tick)
		}
		if pos := float32(now.Sub(a.Tick)) - fraction*float32(b.Tick.Sub(a.Tick)); fraction < 0 || fraction >= 1 || math.Abs(float64(pos*ViewUnits)-float64(lag)) > 0.01 {
			t.Fatalf("lag %d/32: %v ticks back, fraction %v", lag, pos, fraction)
		}
	})
}
