package client

import (
	"math"
	"time"

	"github.com/halftick/halftick/netcode/sim"
)

// clock says which tick the player is in: far enough ahead of the server that the input for a tick
// arrives just before the server executes it.
//
// It never asks what time the server has. The server reports how long before its use (the margin) an
// input arrived. The clock remembers when it ran each of its ticks, so a report is a measurement of
// the last moment at which that tick could have been run:
//
//	own time, in ticks  ---|------------------|-----------> u
//	                   tick A was run    the last moment: u = A + offset
//	                       |<-- margin(A) --->|
//
// Offsets do not depend on what the clock does, only on the path and on the two crystals, so steering
// by them cannot oscillate, however long the round trip. The clock aims at having marginTarget ticks
// left by all but lateShare of the newest 128 inputs, even if the caller's frame comes as late as it
// can. Jitter and loss (a lost input arrives with the next message) thereby get the lead they need.
//
// Own time runs as fast as the server makes its ticks, see pace. Ticks in here are counted without wraparound, see unwrap. The zero clock
// is not synced.
type clock struct {
	rate     float64 // ticks per second
	line     timeline
	synced   bool
	last     float64 // own time at the latest advance, in ticks
	pos      float64 // where the player is, in ticks; the fraction is how far the tick has run
	done     int64   // newest tick handed out
	dilation float64

	marks   [clockMarks]mark
	offsets window
	frames  window  // ticks between two calls
	sampled int64   // newest tick with a measured margin
	missed  int64   // newest tick whose input was not there in time
	broken  bool    // the server reports fractions of a tick, not only whole ones
	margin  float64 // of the newest inputs, smoothed, in ticks
	astray  int     // reports in a row that contradict the round trip
	jumps   uint64
	skipped uint64 // ticks never run
}

// mark is when a tick was run, in own time.
type mark struct {
	tick  int64
	at    float64
	known bool
}

// unwrap returns the number without wraparound that is nearest to near and stands for t.
func unwrap(near int64, t sim.Tick) int64 { return near + int64(int32(uint32(t)-uint32(near))) }

func (c *clock) ticks(d time.Duration) float64 { return d.Seconds() * c.rate * (1 - c.line.lack) }

func (c *clock) own(now time.Duration) float64 { return c.line.own(now, c.rate) }

// sync sets the clock by a snapshot of tick a that arrived now, given the round trip. The first
// reports correct it.
func (c *clock) sync(now time.Duration, a int64, rtt time.Duration) {
	c.synced, c.dilation = true, 1
	c.last = c.own(now)
	c.pos = float64(a) + c.ticks(rtt) + firstSpare
	c.done = int64(math.Floor(c.pos))
	c.sampled, c.missed, c.astray = c.done, c.done, 0
	c.offsets.reset()
	clear(c.marks[:])
}

// advance moves on to now. A caller that was away too long gets no burst of ticks: they are skipped.
func (c *clock) advance(now time.Duration) {
	u := c.own(now)
	span := u - c.last
	if !c.synced || span <= 0 {
		return
	}
	c.last = u
	c.pos += span * c.dilation
	most := int64(maxTicksPerAdvance)
	if span > stallAfter.Seconds()*c.rate {
		most = 1
		c.jumps++
	} else {
		c.frames.add(span)
	}
	c.steer()
	if due := int64(math.Floor(c.pos)) - c.done; due > most {
		c.skipped += uint64(due - most)
		c.done += due - most
	}
}

// take hands out the next tick that has begun.
func (c *clock) take() (tick int64, ok bool) {
	if !c.synced || float64(c.done+1) > c.pos {
		return 0, false
	}
	c.done++
	c.marks[uint64(c.done)%clockMarks] = mark{c.done, c.last, true}
	return c.done, true
}

// ran returns when a tick was run, if it was and is remembered.
func (c *clock) ran(tick int64) (at float64, ok bool) {
	m := c.marks[uint64(tick)%clockMarks]
	return m.at, m.known && m.tick == tick
}

// report takes in what the server said in the snapshot of tick a: the newest input it has is for tick
// newest, and the newest one it could use arrived margin ticks before its use.
func (c *clock) report(a, newest int64, margin float64) {
	if _, ours := c.ran(newest); !c.synced || !ours {
		return
	}
	if t := min(a, newest); t > c.sampled {
		c.sampled = t
		c.broken = c.broken || margin != math.Trunc(margin)
		c.margin += (margin - c.margin) / 16
		c.sample(t, margin)
	}
	if newest < a && a > c.missed {
		c.missed = a
		c.sample(a, 0) // how late it will be is not known yet, but its margin is below 0
	}
}

func (c *clock) sample(t int64, margin float64) {
	at, ok := c.ran(t)
	if !ok {
		return
	}
	c.offsets.add(at + margin - float64(t))
	switch e := c.err(); {
	case e > c.patience(lateSnap):
		c.jump(e)
	case e+c.slack() < -c.patience(earlySnap):
		c.jump(e + c.slack())
	}
}

// err returns by how many ticks the player should be further ahead.
func (c *clock) err() float64 {
	if c.offsets.n == 0 {
		return 0
	}
	goal := c.last - c.offsets.quantile(lateShare) + marginTarget + c.frames.quantile(slowShare)
	return goal - c.pos
}

// slack returns the error in ticks below 0 that is left alone. Few samples do not show the worst yet;
// and while the server knows the arrival of inputs only by the tick, a margin of 1 may be nearly 2.
func (c *clock) slack() float64 {
	if c.broken && c.offsets.n == windowSize {
		return 0
	}
	return 1
}

// patience is the error in ticks up to which the clock is steered. The first guess is taken less seriously.
func (c *clock) patience(settled float64) float64 {
	if c.offsets.n < settledSamples {
		return 1
	}
	return settled
}

// steer sets the speed.
func (c *clock) steer() {
	e := c.err()
	if e < 0 {
		e = min(e+c.slack(), 0)
	}
	c.dilation = 1 + max(-maxDilation, min(steerGain*e, maxDilation))
}

// jump moves the player by e ticks. Ticks jumped over are never run. Ticks jumped back over are run
// again; where the server already has an input for them it keeps the first.
func (c *clock) jump(e float64) {
	c.jumps++
	c.pos += e
	if due := int64(math.Floor(c.pos)) - c.done; due > maxTicksPerAdvance {
		c.skipped += uint64(due - maxTicksPerAdvance)
		c.done += due - maxTicksPerAdvance
	} else if due < 0 {
		c.done += due
		c.sampled = min(c.sampled, c.done)
	}
}

// check compares the lead over the snapshot of tick a, which arrived just now, with the round trip.
// A server that stood still, or a path that changed a lot, leaves the two far apart while no input is
// usable, and so no margin is reported. When that lasts, the clock starts anew.
func (c *clock) check(now time.Duration, a int64, rtt time.Duration) {
	lead := c.pos - float64(a) - c.ticks(rtt)
	if math.Abs(lead) <= astrayTicks {
		c.astray = 0
		return
	}
	if c.astray++; c.astray >= astrayReports {
		c.jumps++
		c.sync(now, a, rtt)
	}
}

// fraction returns how much of the newest tick has passed at now, 0 to 1.
func (c *clock) fraction(now time.Duration) float64 {
	ahead := c.pos + (c.own(now)-c.last)*c.dilation - float64(c.done)
	return max(0, min(ahead, 1))
}

// lead returns how far the player is ahead of the snapshot of tick a.
func (c *clock) lead(a int64) float64 {
	if !c.synced {
		return 0
	}
	return c.pos - float64(a)
}
