package replica

import (
	"fmt"
	"math"

	"github.com/halftick/halftick/netcode/sim"
)

// Difference is the first thing in which two worlds differ: A is the one, B the other.
type Difference struct {
	Tick  sim.Tick // of A
	Table string   // "globals" for fields outside of tables
	Slot  int      // of the row
	RowA  sim.RowMeta
	RowB  sim.RowMeta // unlike RowA when one of them is free, another row's or another owner's: then there is no Field
	Field string      // such as "Pos.X"
	A, B  string      // its values in the game's units, with their lanes
}

// String names tick, table, row, owner, field and both values in one line.
func (d Difference) String() string { return fmt.Sprintf("tick %d: %s", d.Tick, d.inRow()) }

func (d Difference) inRow() string {
	if d.Field == "" {
		return fmt.Sprintf("%s slot %d: %s != %s", d.Table, d.Slot, describeMeta(d.RowA), describeMeta(d.RowB))
	}
	return fmt.Sprintf("%s slot %d (%s) %s: %s != %s", d.Table, d.Slot, describeMeta(d.RowA), d.Field, d.A, d.B)
}

func describeMeta(r sim.RowMeta) string {
	if !r.Alive {
		return fmt.Sprintf("free, generation %d", r.Gen)
	}
	return fmt.Sprintf("generation %d, owner %d", r.Gen, r.Owner)
}

// Equal reports whether a and b are the same world to the last lane, free slots included. Ticks do not count.
func (s *schema) Equal(a, b *Snapshot) bool {
	_, _, differ := s.otherRow(a, b, anybody)
	return !differ
}

// Diff names the first difference of a and b but for the tick, or returns "" when they are equal.
func (s *schema) Diff(a, b *Snapshot) string {
	d, differ := s.FirstDifference(a, b)
	if !differ {
		return ""
	}
	return d.inRow()
}

// FirstDifference finds the first difference of a and b, in the order of tables, slots and fields.
func (s *schema) FirstDifference(a, b *Snapshot) (d Difference, differ bool) {
	return s.difference(a, b, anybody)
}

// FirstDifferencePredicted is FirstDifference of the rows that a client of player me predicts, as EqualPredicted compares them: a is the
// guess.
func (s *schema) FirstDifferencePredicted(a, b *Snapshot, me sim.PlayerID) (d Difference, differ bool) {
	return s.difference(a, b, ownedBy(me))
}

// anybody stands for a player where all rows are compared, free ones too.
const anybody = 0

func (s *schema) difference(a, b *Snapshot, mine uint32) (d Difference, differ bool) {
	i, slot, differ := s.otherRow(a, b, mine)
	if !differ {
		return d, false
	}
	zeros := s.zeros[:s.tables[i].stride()]
	d = s.rowDifference(i, rowOr(&a.tables[i], slot, zeros), rowOr(&b.tables[i], slot, zeros))
	d.Tick, d.Slot = a.Tick, slot
	return d, true
}

// otherRow finds the first row in which two snapshots differ, or guess a of the client that owns the rows of mine was wrong about b.
func (s *schema) otherRow(a, b *Snapshot, mine uint32) (index, slot int, differ bool) {
	for i := range s.tables {
		la, lb := &a.tables[i], &b.tables[i]
		zeros := s.zeros[:la.stride]
		for slot := range max(la.slots, lb.slots) {
			differ := false
			if mine == anybody {
				differ = !equalLanes(rowOr(la, slot, zeros), rowOr(lb, slot, zeros))
			} else {
				differ = s.tables[i].mispredicted(la, lb, slot, mine)
			}
			if differ {
				return i, slot, true
			}
		}
	}
	return 0, 0, false
}

// rowDifference names the first difference of two rows of table i, which do differ.
func (s *schema) rowDifference(i int, a, b []uint32) Difference {
	t := &s.tables[i]
	d := Difference{Table: t.name, RowA: unpackMeta(a[0]), RowB: unpackMeta(b[0])}
	if a[0] != b[0] {
		return d
	}
	for lane := range t.ops {
		if a[1+lane] != b[1+lane] {
			d.Field, d.A, d.B = t.paths[lane], t.describe(lane, a[1:]), t.describe(lane, b[1:])
			return d
		}
	}
	return d
}

// describe returns the value of a field for people, given one of its lanes.
func (t *table) describe(lane int, lanes []uint32) string {
	o := &t.ops[lane]
	switch o.kind {
	case kindQuant, kindAngle, kindFloat:
		return fmt.Sprintf("%v (lane %d)", o.float(lanes[lane]), lanes[lane])
	case kindBool:
		return fmt.Sprint(lanes[lane] != 0)
	case kindLow:
		return describeWide(lanes[lane], lanes[lane+1])
	case kindHigh:
		return describeWide(lanes[lane-1], lanes[lane])
	}
	return fmt.Sprint(int64(lanes[lane]) + o.lo)
}

// describeWide returns a 64-bit integer, of which a lane does not tell whether it is signed.
func describeWide(low, high uint32) string {
	v := uint64(high)<<32 | uint64(low)
	if v > math.MaxInt64 {
		return fmt.Sprintf("%d (%#x)", int64(v), v)
	}
	return fmt.Sprint(v)
}
