package replica

import (
	"math/bits"

	"github.com/halftick/halftick/netcode/wire"
)

// Encoder writes deltas. It owns scratch memory, so that it allocates nothing once it has seen the largest: keep
// one per goroutine. Make one with NewEncoder.
type Encoder struct {
	s   *schema
	w   wire.BitWriter
	ctx context

	partial        bool
	wanted, hidden []slotSet // of a partial delta, by table
	bitsPerRow     float64   // of late, in partial deltas

	// Of the table being written: which rows go whole, are wanted among those that might not be, and are not as
	// predicted, those in motion and those at rest; and which of those in motion have changes beyond their motion.
	whole           slotSet
	wholes, named   int
	refreshed       runs
	moving, resting runs
	stormy          runs
	rows            []rowKind // that are not as predicted
	residuals       []uint32  // of these, row by row
	groups          []deviation
}

// NewEncoder returns an Encoder for worlds of the Plan.
func (s *schema) NewEncoder() *Encoder {
	return &Encoder{s: s, wanted: make([]slotSet, len(s.tables)), hidden: make([]slotSet, len(s.tables))}
}

// Encode appends to dst the whole of to as a delta for Decode.
//
// base is a snapshot that the receiver is known to have, nil for none; older is one before it that it has, nil for
// none, from which the motion is taken. At both ends they must be equal and of the same ticks, up to MaxAge ticks
// before to's. Encode only reads all three.
func (e *Encoder) Encode(dst []byte, to, base, older *Snapshot) []byte {
	e.partial = false
	return e.encode(dst, to, base, older)
}

func (e *Encoder) encode(dst []byte, to, base, older *Snapshot) []byte {
	e.w.Reset(dst)
	e.w.Bool(e.partial)
	for i := range e.s.tables {
		e.table(&e.s.tables[i], i, to, base, older)
	}
	return e.w.Bytes()
}

func (e *Encoder) table(t *table, index int, to, base, older *Snapshot) {
	if !e.partial && e.idle(index, to, base, older) {
		e.w.Bool(false)
		return
	}
	b := t.baselines(base, older, index, to.Tick)
	l := &to.tables[index]
	e.compare(t, index, l, &b)
	any := e.wholes > 0 || len(e.rows) > 0 || e.partial && e.named > 0
	e.w.Bool(any)
	if !any {
		return
	}
	e.writeWholes(t, index, l, &b.base)
	if e.partial {
		e.refreshed.write(&e.w, true)
	}
	e.moving.write(&e.w, true)
	e.resting.write(&e.w, false)
	e.stormy.write(&e.w, false)
	e.ctx.start(t)
	for i := range e.rows {
		e.update(t, i)
	}
}

// idle finds out quickly whether nothing moved in a table.
func (e *Encoder) idle(index int, to, base, older *Snapshot) bool {
	return base != nil && equalTable(to, base, index) && (older == nil || equalTable(older, base, index))
}

func equalTable(a, b *Snapshot, index int) bool {
	x, y := &a.tables[index], &b.tables[index]
	return len(x.ages)+len(y.ages) == 0 && len(x.rows) == len(y.rows) && equalLanes(x.rows, y.rows)
}

// compare sorts the rows of a table: unchanged, sent whole, or sent as residuals.
func (e *Encoder) compare(t *table, index int, to *lanes, b *baselines) {
	e.whole, e.wholes, e.named = slotSet{}, 0, 0
	for _, r := range []*runs{&e.refreshed, &e.moving, &e.resting, &e.stormy} {
		r.reset()
	}
	e.rows = e.rows[:0]
	for slot := 0; slot < b.base.n; slot++ {
		if !e.partial && slot%stillRows == 0 && b.still(to, slot) {
			e.resting.addMany(b.base.l.alive(slot, stillRows))
			slot += stillRows - 1
			continue
		}
		was := b.base.row(slot)
		if wanted := e.wants(index, slot); !wanted {
			if was[0] != 0 {
				e.refreshed.add(false)
			}
			continue
		}
		e.compareRow(t, slot, e.row(t, index, to, slot), was, b)
	}
	e.findNew(t, index, to, b.base.n)
}

