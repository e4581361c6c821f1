package matchtest

import (
	"math/rand/v2"

	"github.com/halftick/halftick/netcode/sim"
)

// Random returns hands that do something else every few frames: pick draws what, from a stream that depends on the seed alone. hold is
// for how many frames they stay with it, at least one.
func Random[W, I any](seed uint64, hold int, pick func(r *rand.Rand) I) func(*Player[W, I]) I {
	r := rand.New(rand.NewPCG(seed, 2))
	left := 0
	var in I
	return func(*Player[W, I]) I {
		if left--; left < 0 {
			left, in = max(hold, 1)-1, pick(r)
		}
		return in
	}
}

// Script returns hands that do one thing after the other, each until the client has predicted a tick with it, and nothing in the
// end. While the client's clock is being set a tick may take no frame or two; later it takes one.
func Script[W, I any](inputs ...I) func(*Player[W, I]) I {
	next, began := 0, false
	var at sim.Tick
	return func(p *Player[W, I]) (in I) {
		if now := p.Stats().Tick; began && now != at {
			next++
		}
		at, began = p.Stats().Tick, true
		if next < len(inputs) {
			in = inputs[next]
		}
		return in
	}
}
