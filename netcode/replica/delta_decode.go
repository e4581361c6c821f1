package replica

import (
	"errors"
	"math/bits"

	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/wire"
)

// Decoder reads deltas. It owns scratch memory: keep one per goroutine. Make one with NewDecoder.
type Decoder struct {
	s   *schema
	r   wire.BitReader
	ctx context

	partial bool

	// Of the table being read; see Encoder.
	whole, fresh, inMotion             slotSet
	refreshed, moving, resting, stormy runs

	groups    [maxGroups]laneGroup
	predicted [MaxLanes]uint32
}

// NewDecoder returns a Decoder for worlds of the Plan.
func (s *schema) NewDecoder() *Decoder { return &Decoder{s: s} }

// Decode makes dst the world of tick t that b, a delta which Encode wrote against equal base and older, says.
// dst must be neither of these. When it returns an error (ErrShort, ErrTrailing, ErrRange or ErrRow) the rows of dst are undefined.
//
// Any b is safe. The work is bounded by the size of base, len(b) and the tables' limits; tables grow only as
// rows arrive, by at most 16 slots each; and whatever is accepted is a world that Restore can show.
func (d *Decoder) Decode(dst *Snapshot, t sim.Tick, base, older *Snapshot, b []byte) error {
	if base != nil {
		dst.copyRows(base)
	} else {
		dst.copyRows(d.s.empty)
	}
	dst.Tick = t
	d.r.Reset(b)
	d.partial = d.r.Bool()
	for i := range d.s.tables {
		tb := &d.s.tables[i]
		k := tb.baselines(base, older, i, t)
		k.base.n = tb.end(&k.base)
		if err := d.table(tb, &dst.tables[i], &k); err != nil {
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

// table changes l, which holds the baseline's rows.
func (d *Decoder) table(t *table, l *lanes, b *baselines) error {
	forget(t, l, &b.base)
	d.whole = slotSet{}
	any := d.r.Bool()
	if any {
		if err := d.wholes(t, l, &b.base); err != nil {
			return err
		}
	}
	if err := d.readFresh(any, b); err != nil {
		return err
	}
	moving, resting := d.sort(b)
	if any {
		if err := errors.Join(d.moving.read(&d.r, moving, true), d.resting.read(&d.r, resting, false),
			d.stormy.read(&d.r, d.moving.size(), false)); err != nil {
			return err
		}
		d.ctx.start(t)
	} else {
		d.moving.reset()
		d.resting.reset()
	}
	if err := d.rows(t, l, b); err != nil {
		return err
	}
	d.age(l, &b.base)
	return nil
}

// forget takes out of l, which holds the baseline's rows, those that are too old.
func forget(t *table, l *lanes, base *known) {
	if base.even {
		return
	}
	for slot := range l.slots {
		if base.rowAge(slot) > MaxAge {
			copy(l.row(slot), t.nothing)
		}
	}
}

// readFresh reads which of the rows that did not come whole are as of this tick.
func (d *Decoder) readFresh(any bool, b *baselines) error {
	d.refreshed.reset()
	if d.partial && any {
		n := 0
		for slot := range b.base.n {
			if d.kept(slot, b) {
				n++
			}
		}
		if err := d.refreshed.read(&d.r, n, true); err != nil {
			return err
		}
	}
	d.fresh = slotSet{}
	for slot := range b.base.n {
		if d.kept(slot, b) && (!d.partial || d.refreshed.next()) {
			d.fresh.add(slot)
		}
	}
	return nil
}

// kept reports whether there is a row that did not come whole.
func (d *Decoder) kept(slot int, b *baselines) bool {
	return b.base.row(slot)[0] != 0 && !d.whole.has(slot)
}

// sort finds the rows in motion, and counts them and those at rest.
func (d *Decoder) sort(b *baselines) (moving, resting int) {
	d.inMotion = slotSet{}
	for slot := range b.base.n {
		was := b.base.row(slot)
		switch {
		case !d.fresh.has(slot) || was[0]&aliveBit == 0:
		case b.before(slot, was) != nil:
			d.inMotion.add(slot)
			moving++
		default:
			resting++
		}
	}
	return moving, resting
}

// rows moves the rows on and takes in those that are not as predicted.
func (d *Decoder) rows(t *table, l *lanes, b *baselines) (err error) {
	for slot := range b.base.n {
		was := b.base.row(slot)
		if !d.fresh.has(slot) || was[0]&aliveBit == 0 {
			continue
		}
		if d.inMotion.has(slot) {
			before := b.beforeAgain(slot)
			err = d.move(t, &b.motion, l.row(slot)[1:], was[1:], before[1:])
		} else {
			err = d.rest(t, l.row(slot)[1:])
		}
		if err != nil || d.r.Err() != nil {
			return shortOr(&d.r, err)
		}
	}
	return nil
}

// age notes how old the rows have become.
func (d *Decoder) age(l *lanes, base *known) {
	if !d.partial {
		l.ages = l.ages[:0]
		return
	}
	for slot := range l.slots {
		age := uint8(ageless)
		switch {
		case d.fresh.has(slot) || d.whole.has(slot):
			age = 0
		case slot < base.l.slots:
			age = uint8(min(base.rowAge(slot), ageless))
		}
		if slot < len(l.ages) {
			l.ages[slot] = age
		} else {
			l.ages = append(l.ages, age)
		}
	}
}

// move makes row what was predicted for a row in motion, and what came instead.
func (d *Decoder) move(t *table, m *motion, row, was, before []uint32) error {
	changed := d.moving.next()
	gs := d.groups[:groups(len(row))]
	m.predict(row, gs, t, was, before)
	switch {
	case !changed:
		for g := range gs {
			t.cut(row, &gs[g], g)
		}
	case d.stormy.next():
		d.add(t, row, gs, stormy)
	default:
		d.add(t, row, gs, calm)
	}
	return t.check(row)
}

// cut brings the predictions of a group's lanes in motion to their widths.
func (t *table) cut(row []uint32, lg *laneGroup, g int) {
	for set := lg.moving; set != 0; set &= set - 1 {
		lane := g*groupLanes + bits.TrailingZeros32(set)
		row[lane] &= t.ops[lane].mask
	}
}

// rest changes a row that was at rest. It is the base's so far.
func (d *Decoder) rest(t *table, row []uint32) error {
	if !d.resting.next() {
		return nil
	}
	gs := d.groups[:groups(len(row))]
	clear(gs)
	d.add(t, row, gs, atRest)
	return t.check(row)
}

// add adds residuals to a prediction.
func (d *Decoder) add(t *table, row []uint32, gs []laneGroup, kind rowKind) {
	if len(t.quats) > 0 {
		copy(d.predicted[:], row)
	}
	for g := range gs {
		lg := &gs[g]
		if len(row) > groupLanes && !d.r.Bool() {
			t.cut(row, lg, g)
			continue
		}
		if kind == calm {
			d.calmLanes(t, row, lg, g*groupLanes)
			continue
		}
		d.hotLanes(t, row, lg, g*groupLanes)
		if kind == atRest && len(row) <= groupLanes || d.r.Bool() {
			d.coldLanes(t, row, d.ctx.last[g]&^lg.moving, g)
		}
	}
	for _, i := range t.quats {
		if row[i] != d.predicted[i] {
			turned := t.turn(d.predicted[:], i, row[i])
			for j := i + 1; j < i+quatLanes; j++ {
				row[j] = (row[j] + turned[j-i] - d.predicted[j]) & t.ops[j].mask
			}
		}
	}
}

// hotLanes adds the residuals of lanes in motion.
func (d *Decoder) hotLanes(t *table, row []uint32, lg *laneGroup, first int) {
	u := uint32(0)
	for set := lg.moving; set != 0; set &= set - 1 {
		i := bits.TrailingZeros32(set)
		lane := first + i
		o, m := &t.ops[lane], &d.ctx.hot[far(u)][lane%contexts]
		u = d.r.RiceN(m.k(), uint(o.width))
		m.learn(u)
		row[lane] = corrected(row[lane], u, lg.above>>i&1) & o.mask
	}
}

// calmLanes adds the residuals of a calm row.
func (d *Decoder) calmLanes(t *table, row []uint32, lg *laneGroup, first int) {
	var p triple
	var lanes [3]int
	for unsure, set := range lg.bySureness() {
		for ; set != 0; set &= set - 1 {
			lane := first + bits.TrailingZeros32(set)
			lanes[p.n] = lane
			if p.take(unsure, d.ctx.calm[unsure][lane%contexts]) {
				d.triple(&p, lanes[:], t, row, lg)
				p = triple{}
			}
		}
	}
	if p.n > 0 {
		d.triple(&p, lanes[:p.n], t, row, lg)
	}
}

// triple adds the residuals of lanes that share a code.
func (d *Decoder) triple(p *triple, lanes []int, t *table, row []uint32, lg *laneGroup) {
	symbol := p.code(d.s.trits).read(&d.r)
	u := [3]uint32{symbol / 9, symbol / 3 % 3, symbol % 3}
	for i, lane := range lanes {
		bit := lane % groupLanes
		d.ctx.calm[lg.unsure>>bit&1][lane%contexts].learnSlowly(u[i])
		row[lane] = corrected(row[lane], u[i], lg.above>>bit&1) & t.ops[lane].mask
	}
}

// coldLanes adds the residuals of other lanes, set being those expected to have any.
func (d *Decoder) coldLanes(t *table, row []uint32, set uint32, g int) {
	if !d.r.Bool() {
		set = d.r.Bits(groupSize(len(row), g))
		d.ctx.last[g] = set
	}
	for ; set != 0; set &= set - 1 {
		lane := g*groupLanes + bits.TrailingZeros32(set)
		o, m := &t.ops[lane], &d.ctx.cold[lane%contexts]
		if o.width == 1 {
			row[lane] ^= 1
			continue
		}
		u := d.r.RiceN(m.k(), uint(o.width))
		m.learn(u)
		row[lane] = (row[lane] + uint32(wire.UnZigZag(u+1))) & o.mask
	}
}

// check reports a lane that stands for no value.
func (t *table) check(row []uint32) error {
	for _, i := range t.partly {
		if !t.ops[i].valid(row[i]) {
			return ErrRange
		}
	}
	for _, i := range t.quats {
		if !t.ops[i].quat.Valid(quatAt(row, i)) {
			return ErrRange
		}
	}
	return nil
}

// wholes reads the rows that were sent whole.
func (d *Decoder) wholes(t *table, l *lanes, base *known) error {
	if t.global() {
		return nil
	}
	count := int(d.r.RiceN(fewK, slotRaw+1))
	if count == 0 {
		return nil
	}
	if count > sim.MaxRows {
		return ErrRange
	}
	k, next, end := gapK(base.n, count), 0, base.n
	for range count {
		slot := next + int(d.r.RiceN(k, slotRaw))
		next = slot + 1
		if slot >= sim.MaxRows || slot >= end+maxGap {
			return ErrRange
		}
		end = max(end, next)
		l.grow(next)
		d.whole.add(slot)
		if err := d.wholeRow(t, l.row(slot), base.row(slot)); err != nil || d.r.Err() != nil {
			return shortOr(&d.r, err)
		}
	}
	return nil
}

// wholeRow replaces a row.
func (d *Decoder) wholeRow(t *table, row, was []uint32) error {
	gen := uint16(was[0] + d.r.RiceN(genK, genRaw))
	if !d.r.Bool() {
		row[0] = packMeta(sim.RowMeta{Gen: gen})
		clear(row[1:])
		return nil
	}
	owner := sim.PlayerID(was[0] >> 16)
	if !d.r.Bool() {
		owner = sim.PlayerID(d.r.Bits(8))
	}
	if gen == 0 {
		return ErrRow
	}
	row[0] = packMeta(sim.RowMeta{Gen: gen, Owner: owner, Alive: true})
	for first := 0; first < len(t.ops); first += groupLanes {
		if err := d.wholeGroup(t.ops[first:], row[1+first:]); err != nil {
			return err
		}
	}
	return t.check(row[1:])
}

// wholeGroup reads the first group of the given lanes.
func (d *Decoder) wholeGroup(ops []op, lanes []uint32) error {
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
		} else {
			lanes[i] = d.r.Bits(uint(o.width))
		}
	}
	return nil
}
