package matchtest_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/matchtest"
	"github.com/halftick/halftick/netcode/sim"
)

// Two players at random over a bad network, one of them on a train. In a test of yours t is its *testing.T.
func ExampleMatch() {
	var t testing.TB = &witness{}
	m := matchtest.New(t, dots(), matchtest.Options{Seed: 1, Conditions: "delay=40ms,jitter=5ms,loss=3%"})
	m.Join(wander(1))
	ann := m.Join(wander(2))
	m.Run(5 * time.Second)
	m.Uncorrected(func() { m.Run(30 * time.Second) }) // nobody touches what others own: no prediction is wrong
	ann.Outage(2 * time.Second)
	m.Run(4 * time.Second)
	ann.SetConditions("4g")
	m.Settle()

	fmt.Println(m.World().Dots.Len(), "dots, failed:", t.Failed())
	// Output: 2 dots, failed: false
}

// The same inputs, run again from the same world, must give the same world.
func ExampleSyncTest() {
	err := matchtest.SyncTest(dots(), matchtest.SyncOptions[field, move]{
		Seed: 1, Players: 3,
		Play: func(r *rand.Rand, w *field, p sim.PlayerID) move { return move{Dx: int8(r.IntN(3) - 1)} },
	})
	fmt.Println(err)
	// Output: <nil>
}
