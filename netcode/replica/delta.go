package replica

import (
	"math/bits"

	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/wire"
)

// A delta is a stream of bits (see package wire) that says how a world looks at a tick, to somebody who has a
// snapshot of it from before, the base, and perhaps an older one. For each row the older and the base show how it moves, and so
// where it is to be expected. What is as expected costs nearly nothing.
//
//	1      0: the rows that do not come whole are all as of this tick. 1: some stay as they are in the base
//	       then per table, in the order of the plan:
//	1      is there anything to say? if not nothing follows: the rows are as expected or, with 1 above, stay
//	       unless it is the globals, the rows that come whole:
//	Rice   their number                        k = 0, raw 13; for each of them, by slot:
//	Rice   slots skipped                       k from the mean gap, raw 12
//	       a whole row
//	       then sets of the other rows that the base has, by slot (see runs):
//	set    of all, if some stay: those as of this tick; of which the living ones
//	set    of those in motion: not as expected
//	set    of those at rest: not as expected
//	set    of the first of these: stormy, which is off by more than one, or has changes in lanes that were not in motion
//	       then the residuals of each row that is not as expected, by slot
//
// Whole row:
//
//	Rice   generation - base's, modulo 2^16    k = 1, raw 16
//	1      alive? if not, nothing follows
//	1      is the owner the base's? if not: 8 bits of owner
//	       then per group of 32 lanes a bit per lane: differs from the zero value?
//	       and for each that does, if wider than one bit: the lane in width bits
//
// Residuals, the zig-zag of (lane - expected) modulo 2^width, or of its opposite for lanes that are expected at their value or above it
// (see laneGroup), per group of 32 lanes:
//
//	1      has the group any? (absent when the row has only one group)
//	       of calm rows, which are the others in motion:
//	       a code of trits.go for each three of the lanes in motion, the sure ones first
//	       of stormy ones, for each lane in motion:
//	Rice   the residual                                       k adapts, raw width
//	       then, of rows at rest and stormy ones:
//	1      are there other lanes that changed? (absent for rows at rest with only one group)
//	1      are they those of the last such row of the table, as far as they are not in motion now?
//	32     if not: which, a bit per lane (fewer in the last group)
//	       then for each wider than one bit:
//	Rice   the residual, less 1                               k adapts, raw width
//
// Rows are in motion when they live in base and older with the same generation, and any lane differs; both times
// may be other ticks than those of the snapshots, as rows have ages (see EncodeRows). Their lanes for quantities are expected
// on the straight line through both states, the others as they were: see motion. A vector is in motion whole: see vector. Rotations whose largest component
// changes are converted first: see predictQuat and turn.
//
// Slots beyond the base's last used one hold nothing. Rows that are older than MaxAge are nothing, too, at both ends.
// The last byte is padded with zero bits.
const (
	groupLanes = 32
	maxGroups  = MaxLanes / groupLanes

	slotRaw      = 12 // bits of a slot, a gap or a run
	genK, genRaw = 1, 16
	fewK         = 0 // of counts that are mostly 0
	runsK        = 3 // of the number of runs in a set
)

// No count and no gap is above the limit of a table.
const _ = uint(sim.MaxRows - 1<<slotRaw)

// slotSet is a set of slots of one table.
type slotSet [sim.MaxRows / 64]uint64

func (s *slotSet) add(slot int)      { s[slot/64] |= 1 << (slot % 64) }
func (s *slotSet) has(slot int) bool { return s[slot/64]>>(slot%64)&1 != 0 }

// gapK returns the Rice parameter for gaps when n of so many slots are named.
func gapK(slots, n int) uint {
	return uint(bits.Len32(uint32(max(slots-n, 0)/n) * 11 / 16))
}

// groupSize returns the number of lanes in group g of a row of n lanes.
func groupSize(n, g int) uint { return uint(min(n-g*groupLanes, groupLanes)) }

// groupBounds returns the first lane of group g of a row of n lanes, and the one behind its last.
func groupBounds(n, g int) (from, to int) { return g * groupLanes, min(n, (g+1)*groupLanes) }

// groups returns the number of groups of a row of n lanes.
func groups(n int) int { return (n + groupLanes - 1) / groupLanes }

// mean is 16 times the running mean of some numbers that are sent. Both ends keep it alike.
type mean uint32

func meanOf(v uint32) mean { return mean(16 * min(v, maxLearn)) }

// k returns the Rice parameter for the next number. With numbers that fall off geometrically from a mean
// of m, the shortest codes have k near log2(0.69 m).
func (m mean) k() uint { return uint(bits.Len32(uint32(m) * 11 >> 8)) }

// learn takes note of a number.
func (m *mean) learn(v uint32) { *m += mean(min(v, maxLearn)*4) - *m/4 }

// learnSlowly takes note of a number of which each says little: m is 256 times a mean of more of them.
func (m *mean) learnSlowly(v uint32) { *m += mean(v*16) - *m/16 }

// maxLearn keeps 11 * 16 * mean below 2^32. Numbers above it are as good as raw.
const maxLearn = 1 << 24

// context is what both ends have learned from the rows of the table so far.
type context struct {
	last [maxGroups]uint32 // the lanes that changed unexpectedly in the last row where any did
	calm [2][contexts]mean // residuals of lanes that were in motion, of calm rows: those that are sure, and the others
	hot  [2][contexts]mean // and of others, after a small residual and a large one
	cold [contexts]mean    // residuals of lanes that were not
}

// contexts is the number of lanes that adapt on their own; lane n shares with lane n mod 64.
const contexts = 64

// start resets the context for a table's rows. What was in motion is expected nearly where it was predicted;
// what begins to move is expected to need half of its bits.
func (c *context) start(t *table) {
	clear(c.last[:groups(len(t.ops))])
	for i := range min(len(t.ops), contexts) {
		c.calm[0][i], c.calm[1][i], c.hot[0][i], c.hot[1][i] = calmStart, unsureStart, hotStart, farStart
		c.cold[i] = 16 << (t.ops[i].width / 2)
	}
}

const (
	calmStart   = 256 / 2
	unsureStart = 256 / 2
	hotStart    = 16 * 3
	farStart    = 16 * 12
)

// leastFar is the residual from which on the lanes after it are expected to be far off, too.
const leastFar = 6

func far(u uint32) int {
	if u >= leastFar {
		return 1
	}
	return 0
}

// rowKind says how a living row is written that the receiver has.
type rowKind uint8

const (
	unknown rowKind = iota
	resting         // at rest, as it was
	atRest          // at rest, with residuals
	flying          // in motion, as predicted
	calm            // in motion, with residuals, and off by one at most
	stormy          // in motion, with residuals
	renewed         // whole: a const lane changed
)

// residual returns the zig-zag difference of a lane to what was predicted for it, modulo 2^width; with above 1 that of the opposite.
func residual(lane, predicted uint32, shift uint8, above uint32) uint32 {
	d := (lane - predicted ^ -above) + above
	return wire.ZigZag(int32(d<<(shift&31)) >> (shift & 31))
}

// corrected returns the lane of a residual.
func corrected(predicted, u, above uint32) uint32 {
	return predicted + (uint32(wire.UnZigZag(u)) ^ -above) + above
}
