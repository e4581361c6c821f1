package replica

import (
	"unsafe"

	"github.com/halftick/halftick/netcode/wire"
)

// Interpolate makes dst the world at fraction t of the way from a to b. Rows that live in both, with the
// same id, have their lerp fields blended, angles and rotations the shortest way round, those tagged hermite on the curve that
// their velocities say, unless they moved more than twice as far; what else there is, free slots
// and globals without lerp included, is as in a while t < 1, as in b from then on. At t <= 0 (or NaN) dst
// is exactly a, at t = 1 exactly b. Beyond 1 motion goes on in a straight line, within the range of each
// field; the caller caps t. Server fields become zero.
func (p *Plan[W]) Interpolate(dst *World[W], a, b *Snapshot, t float32) {
	switch {
	case !(t > 0):
		p.restore(dst.rows, a)
	case t == 1:
		p.restore(dst.rows, b)
	case t < 1:
		p.blend(dst.rows, a, b, a, t)
	default:
		p.blend(dst.rows, a, b, b, t)
	}
}

// blend restores the rows of near, with the lerp fields of those that live in both a and b in between.
func (s *schema) blend(dst rows, a, b, near *Snapshot, f float32) {
	for i := range s.tables {
		t, la, lb, ln, r := &s.tables[i], &a.tables[i], &b.tables[i], &near.tables[i], dst[i]
		both := min(la.slots, lb.slots)
		for slot := range ln.slots {
			if slot >= both || !sameRow(la.meta(slot), lb.meta(slot)) {
				t.restoreRow(r, slot, ln.row(slot))
				continue
			}
			row := t.restoreMeta(r, slot, ln.meta(slot))
			t.storeBetween(row, la.row(slot)[1:], lb.row(slot)[1:], ln.row(slot)[1:], f, t.seconds(a.Tick, b.Tick))
		}
		clearFrom(r, ln.slots)
	}
}

// sameRow reports whether two metas are of one living row.
func sameRow(a, b uint32) bool { return a&b&aliveBit != 0 && (a^b)&genBits == 0 }

// storeBetween sets the fields of a row, from near where they are not blended.
func (t *table) storeBetween(row unsafe.Pointer, a, b, near []uint32, f, seconds float32) {
	for i := range t.ops {
		o := &t.ops[i]
		switch {
		case o.kind == kindQuatPart: // done with its first lane
		case o.kind == kindCustom: // below
		case o.kind == kindQuat && o.lerp:
			*at[[4]float32](row, o) = wire.Turn(o.quat.Value(quatAt(a, i)), o.quat.Value(quatAt(b, i)), f)
		case o.kind == kindQuat:
			o.storeQuat(row, near[i:])
		case o.lerp && (a[i] != b[i] || o.velocity != 0):
			*at[float32](row, o) = t.between(i, a, b, f, seconds)
		default:
			o.store(row, near[i])
		}
	}
	for i := range t.customs {
		t.customs[i].store(near, row)
	}
}

// blend returns the value at fraction f from x to y, within the op's range.
func (o *op) blend(x, y, f float32) float32 {
	if o.kind == kindAngle {
		return wire.Between(x, y, f)
	}
	return o.limit(x, x+float32((y-x)*f))
}

// limit returns v within the op's range, or x when v is no number.
func (o *op) limit(x, v float32) float32 {
	if o.kind == kindQuant {
		return min(max(v, o.quant.Min), o.quant.Max)
	}
	if v-v != 0 { // too far apart for a float32
		return x
	}
	return v
}
