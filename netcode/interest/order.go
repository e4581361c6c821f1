package interest

import "math/bits"

// Order puts rows that do not all fit into a message in the order in which they matter: by weight times
// age, where the age is how many messages a row has not been in. What is left out grows older and comes first in the end.
//
// It is a counting sort in two passes over the rows: Add for each, Begin, then Place for each in the same order.
// The zero Order is empty.
type Order struct {
	next [levels]int // rows of the level; from Begin on the place of its next one
}

// Levels are log-linear, 8 to the power of two, so that the order is right but for an eighth of a rank. The
// last one is for rows that are not to wait for anybody.
const (
	levelBits = 3
	levels    = 22<<levelBits + 1
	Urgent    = levels - 1
)

// Level returns the level of a row of some weight, 1 to 255, that has not been told for age messages.
func Level(weight uint8, age uint16) int {
	v := uint32(max(weight, 1)) * (uint32(age) + 1)
	if v < 1<<levelBits {
		return int(v)
	}
	e := bits.Len32(v) - 1 - levelBits
	return (e+1)<<levelBits | int(v>>e)&(1<<levelBits-1)
}

// Reset makes the order empty.
func (o *Order) Reset() { *o = Order{} }

// Add announces a row of a level.
func (o *Order) Add(level int) { o.next[level]++ }

// Begin ends the first pass.
func (o *Order) Begin() {
	at := 0
	for i := levels - 1; i >= 0; i-- {
		n := o.next[i]
		o.next[i] = at
		at += n
	}
}

// Place returns the place of a row, from 0 on. Of one level, those placed first come first.
func (o *Order) Place(level int) int {
	o.next[level]++
	return o.next[level] - 1
}
