package replica

import (
	"math/bits"

	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/wire"
)

// Encode appends to dst what turns base into to, for Decode with an equal base; a nil base is the empty
// world. The ticks do not travel. It only reads both, so several may run at the same time.
func (s *schema) Encode(dst []byte, to, base *Snapshot) []byte {
	if base == nil {
		base = s.empty
	}
	var e encoder
	e.w.Reset(dst)
	for i := range s.tables {
		e.table(&s.tables[i], &to.tables[i], &base.tables[i], s.zeros)
	}
	return e.w.Bytes()
}

// encoder writes one delta.
type encoder struct {
	w       wire.BitWriter
	ctx     context
	changed slotSet
}

// slotSet is a set of slots.
type slotSet [sim.MaxRows / 64]uint64

func (s *slotSet) add(slot int) { s[slot/64] |= 1 << (slot % 64) }

func (e *encoder) table(t *table, to, base *lanes, zeros []uint32) {
	n := e.findChanges(to, base)
	e.w.Bool(n > 0)
	if n == 0 {
		return
	}
	e.ctx.start(t)
	e.w.RiceN(uint32(n-1), countK, countRaw)
	k, next := gapK(base.slots, n), 0
	zeros = zeros[:to.stride]
	for i, word := range e.changed[:(max(to.slots, base.slots)+63)/64] {
		for ; word != 0; word &= word - 1 {
			slot := i*64 + bits.TrailingZeros64(word)
			e.w.RiceN(uint32(slot-next), k, gapRaw)
			next = slot + 1
			e.row(t, rowOr(to, slot, zeros), rowOr(base, slot, zeros))
		}
	}
}

// rowOr returns a row of l, or zeros beyond its end.
func rowOr(l *lanes, slot int, zeros []uint32) []uint32 {
	if slot < l.slots {
		return l.row(slot)
	}
	return zeros
}

// findChanges collects the slots whose rows differ and returns their number.
func (e *encoder) findChanges(to, base *lanes) (n int) {
	if len(to.rows) == len(base.rows) && equalLanes(to.rows, base.rows) {
		return 0
	}
	e.changed = slotSet{}
	both := min(to.slots, base.slots)
	for slot := range both {
		if !equalLanes(to.row(slot), base.row(slot)) {
			e.changed.add(slot)
			n++
		}
	}
	for slot := both; slot < base.slots; slot++ {
		if !allZero(base.row(slot)) {
			e.changed.add(slot)
			n++
		}
	}
	return n + e.findNew(to, both)
}

// findNew collects the used slots from end on, where the baseline ends, and as many unused ones as it takes to
// leave no gap of maxGap between them.
func (e *encoder) findNew(to *lanes, end int) (n int) {
	last := to.slots
	for last > end && allZero(to.row(last-1)) {
		last--
	}
	for slot := end; slot < last; slot++ {
		if slot == end+maxGap-1 || !allZero(to.row(slot)) {
			e.changed.add(slot)
			n++
			end = slot + 1
		}
	}
	return n
}

func (e *encoder) row(t *table, row, was []uint32) {
	if row[0] == was[0] && row[0]&aliveBit != 0 && t.constEqual(row[1:], was[1:]) {
		e.w.Bool(false)
		e.update(t, row[1:], was[1:])
		return
	}
	e.w.Bool(true)
	e.whole(t, row, was)
}

// constEqual reports whether the const lanes of two rows are equal.
func (t *table) constEqual(a, b []uint32) bool {
	for _, lane := range t.full {
		if a[lane] != b[lane] {
			return false
		}
	}
	return true
}

// update writes the lanes that changed.
func (e *encoder) update(t *table, row, was []uint32) {
	for g := 0; g*groupLanes < len(row); g++ {
		n, first := groupSize(len(row), g), g*groupLanes
		changed := differences(row[first:], was[first:], n)
		if len(row) > groupLanes {
			e.w.Bool(changed != 0)
			if changed == 0 {
				continue
			}
		}
		same := changed == e.ctx.last[g]
		e.w.Bool(same)
		if !same {
			e.w.Bits(changed, n)
			e.ctx.last[g] = changed
		}
		for ; changed != 0; changed &= changed - 1 {
			lane := first + bits.TrailingZeros32(changed)
			if width := t.ops[lane].width; width > 1 {
				u := residual(row[lane], was[lane], width) - 1
				e.w.RiceN(u, e.ctx.k(lane), uint(width))
				e.ctx.learn(lane, u)
			}
		}
	}
}

// differences returns a bit for each of the first n lanes that differ.
func differences(a, b []uint32, n uint) (set uint32) {
	a, b = a[:n], b[:n]
	for i := range a {
		if a[i] != b[i] {
			set |= 1 << i
		}
	}
	return set
}

// whole writes all of a row that is new, gone, has another owner or another const field.
func (e *encoder) whole(t *table, row, was []uint32) {
	e.w.RiceN((row[0]-was[0])&genBits, genK, genRaw)
	alive := row[0]&aliveBit != 0
	e.w.Bool(alive)
	if !alive {
		return
	}
	sameOwner := (row[0]^was[0])&ownerBits == 0
	e.w.Bool(sameOwner)
	if !sameOwner {
		e.w.Bits(row[0]>>16, 8)
	}
	for first := 0; first < len(t.ops); first += groupLanes {
		e.wholeGroup(t.ops[first:], row[1+first:])
	}
}

// wholeGroup writes the first group of the given lanes.
func (e *encoder) wholeGroup(ops []op, lanes []uint32) {
	n := min(len(ops), groupLanes)
	var set uint32
	for i := range n {
		if lanes[i] != ops[i].zero {
			set |= 1 << i
		}
	}
	e.w.Bits(set, uint(n))
	for ; set != 0; set &= set - 1 {
		i := bits.TrailingZeros32(set)
		if o := &ops[i]; o.width > 1 {
			e.w.Bits(lanes[i], uint(o.width))
		}
	}
}
