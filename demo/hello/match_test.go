package main

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/matchtest"
	"github.com/halftick/halftick/netcode/sim"
)

func keysAt(r *rand.Rand) Input { return Input{Dx: int8(r.IntN(3) - 1), Dy: int8(r.IntN(3) - 1)} }

// TestOnATrain: nobody touches anybody, so no prediction is ever wrong.
func TestOnATrain(t *testing.T) {
	m := matchtest.New(t, game, matchtest.Options{Seed: 1, Conditions: "4g"})
	for seed := range uint64(3) {
		m.Join(matchtest.Random[World](seed, 9, keysAt))
	}
	m.Run(5 * time.Second)
	m.Uncorrected(func() { m.Run(30 * time.Second) })
	m.Settle()
}

func TestRunAgainIsTheSame(t *testing.T) {
	play := func(r *rand.Rand, _ *World, _ sim.PlayerID) Input { return keysAt(r) }
	if err := matchtest.SyncTest(game, matchtest.SyncOptions[World, Input]{Seed: 1, Play: play}); err != nil {
		t.Error(err)
	}
}

// BenchmarkMatch is how much faster than real time a match of two passes in a test, with 5 % loss.
func BenchmarkMatch(b *testing.B) {
	m := matchtest.New(b, game, matchtest.Options{Seed: 1, Conditions: "delay=25ms,loss=5%"})
	for seed := range uint64(2) {
		m.Join(matchtest.Random[World](seed, 9, keysAt))
	}
	m.Run(2 * time.Second)
	b.ReportAllocs()
	start := m.Now()
	for b.Loop() {
		m.Run(time.Second)
	}
	b.ReportMetric((m.Now()-start).Seconds()/b.Elapsed().Seconds(), "x_realtime")
}
