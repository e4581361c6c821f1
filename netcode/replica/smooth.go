package replica

import "github.com/halftick/halftick/netcode/sim"

// SmoothKey names one smooth float of one row for as long as the row lives. It is comparable.
type SmoothKey struct {
	Row   sim.ID // generation 1, slot 0 for the globals
	Table uint16 // place in Tables
	Lane  uint16 // place in the row
	Angle bool   // radians: differences go the shortest way round
}

// Smooth calls visit for every field tagged smooth of every row that a client of player me predicts, in a fixed order. The
// pointers are valid until visit returns. What visit writes is seen by whoever draws w; it is not snapped
// to the grid.
func (p *Plan[W]) Smooth(w *World[W], me sim.PlayerID, visit func(key SmoothKey, v *float32)) {
	for i := range p.tables {
		if t := &p.tables[i]; len(t.smooth) > 0 && !t.global() {
			t.visitSmooth(w.rows[i], uint16(i), ownedBy(me), visit)
		}
	}
}

func (t *table) visitSmooth(r sim.Rows, index uint16, mine uint32, visit func(SmoothKey, *float32)) {
	for slot := range r.Slots() {
		m := r.Meta(slot)
		if !t.predicts(packMeta(m), mine) {
			continue
		}
		for _, lane := range t.smooth {
			o := &t.ops[lane]
			visit(SmoothKey{
				Row:   sim.ID(m.Gen)<<16 | sim.ID(slot),
				Table: index,
				Lane:  uint16(lane),
				Angle: o.kind == kindAngle,
			}, at[float32](r.Row(slot), o))
		}
	}
}
