package replica

import "github.com/halftick/halftick/netcode/sim"

// Row names a row of a world for EncodeRows.
type Row struct {
	Table  uint16 // place in Tables
	Slot   uint16
	Hidden bool // the receiver is to have no such row, whatever the world says
}

// View is what a server remembers of a snapshot that it sent to one client: how old each row is. The rows themselves are
// in the server's past worlds, one byte per row is here. Reused, it does not allocate.
type View struct {
	Tick   sim.Tick
	whole  bool      // every row is of Tick, and ages means nothing
	tables [][]uint8 // ages by slot in ticks; ageless: the client has no such row, or none that is remembered
}

// ageless is the age of rows that are not known. Ages that would become higher become ageless.
const ageless = 255

// later returns an age some ticks later.
func later(age uint8, span int) uint8 { return uint8(min(int(age)+span, ageless)) }

// SetWhole makes v the view after Encode: all of the world of tick t.
func (v *View) SetWhole(t sim.Tick) { v.Tick, v.whole = t, true }

// Set makes v the view after EncodeRows of these rows of to, as far as they were taken, against base, nil for none.
// base must not be v.
func (v *View) Set(to *Snapshot, base *View, rows []Row) {
	v.Tick, v.whole = to.Tick, false
	for len(v.tables) < len(to.tables) {
		v.tables = append(v.tables, nil)
	}
	for i := range v.tables {
		ages := v.tables[i][:0]
		for slot := range to.tables[i].slots {
			age := uint8(ageless)
			if base != nil {
				age = later(base.age(i, slot), to.Tick.Sub(base.Tick))
			}
			ages = append(ages, age)
		}
		v.tables[i] = ages
	}
	v.tables[0][0] = 0
	for _, r := range rows {
		v.tables[r.Table][r.Slot] = 0
		if r.Hidden {
			v.tables[r.Table][r.Slot] = ageless
		}
	}
}

func (v *View) age(table, slot int) uint8 {
	switch {
	case v.whole:
		return 0
	case slot >= len(v.tables[table]):
		return ageless
	}
	return v.tables[table][slot]
}

// Age returns how many ticks before the view's a row was what the client has of it; false: it has no such row, or
// had it for so long that it counts as none.
func (v *View) Age(r Row) (ticks int, ok bool) {
	a := v.age(int(r.Table), int(r.Slot))
	return int(a), a != ageless
}

// LoadView makes dst what the client holds after the snapshot of v, as a baseline. past returns the world of a tick, nil when it is
// no longer kept; it keeps those of MaxAge ticks and the present one.
func (s *schema) LoadView(dst *Snapshot, v *View, past func(sim.Tick) *Snapshot) {
	if v.whole {
		s.loadWhole(dst, past(v.Tick))
		dst.Tick = v.Tick
		return
	}
	dst.Tick = v.Tick
	for i := range s.tables {
		l := &dst.tables[i]
		l.ages = append(l.ages[:0], v.tables[i]...)
		l.resize(len(l.ages))
		var world *Snapshot
		of := ageless
		for slot, age := range l.ages {
			if int(age) != of {
				world, of = nil, int(age)
				if age != ageless {
					world = past(v.Tick - sim.Tick(age))
				}
			}
			row := s.tables[i].nothing
			if world != nil {
				row = rowOr(&world.tables[i], slot, row)
			}
			copy(l.row(slot), row)
		}
	}
}

func (s *schema) loadWhole(dst, world *Snapshot) {
	if world == nil {
		world = s.empty
	}
	dst.copyRows(world)
}

// Age returns how many ticks before s.Tick a row was what s says; ageless ones are 255.
func (s *Snapshot) Age(r Row) uint8 {
	l := &s.tables[r.Table]
	if len(l.ages) == 0 || int(r.Slot) >= len(l.ages) {
		return 0
	}
	return l.ages[r.Slot]
}

// Slots returns the number of slots of a table, the place of which in Tables is given.
func (s *Snapshot) Slots(table int) int { return s.tables[table].slots }

// Meta returns the state of a row, free beyond the end of its table.
func (s *Snapshot) Meta(r Row) sim.RowMeta { return unpackMeta(s.tables[r.Table].meta(int(r.Slot))) }

// Same reports whether a row is the same in a and b, to the last lane.
func (s *schema) Same(a, b *Snapshot, r Row) bool {
	none, slot := s.tables[r.Table].nothing, int(r.Slot)
	return equalLanes(rowOr(&a.tables[r.Table], slot, none), rowOr(&b.tables[r.Table], slot, none))
}