func (e *Encoder) wants(index, slot int) bool { return !e.partial || e.wanted[index].has(slot) }

// row returns a row as the receiver is to see it.
func (e *Encoder) row(t *table, index int, to *lanes, slot int) []uint32 {
	if e.partial && e.hidden[index].has(slot) {
		return t.nothing
	}
	return rowOr(to, slot, t.nothing)
}

func (e *Encoder) compareRow(t *table, slot int, row, was []uint32, b *baselines) {
	if row[0] != was[0] || !t.constEqual(row[1:], was[1:]) {
		e.addWhole(slot)
		return
	}
	if row[0] == 0 {
		return
	}
	if e.partial {
		e.named++
		e.refreshed.add(true)
	}
	if row[0]&aliveBit == 0 {
		return
	}
	if before := b.before(slot, was); before != nil {
		e.moving.add(e.deviates(t, &b.motion, row[1:], was[1:], before[1:]))
	} else {
		e.resting.add(e.differs(t, &b.motion, row[1:], was[1:]))
	}
}

func (e *Encoder) addWhole(slot int) {
	e.whole.add(slot)
	e.wholes++
}

// rowOr returns a row of l, or nothing beyond its end.
func rowOr(l *lanes, slot int, nothing []uint32) []uint32 {
	if slot < l.slots {
		return l.row(slot)
	}
	return nothing
}

