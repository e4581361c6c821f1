package replica

import "math/bits"

// deviation is what an encoder knows of up to 32 lanes of a row, a bit each.
type deviation struct {
	laneGroup
	cold uint32 // not in motion, and not as they were
	top  uint32 // the greatest residual of those in motion
}

// deviate fills residuals with the differences of a row to what its two last states let expect: of the lanes in motion, and of the
// cold ones. This is predict and a subtraction in one, for the lanes that matter.
func (m *motion) deviate(residuals []uint32, gs []deviation, t *table, row, was, before []uint32) {
	for g := range gs {
		from, to := groupBounds(len(row), g)
		moved, changed := unequal(was[from:to], before[from:to], row[from:to])
		gs[g] = deviation{laneGroup: laneGroup{moving: moved & t.moving[g]}, cold: changed}
	}
	for i := range t.vectors {
		v := &t.vectors[i]
		v.complete(&gs[v.group].laneGroup)
	}
	for g := range gs {
		from, to := groupBounds(len(row), g)
		d := &gs[g]
		d.cold &^= d.moving
		m.deviateGroup(residuals[from:to], d, t.turning[g], t.shift[from:to], row[from:to], was[from:to], before[from:to])
	}
	for _, i := range t.quats {
		m.deviateQuat(residuals, gs, t, row, was, before, i)
	}
}

// unequal returns a bit for each of up to 32 lanes of w that is not as in a, and as in b.
func unequal(w, a, b []uint32) (inA, inB uint32) {
	n := len(w)
	a, b = a[:n], b[:n]
	var x, y uint64
	for i := n - 1; i >= 0; i-- { // backwards, so that the bits come in by a shift of one
		_, differs := bits.Sub64(0, uint64(w[i]^a[i]), 0)
		x, _ = bits.Add64(x, x, differs)
		_, differs = bits.Sub64(0, uint64(w[i]^b[i]), 0)
		y, _ = bits.Add64(y, y, differs)
	}
	return uint32(x), uint32(y)
}

// deviateGroup is deviate for a group of lanes, but those of rotations, when it is known which are in motion and which cold.
func (m *motion) deviateGroup(residuals []uint32, d *deviation, turning uint32, shift []uint8, row, was, before []uint32) {
	n := len(row)
	residuals, shift, was, before = residuals[:n], shift[:n], was[:n], before[:n]
	var unsure, top uint32
	for set := d.moving &^ turning; set != 0; set &= set - 1 {
		i := bits.TrailingZeros32(set)
		w := was[i]
		x := m.ahead(w-before[i], shift[i])
		u := residual(row[i], w+uint32(x>>16), shift[i], isAbove(x))
		residuals[i] = u
		top = max(top, u)
		unsure |= set & -set & -isUnsure(x)
	}
	for set := d.cold &^ turning; set != 0; set &= set - 1 {
		i := bits.TrailingZeros32(set)
		residuals[i] = residual(row[i], was[i], shift[i], 0)
	}
	d.unsure, d.top = unsure, top
}

// deviateQuat is deviate for the rotation at lane i, but for its largest component.
func (m *motion) deviateQuat(residuals []uint32, gs []deviation, t *table, row, was, before []uint32, i int) {
	w, b, r := (*[quatLanes]uint32)(was[i:]), (*[quatLanes]uint32)(before[i:]), (*[quatLanes]uint32)(row[i:])
	moved := *w != *b
	if !moved && *w == *r {
		return
	}
	q, p := &t.ops[i].quat, *w
	x, y, z := m.turn(t, i, w, b)
	top := int64(q.Top)
	p[1], p[2], p[3] = uint32(max(0, min(x>>16, top))), uint32(max(0, min(y>>16, top))), uint32(max(0, min(z>>16, top)))
	if r[0] != w[0] {
		p = q.Turn(p, r[0])
	}
	shift := t.shift[i+1]
	for j, x := range [...]int64{x, y, z} {
		lane := uint(i + 1 + j)
		d, bit := &gs[lane/groupLanes], uint32(1)<<(lane%groupLanes)
		if moved {
			u := residual(r[1+j], p[1+j], shift, isAbove(x))
			residuals[lane] = u
			d.expect(bit, u, isUnsure(x))
			continue
		}
		residuals[lane] = residual(r[1+j], p[1+j], shift, 0)
		if d.cold &^= bit; residuals[lane] != 0 {
			d.cold |= bit
		}
	}
}

// expect takes note of a lane in motion and its residual.
func (d *deviation) expect(bit, u, unsure uint32) {
	d.moving |= bit
	d.cold &^= bit
	d.unsure |= bit & -unsure
	d.top = max(d.top, u)
}
