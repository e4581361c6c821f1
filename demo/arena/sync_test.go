package arena

import (
	"math/rand/v2"
	"testing"

	"github.com/halftick/halftick/netcode/matchtest"
	"github.com/halftick/halftick/netcode/sim"
)

// TestRunAgainIsTheSame: bots fight, and each tick is run again eight times from earlier worlds.
func TestRunAgainIsTheSame(t *testing.T) {
	for seed := range uint64(2) {
		var bots [5]*Bot
		var ticks [5]sim.Tick
		for p := range bots {
			bots[p] = NewBot(seed*10 + uint64(p))
		}
		err := matchtest.SyncTest(Game(), matchtest.SyncOptions[World, Input]{
			Seed: seed, Players: 4, Ticks: 900,
			Play: func(_ *rand.Rand, w *World, p sim.PlayerID) Input {
				ticks[p]++
				return bots[p].Think(w, p, ticks[p])
			},
		})
		if err != nil {
			t.Error(err)
		}
	}
}