// findNew collects the used slots from end on, where the baseline ends, and as many unused ones as it takes to
// leave no gap of maxGap between them.
func (e *Encoder) findNew(t *table, index int, to *lanes, end int) {
	for slot := end; slot < to.slots; slot++ {
		if !e.wants(index, slot) || allZero(e.row(t, index, to, slot)) {
			continue
		}
		for end += maxGap - 1; end < slot; end += maxGap {
			e.addWhole(end)
		}
		e.addWhole(slot)
		end = slot + 1
	}
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

// differs notes the residuals of a row at rest and reports whether there are any.
func (e *Encoder) differs(t *table, m *motion, row, was []uint32) bool {
	if equalLanes(row, was) {
		return false
	}
	residuals, gs := e.room(t)
	m.deviate(residuals, gs, t, row, was, was)
	e.rows = append(e.rows, atRest)
	return true
}

// deviates notes the residuals of a row in motion and reports whether there are any.
func (e *Encoder) deviates(t *table, m *motion, row, was, before []uint32) bool {
	residuals, gs := e.room(t)
	m.deviate(residuals, gs, t, row, was, before)
	var cold, top uint32
	for g := range gs {
		cold |= gs[g].cold
		top = max(top, gs[g].top)
	}
	if cold|top == 0 {
		return false
	}
	kind := stormy
	if cold == 0 && top <= tritsTop {
		kind = calm
	}
	e.stormy.add(kind == stormy)
	e.rows = append(e.rows, kind)
	return true
}

// room makes room for the residuals of another row.
func (e *Encoder) room(t *table) (residuals []uint32, gs []deviation) {
	n, ng := len(t.ops), groups(len(t.ops))
	at, atGroup := len(e.rows)*n, len(e.rows)*ng
	for len(e.residuals) < at+n {
		e.residuals = append(e.residuals, 0)
	}
	for len(e.groups) < atGroup+ng {
		e.groups = append(e.groups, deviation{})
	}
	return e.residuals[at:][:n:n], e.groups[atGroup:][:ng:ng]
}

// update writes the residuals of row i of e.rows.
func (e *Encoder) update(t *table, i int) {
	n, ng := len(t.ops), groups(len(t.ops))
	residuals, kind := e.residuals[i*n:][:n], e.rows[i]
	gs := e.groups[i*ng:][:ng]
	for g := range gs {
		lg := &gs[g]
		if n > groupLanes && !e.flag(lg.cold|lg.top != 0) {
			continue
		}
		first := g * groupLanes
		if kind == calm {
			e.calmLanes(residuals, lg, first)
			continue
		}
		e.hotLanes(t, residuals, lg.moving, first)
		if kind == atRest && n <= groupLanes || e.flag(lg.cold != 0) {
			e.coldLanes(t, residuals, lg.cold, e.ctx.last[g]&^lg.moving, g)
		}
	}
}

func (e *Encoder) flag(b bool) bool {
	e.w.Bool(b)
	return b
}

// hotLanes writes the residuals of lanes in motion.
func (e *Encoder) hotLanes(t *table, residuals []uint32, set uint32, first int) {
	u := uint32(0)
	for ; set != 0; set &= set - 1 {
		lane := first + bits.TrailingZeros32(set)
		m := &e.ctx.hot[far(u)][lane%contexts]
		u = residuals[lane]
		e.w.RiceN(u, m.k(), uint(32-t.shift[lane]))
		m.learn(u)
	}
}

// calmLanes writes the residuals of a calm row.
func (e *Encoder) calmLanes(residuals []uint32, lg *deviation, first int) {
	var p triple
	symbol := uint32(0)
	for unsure, set := range lg.bySureness() {
		for ; set != 0; set &= set - 1 {
			lane := first + bits.TrailingZeros32(set)
			u, m := residuals[lane], &e.ctx.calm[unsure][lane%contexts]
			symbol = symbol*3 + u
			full := p.take(unsure, *m)
			m.learnSlowly(u)
			if full {
				p.code(e.s.trits).write(&e.w, symbol)
				p, symbol = triple{}, 0
			}
		}
	}
	switch p.n {
	case 1:
		p.code(e.s.trits).write(&e.w, symbol*9)
	case 2:
		p.code(e.s.trits).write(&e.w, symbol*3)
	}
}

// coldLanes writes which other lanes changed, last being those expected to, and their residuals.
func (e *Encoder) coldLanes(t *table, residuals []uint32, set, last uint32, g int) {
	if !e.flag(set == last) {
		e.w.Bits(set, groupSize(len(t.ops), g))
		e.ctx.last[g] = set
	}
	for ; set != 0; set &= set - 1 {
		lane := g*groupLanes + bits.TrailingZeros32(set)
		if t.shift[lane] == 31 {
			continue
		}
		u, m := residuals[lane]-1, &e.ctx.cold[lane%contexts]
		e.w.RiceN(u, m.k(), uint(32-t.shift[lane]))
		m.learn(u)
	}
}

// writeWholes writes the rows that are sent whole.
func (e *Encoder) writeWholes(t *table, index int, to *lanes, base *known) {
	if t.global() {
		return
	}
	e.w.RiceN(uint32(e.wholes), fewK, slotRaw+1)
	if e.wholes == 0 {
		return
	}
	k, next := gapK(base.n, e.wholes), 0
	for i, word := range e.whole[:(max(to.slots, base.n)+63)/64] {
		for ; word != 0; word &= word - 1 {
			slot := i*64 + bits.TrailingZeros64(word)
			e.w.RiceN(uint32(slot-next), k, slotRaw)
			next = slot + 1
			e.writeWhole(t, e.wholeRow(t, index, to, slot), base.row(slot))
		}
	}
}

// wholeRow returns a row as it is sent whole: nothing for those that only fill a gap.
func (e *Encoder) wholeRow(t *table, index int, to *lanes, slot int) []uint32 {
	if !e.wants(index, slot) {
		return t.nothing
	}
	return e.row(t, index, to, slot)
}

// writeWhole writes all of a row that is new, gone, has another owner or another const field.
func (e *Encoder) writeWhole(t *table, row, was []uint32) {
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
func (e *Encoder) wholeGroup(ops []op, lanes []uint32) {
	n := min(len(ops), groupLanes)
	var set uint32
	for i := range n {
		if lanes[i] != ops[i].zero {
			set |= 1 << (i & 31)
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
