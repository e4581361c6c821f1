package replica

import (
	"math/bits"

	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/wire"
)

// A delta is a stream of bits (see package wire) that says how one snapshot differs from another, its
// baseline. Per table, in the order of the plan:
//
//	1      has the table changed? if not, nothing follows
//	Rice   number of changed rows - 1          k = 3, raw 12 bits
//	       then for each of them, by slot:
//	Rice   unchanged slots skipped             k from the mean gap, raw 12 bits
//	1      0: an update of a living row, 1: a whole row
//
// Update: per group of 32 lanes
//
//	1      has the group changed? (absent when the row has only one group)
//	1      are the changed lanes the same as in the last updated row of the table?
//	32     if not: which, a bit per lane (fewer in the last group)
//	       then for each changed lane wider than one bit:
//	Rice   zig-zag of (new - old) modulo 2^width, - 1     k adapts, raw width bits
//
// Whole row:
//
//	Rice   generation - baseline's, modulo 2^16           k = 1, raw 16 bits
//	1      alive? if not, nothing follows
//	1      is the owner the baseline's? if not: 8 bits of owner
//	       then per group of 32 lanes a bit per lane: differs from the zero value?
//	       and for each that does, if wider than one bit: the lane in width bits
//
// What is not mentioned is as in the baseline. Slots beyond the end of the baseline are free with
// generation 0. The last byte is padded with zero bits.
const (
	countK, countRaw = 3, 12
	gapRaw           = 12
	genK, genRaw     = 1, 16
	groupLanes       = 32
	maxGroups        = MaxLanes / groupLanes
)

// No count is above the limit of a table.
const _ = uint(sim.MaxRows - 1<<countRaw)

// gapK returns the Rice parameter for gaps when n rows of a table with so many slots have changed.
func gapK(slots, n int) uint {
	return uint(bits.Len32(uint32(max(slots-n, 0)/n) * 11 / 16))
}

// groupSize returns the number of lanes in group g of a row of n lanes.
func groupSize(n, g int) uint { return uint(min(n-g*groupLanes, groupLanes)) }

// context is what both ends have learned from the rows of the table so far.
type context struct {
	last [maxGroups]uint32 // the changed lanes of the last updated row
	mean [contexts]uint32  // 16 times the mean of the lane's latest residuals
}

// contexts is the number of lanes that adapt on their own; lane n shares with lane n mod 64.
const contexts = 64

// start resets the context for a table's rows: a lane's residuals are expected to need half its bits.
func (c *context) start(t *table) {
	clear(c.last[:(len(t.ops)+groupLanes-1)/groupLanes])
	for i := range min(len(t.ops), contexts) {
		c.mean[i] = 16 << (t.ops[i].width / 2)
	}
}

// k returns the Rice parameter for the next residual of a lane. With residuals that fall off
// geometrically from a mean of m, the shortest codes have k near log2(0.69 m).
func (c *context) k(lane int) uint { return uint(bits.Len32(c.mean[lane%contexts] * 11 >> 8)) }

// learn takes note of a lane's residual.
func (c *context) learn(lane int, u uint32) {
	m := &c.mean[lane%contexts]
	*m += min(u, maxLearn)*4 - *m/4
}

// maxLearn keeps 11 * 16 * mean below 2^32. Residuals above it are as good as raw.
const maxLearn = 1 << 24

// residual returns the zig-zag difference of two lanes of a width, modulo 2^width.
func residual(lane, was uint32, width uint8) uint32 {
	shift := 32 - width
	return wire.ZigZag(int32((lane-was)<<shift) >> shift)
}
