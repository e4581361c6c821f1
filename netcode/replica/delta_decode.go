package replica

import (
	"math/bits"

	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/wire"
)

// Decode makes dst what base becomes by b, a delta that Encode wrote against an equal base; a nil base is
// the empty world. dst may be base. dst.Tick is left alone. When it returns an error (ErrShort,
// ErrTrailing, ErrRange or ErrRow) the rows of dst are undefined.
//
// Any b is safe. The work is bounded by the size of base, len(b) and the tables' limits; tables grow only as
// rows arrive, by at most 16 slots each; and whatever is accepted is a world that Restore can show.
func (s *schema) Decode(dst, base *Snapshot, b []byte) error {
	if base == nil {
		base = s.empty
	}
	dst.copyRows(base)
	var d decoder
	d.r.Reset(b)
	for i := range s.tables {
		if err := d.table(&s.tables[i], &dst.tables[i]); err != nil {
			return shortOr(&d.r, err)
		}
	}
	return ended(&d.r)
}

// shortOr returns ErrShort when r has come to its end, after which it reads zeros that mean nothing, else err.
func shortOr(r *wire.BitReader, err error) error {
	if r.Err() != nil {
		return ErrShort
	}
	return err
}

// ended checks that a message was read to its end, but for less than a byte of padding zeros.
func ended(r *wire.BitReader) error {
	if left := r.Left(); left >= 8 || r.Bits(uint(left)) != 0 {
		return ErrTrailing
	}
	return shortOr(r, nil)
}

// decoder reads one delta.
type decoder struct {
	r   wire.BitReader
	ctx context
}

// table changes l, which holds the baseline's rows.
func (d *decoder) table(t *table, l *lanes) error {
	if !d.r.Bool() {
		return nil
	}
	n := int(d.r.RiceN(countK, countRaw)) + 1 // at most sim.MaxRows: see countRaw
	d.ctx.start(t)
	k, next := gapK(l.slots, n), 0
	for range n {
		slot := next + int(d.r.RiceN(k, gapRaw))
		next = slot + 1
		if slot >= sim.MaxRows || slot >= l.slots+maxGap || (t.global() && slot > 0) {
			return ErrRange
		}
		l.grow(next)
		if err := d.row(t, l.row(slot)); err != nil || d.r.Err() != nil {
			return shortOr(&d.r, err)
		}
	}
	return nil
}

func (d *decoder) row(t *table, row []uint32) error {
	if d.r.Bool() {
		return d.whole(t, row)
	}
	if row[0]&aliveBit == 0 {
		return ErrRow
	}
	return d.update(t, row[1:])
}

// update changes the lanes of a living row.
func (d *decoder) update(t *table, row []uint32) error {
	for g := 0; g*groupLanes < len(row); g++ {
		if len(row) > groupLanes && !d.r.Bool() {
			continue
		}
		changed, first := d.ctx.last[g], g*groupLanes
		if !d.r.Bool() {
			changed = d.r.Bits(groupSize(len(row), g))
			d.ctx.last[g] = changed
		}
		for ; changed != 0; changed &= changed - 1 {
			lane := first + bits.TrailingZeros32(changed)
			if err := d.lane(&t.ops[lane], lane, &row[lane]); err != nil {
				return err
			}
		}
	}
	return nil
}

// lane adds a residual to a lane.
func (d *decoder) lane(o *op, lane int, v *uint32) error {
	if o.width == 1 {
		*v ^= 1
		return nil
	}
	u := d.r.RiceN(d.ctx.k(lane), uint(o.width))
	d.ctx.learn(lane, u)
	*v = (*v + uint32(wire.UnZigZag(u+1))) & o.mask
	if u >= o.mask || !o.valid(*v) {
		return ErrRange
	}
	return nil
}

// whole replaces a row.
func (d *decoder) whole(t *table, row []uint32) error {
	gen := uint16(row[0] + d.r.RiceN(genK, genRaw))
	if !d.r.Bool() {
		row[0] = packMeta(sim.RowMeta{Gen: gen})
		clear(row[1:])
		if t.global() {
			return ErrRow
		}
		return nil
	}
	owner := sim.PlayerID(row[0] >> 16)
	if !d.r.Bool() {
		owner = sim.PlayerID(d.r.Bits(8))
	}
	row[0] = packMeta(sim.RowMeta{Gen: gen, Owner: owner, Alive: true})
	if gen == 0 || t.global() {
		return ErrRow
	}
	for first := 0; first < len(t.ops); first += groupLanes {
		if err := d.wholeGroup(t.ops[first:], row[1+first:]); err != nil {
			return err
		}
	}
	return nil
}

// wholeGroup reads the first group of the given lanes.
func (d *decoder) wholeGroup(ops []op, lanes []uint32) error {
	n := min(len(ops), groupLanes)
	set := d.r.Bits(uint(n))
	for i := range n {
		o := &ops[i]
		lanes[i] = o.zero
		if set>>i&1 == 0 {
			continue
		}
		if o.width == 1 {
			lanes[i] ^= 1
		} else if lanes[i] = d.r.Bits(uint(o.width)); !o.valid(lanes[i]) {
			return ErrRange
		}
	}
	return nil
}
