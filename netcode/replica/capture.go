package replica

import (
	"unsafe"

	"github.com/halftick/halftick/netcode/sim"
)

// Capture records the lanes of w in dst and snaps the fields of w to them: values out of range are
// clamped, others move to the nearest value of their grid, NaN and infinities go. Server fields stay.
// dst.Tick is left alone. A Restore of dst gives the same lanes again.
func (p *Plan[W]) Capture(dst *Snapshot, w *World[W]) { p.capture(dst, w.rows) }

// Restore makes w the world that s recorded. Server fields become zero.
func (p *Plan[W]) Restore(w *World[W], s *Snapshot) { p.restore(w.rows, s) }

func (s *schema) capture(dst *Snapshot, w rows) {
	for i := range s.tables {
		t, l, r := &s.tables[i], &dst.tables[i], w[i]
		n := r.Slots()
		l.resize(n)
		l.ages = l.ages[:0]
		for slot := range n {
			m, row := r.Meta(slot), l.row(slot)
			row[0] = packMeta(m)
			if m.Alive {
				t.captureRow(row[1:], r.Row(slot))
			} else {
				clear(row[1:])
			}
		}
	}
}

// captureRow fills the lanes of a row and snaps its fields.
func (t *table) captureRow(lanes []uint32, row unsafe.Pointer) {
	lanes = lanes[:len(t.ops)]
	for i := range t.ops {
		o := &t.ops[i]
		switch o.kind {
		case kindQuat:
			o.captureQuat(lanes[i:], row)
		case kindQuatPart: // done with its first lane
		case kindCustom: // below
		case kindQuant:
			p := at[float32](row, o)
			lanes[i] = o.quant.Lane(*p)
			*p = o.quant.Value(lanes[i])
		case kindAngle:
			p := at[float32](row, o)
			lanes[i] = o.angle.Lane(*p)
			*p = o.angle.Value(lanes[i])
		default:
			lanes[i] = o.load(row)
			if o.clamps {
				o.store(row, lanes[i])
			}
		}
	}
	for i := range t.customs {
		t.customs[i].capture(t, lanes, row)
	}
}

func (s *schema) restore(w rows, from *Snapshot) {
	for i := range s.tables {
		t, l, r := &s.tables[i], &from.tables[i], w[i]
		n := l.slots
		for slot := range n {
			t.restoreRow(r, slot, l.row(slot))
		}
		clearFrom(r, n)
	}
}

// restoreRow makes a slot of a world what a row of a snapshot says.
func (t *table) restoreRow(r sim.Rows, slot int, row []uint32) {
	if p := t.restoreMeta(r, slot, row[0]); p != nil {
		t.storeLanes(p, row[1:])
	}
}

// restoreMeta sets the state of a slot and returns its row, to be filled in, or nil when it is free.
func (t *table) restoreMeta(r sim.Rows, slot int, meta uint32) unsafe.Pointer {
	m := unpackMeta(meta)
	r.SetMeta(slot, m)
	if !m.Alive {
		return nil
	}
	p := r.Row(slot)
	t.hide(p)
	return p
}

// storeLanes sets all fields of a row that travel.
func (t *table) storeLanes(row unsafe.Pointer, lanes []uint32) {
	t.storeFields(row, lanes)
	for i := range t.customs {
		t.customs[i].store(lanes, row)
	}
}

// storeFields is storeLanes without custom values, so that lanes may lie on the stack.
func (t *table) storeFields(row unsafe.Pointer, lanes []uint32) {
	lanes = lanes[:len(t.ops)]
	for i := range t.ops {
		o := &t.ops[i]
		switch o.kind { // the common kinds without a call
		case kindQuant:
			*at[float32](row, o) = o.quant.Value(lanes[i])
		case kindAngle:
			*at[float32](row, o) = o.angle.Value(lanes[i])
		case kindQuat:
			o.storeQuat(row, lanes[i:])
		case kindQuatPart: // done with its first lane
		case kindCustom: // below
		default:
			o.store(row, lanes[i])
		}
	}
}
