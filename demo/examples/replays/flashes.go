package main

import (
	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode/replay"
	"github.com/halftick/halftick/netcode/sim"
)

// flashes are what happened a moment ago: events leave no trace in the world, whoever shows them keeps them.
type flashes struct {
	shots []flash[arena.Shot]
	booms []flash[arena.Boom]
}

type flash[T any] struct {
	what T
	left float32 // seconds of the match
}

const flashTime = 0.25

func (f *flashes) listen(p *playback) {
	replay.On(p, arena.ShotEvent, func(s arena.Shot, _ sim.EventKey) { f.shots = append(f.shots, flash[arena.Shot]{s, flashTime}) })
	replay.On(p, arena.BoomEvent, func(b arena.Boom, _ sim.EventKey) { f.booms = append(f.booms, flash[arena.Boom]{b, flashTime}) })
}

func (f *flashes) fade(seconds float32) {
	f.shots, f.booms = older(f.shots, seconds), older(f.booms, seconds)
}

func (f *flashes) clear() { f.shots, f.booms = f.shots[:0], f.booms[:0] }

func older[T any](all []flash[T], seconds float32) []flash[T] {
	kept := all[:0]
	for _, x := range all {
		if x.left -= seconds; x.left > 0 {
			kept = append(kept, x)
		}
	}
	return kept
}
