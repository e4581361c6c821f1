package client

import (
	"math"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// viewUnits is the number of units of Command.View, and of the server's margins, in a tick.
const viewUnits = 32

// serverRepeats is for how many ticks the server repeats an input when the next ones are missing.
const serverRepeats = 3

// commands is what the player wanted, tick by tick. It feeds the server and every replay. The zero
// commands is empty.
type commands[I any] struct {
	ring   [historyTicks]command[I]
	newest int64
	run    int   // how many ticks without a gap end in the newest
	acked  int64 // newest that the server has

	window [replica.MaxCommands]replica.Command[I]
}

type command[I any] struct {
	tick  int64
	known bool
	replica.Command[I]
}

// put keeps the input for a tick, made while the screen was at the moment view.
func (c *commands[I]) put(tick int64, in I, view uint16) {
	if tick == c.newest+1 {
		c.run++
	} else {
		c.run = 1
	}
	c.newest = tick
	c.ring[uint64(tick)%historyTicks] = command[I]{tick, true, replica.Command[I]{Tick: sim.Tick(tick), View: view, Input: in}}
}

// effective returns the command that the server executes for a tick: the one made for it, or the one
// before for a few ticks, or nil, which means the neutral input.
func (c *commands[I]) effective(tick int64) *replica.Command[I] {
	for t := tick; t >= tick-serverRepeats; t-- {
		if e := &c.ring[uint64(t)%historyTicks]; e.known && e.tick == t {
			return &e.Command
		}
	}
	return nil
}

// unsent returns the commands for the next message: those that the server did not have when it last
// said so, at most the newest 32, and at least the newest. Borrowed until the next call.
func (c *commands[I]) unsent() []replica.Command[I] {
	n := max(1, min(int(min(c.newest-c.acked, replica.MaxCommands)), c.run))
	for i := range n {
		c.window[i] = c.ring[uint64(c.newest-int64(n-1-i))%historyTicks].Command
	}
	return c.window[:n]
}

// viewOf returns how far the moment pos lies before a tick, in units of Command.View.
func viewOf(tick int64, pos float64) uint16 {
	return uint16(max(0, min(math.Round((float64(tick)-pos)*viewUnits), math.MaxUint16)))
}
