package main

import (
	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/arena"
)

type arenaClient = client.Client[arena.World, arena.Input]

// robot is one client with a bot at the keys.
type robot struct {
	client *arenaClient
	brain  *arena.Bot
	intent arena.Input  // for the next frame
	last   client.Stats // as of the latest frame
	start  client.Stats // at the beginning of what is reported
	final  client.Stats // at its end
	asked  uint64       // reliable messages sent by then
	gone   error        // why the session ended before its time
}

// frame plays one frame, the way a window would: update, look, decide what to do in the next. Looking before
// the update, after a stall, would set the view back: what arrived meanwhile has not been taken in.
func (r *robot) frame() {
	if r.gone != nil {
		return
	}
	r.gone = r.client.Update(r.intent)
	r.last = r.client.Stats()
	if me := r.client.Player(); me != 0 {
		r.intent = r.brain.Think(r.client.View(), me, r.last.Tick)
	}
}

// idle keeps the session going without playing.
func (r *robot) idle() {
	if r.gone != nil {
		return
	}
	r.gone = r.client.Update(arena.Input{})
	r.last = r.client.Stats()
}

// delivered returns how many of the reliable messages asked about were answered, exactly once and in order.
func (r *robot) delivered() uint64 { return min(r.last.ReliableDelivered, r.asked) }

// settled reports whether the fate of all of them is known.
func (r *robot) settled() bool {
	return r.gone != nil || r.last.ReliableDelivered+r.last.ReliableLost >= r.asked
}
