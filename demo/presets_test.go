package demo_test

import (
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/simnet"
	"github.com/halftick/halftick/server"
)

// TestPlayAtEveryPreset: on every path that has a name the clocks of all clients find their pace. What the
// server misses is about what the path swallows in its bursts, others are not shown later than they have to
// be, and nobody is thrown out.
func TestPlayAtEveryPreset(t *testing.T) {
	const settling, playing = 10 * time.Second, 30 * time.Second
	for _, p := range simnet.Presets() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			var all server.InputCounters
			var slowest time.Duration
			for _, seed := range []uint64{1, 2} {
				m := newMatch(t, seed, p.Name, 4)
				m.Run(settling)
				before := m.Server.Stats().Inputs
				m.Run(playing)
				after := m.Server.Stats().Inputs
				all.Executed += after.Executed - before.Executed
				all.Missing += after.Missing - before.Missing
				for _, s := range m.seats {
					st := s.Stats()
					slowest = max(slowest, st.InterpDelay)
					if s.Err() != nil || st.ReplayCapped > 0 || st.Snapshots < 1000 {
						t.Errorf("seed %d, client %d: %v, %d ticks not replayed, %d snapshots", seed, s.Player(), s.Err(), st.ReplayCapped, st.Snapshots)
					}
				}
			}
			missing := float64(all.Missing) / float64(all.Missing+all.Executed)
			t.Logf("%.2f %% of the inputs missing, interpolation delay up to %v", 100*missing, slowest)
			if most := 0.012 + p.Burst.Share; missing > most {
				t.Errorf("%.2f %% of the inputs were not there in time, want at most %.2f %%", 100*missing, 100*most)
			}
			most := 500 * time.Millisecond // the cap: after a burst the delay is as long as the burst was
			if p.Burst.Share == 0 {
				most = 85 * time.Millisecond
			}
			if slowest > most {
				t.Errorf("others are shown %v late, want at most %v", slowest, most)
			}
		})
	}
}
