package server

import (
	"math"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// InputCounters say what became of a player's commands (Accepted, Duplicate, Late, Early: each
// received command is exactly one of them) and of its ticks (Executed, Missing: each tick since the
// first accepted command is exactly one of them).
type InputCounters struct {
	Accepted  uint64 // buffered for their tick
	Duplicate uint64 // another copy had arrived before
	Late      uint64 // their tick had already been executed
	Early     uint64 // too far ahead of the server
	Executed  uint64 // ticks executed with the input made for them
	Missing   uint64 // ticks whose input was not there
	Repeated  uint64 // of the missing: the input before was used again; for the rest a neutral one
}

func (c *InputCounters) add(o InputCounters) {
	c.Accepted += o.Accepted
	c.Duplicate += o.Duplicate
	c.Late += o.Late
	c.Early += o.Early
	c.Executed += o.Executed
	c.Missing += o.Missing
	c.Repeated += o.Repeated
}

// present is where the server stands in time: the newest executed tick and when that was.
type present struct {
	tick   sim.Tick
	at     time.Duration
	period time.Duration // of a tick
}

// units converts a time span to 1/32 tick, saturating.
func (p present) units(d time.Duration) int16 {
	u := int64(d) * viewUnits / int64(p.period)
	return int16(max(math.MinInt16, min(u, math.MaxInt16)))
}

// inputBuffer holds one player's commands until their tick:
//
//	<- 47 ticks: told apart as late or duplicate -> now <- inputWindow: waiting -> early: dropped
//
// It executes each tick at most once. The zero inputBuffer is empty.
type inputBuffer[I any] struct {
	slots   [inputSlots]inputSlot[I]
	started bool // a command has been accepted; before that, no tick counts as missing
	current I    // the input of the newest executed tick
	view    uint16
	ack     replica.SnapshotAck // of the message that is being taken in
	shown   replica.SnapshotAck // of the message that brought current: what its screen was made from
	repeats int                 // ticks in a row that current has been repeated
	newest  sim.Tick            // of the commands received, once started
	margin  int16               // how long before its use the newest command arrived, in 1/32 tick; negative: late
	missed  bool                // a tick was missing since the flag was last cleared
	early   bool                // a command was too far ahead since then
	counts  InputCounters
}

type inputSlot[I any] struct {
	tick sim.Tick
	seen bool
	at   time.Duration // arrival
	view uint16
	ack  replica.SnapshotAck
	in   I
}

// offer takes in a command that arrived at time at.
func (b *inputBuffer[I]) offer(c *replica.Command[I], at time.Duration, p present) {
	ahead := c.Tick.Sub(p.tick)
	if ahead > inputWindow {
		b.counts.Early++
		b.early = true
		return
	}
	if ahead <= inputWindow-inputSlots {
		b.counts.Late++
		return
	}
	s := &b.slots[c.Tick%inputSlots]
	if s.seen && s.tick == c.Tick {
		b.counts.Duplicate++
		return
	}
	*s = inputSlot[I]{tick: c.Tick, seen: true, at: at, view: c.View, ack: b.ack, in: c.Input}
	b.note(c.Tick)
	if ahead <= 0 {
		b.counts.Late++
		used := p.at - time.Duration(-ahead)*p.period
		b.margin = min(p.units(used-at), -1)
		return
	}
	b.counts.Accepted++
	b.started = true
}

func (b *inputBuffer[I]) note(t sim.Tick) {
	if b.counts.Accepted+b.counts.Late == 0 || b.newest.Before(t) {
		b.newest = t
	}
}

// next moves on to the tick p.tick, executed at p.at, and leaves its input in current and its view
// in view: the one made for it, else the one before for up to maxRepeat ticks, else neutral. A view
// outlives its input, since the player's screen lags the same. It must be called once per tick.
func (b *inputBuffer[I]) next(p present, neutral I) {
	if s := &b.slots[p.tick%inputSlots]; s.seen && s.tick == p.tick {
		b.counts.Executed++
		b.repeats = 0
		b.current, b.view, b.shown = s.in, s.view, s.ack
		b.margin = max(p.units(p.at-s.at), 0)
		return
	}
	if !b.started {
		b.current = neutral
		return
	}
	b.missed = true
	b.counts.Missing++
	if b.repeats < maxRepeat {
		b.repeats++
		b.counts.Repeated++
		return
	}
	b.current = neutral
}
