// Package threads holds games that start goroutines and wait for them.
package threads

import (
	"iter"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/halftick/halftick/netcode/sim"
)

type world struct{ N uint32 }

type input struct{}

type ctx = sim.Ctx[world, input]

// rules has methods that a game is made of.
type rules struct {
	shared sync.Map
	count  atomic.Uint32
}

func (r *rules) step(c *ctx, w *world) {
	ch := make(chan uint32, 1)
	go func() { // want `Step > step: starts a goroutine: goroutines take turns at random`
		ch <- 1 // want `sends on a channel`
	}()
	w.N = <-ch     // want `receives from a channel`
	for range ch { // want `receives from a channel`
	}
	select { // want `Step > step: select`
	default:
	}
	r.shared.Range(func(k, v any) bool { return true }) // want `sync.Range shares memory between goroutines`
	r.count.Add(1)                                      // want `sync/atomic.Add shares memory`
	runtime.Gosched()                                   // want `runtime.Gosched asks the runtime`
	next, _ := iter.Pull(seq)                           // want `iter.Pull starts a coroutine`
	_, _ = next()
	for range seq {
		w.N++
	}
}

func seq(yield func(int) bool) { yield(1) }

func game() *sim.Game[world, input] {
	r := &rules{}
	return &sim.Game[world, input]{Name: "threads", Step: r.step}
}
