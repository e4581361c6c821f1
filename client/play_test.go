package client_test

import (
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/sim"
)

// Nothing contests the players, so every guess must be right, whatever the path.
func TestPredictionIsExact(t *testing.T) {
	for _, way := range []string{"none", "delay=25ms", "delay=75ms", "delay=75ms,jitter=5ms", "delay=300ms"} {
		t.Run(way, func(t *testing.T) {
			m := newMatch(t, 1, way, 3)
			for i, s := range m.seats {
				s.play = wander(uint64(i))
			}
			m.run(4 * time.Second)
			before := m.corrections()
			m.run(20 * time.Second)
			if after := m.corrections(); after != before {
				t.Errorf("%d corrections", after-before)
			}
			for i, s := range m.seats {
				st := s.Stats()
				t.Logf("client %d: %+v", i, st)
				if st.Snapshots < 1200 || s.Player() == 0 || len(s.Players()) != 3 {
					t.Errorf("client %d: %d snapshots, player %d of %d", i, st.Snapshots, s.Player(), len(s.Players()))
				}
			}
		})
	}
}

func (m *match) corrections() (n uint64) {
	for _, s := range m.seats {
		n += s.Stats().Corrections
	}
	return n
}

// own returns the own dot in a world.
func own(w *field, p sim.PlayerID) dot {
	d, ok := w.Dots.Of(p)
	if !ok {
		return dot{}
	}
	return *d
}
