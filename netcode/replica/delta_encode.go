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
	rows            []finding // that are not as predicted

	finds  []finds // by table
	shared *ledger // of a Composer's encoder
}

// finding is what an encoder found out about a row.
type finding struct {
	kind rowKind
	at   int32 // its place among the finds of the table, if it has residuals
}

// finds are the residuals of some rows of a table, row by row.
type finds struct {
	n         int // rows
	residuals []uint32
	groups    []deviation
}

// NewEncoder returns an Encoder for worlds of the Plan.
func (s *schema) NewEncoder() *Encoder {
	return &Encoder{s: s, wanted: make([]slotSet, len(s.tables)), hidden: make([]slotSet, len(s.tables)), finds: make([]finds, len(s.tables))}
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
	b.base.n = t.end(&b.base)
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
	for _, r := range e.rows {
		e.update(t, &e.finds[index], r)
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
	var found []finding
	if e.shared != nil {
		found = e.shared.found[index]
	} else {
		e.finds[index].n = 0
	}
	for slot := 0; slot < b.base.n; slot++ {
		if slot < len(found) && found[slot].kind != unknown {
			e.takeFound(index, slot, found[slot])
			continue
		}
		if !e.partial && slot%stillRows == 0 && b.still(to, slot) {
			e.resting.addMany(b.base.l.alive(slot, stillRows))
			slot += stillRows - 1
			continue
		}
		was := b.base.row(slot)
		if !e.wants(index, slot) {
			e.leave(was[0] != 0)
			continue
		}
		e.compareRow(t, index, slot, e.row(t, index, to, slot), was, b)
	}
	e.findNew(t, index, to, b.base.n)
}

// takeFound is compareRow for a row of which is known already how it differs.
func (e *Encoder) takeFound(index, slot int, f finding) {
	if e.wants(index, slot) {
		e.take(slot, f)
	} else {
		e.leave(true)
	}
}

func (e *Encoder) wants(index, slot int) bool { return !e.partial || e.wanted[index].has(slot) }

// row returns a row as the receiver is to see it.
func (e *Encoder) row(t *table, index int, to *lanes, slot int) []uint32 {
	if e.partial && e.hidden[index].has(slot) {
		return t.nothing
	}
	if slot >= to.slots {
		return t.nothing
	}
	if to.refs != nil {
		return to.refs[slot]
	}
	return to.row(slot)
}

func (e *Encoder) compareRow(t *table, index, slot int, row, was []uint32, b *baselines) {
	if row[0] != was[0] {
		e.addWhole(slot)
		return
	}
	if row[0]&aliveBit == 0 {
		e.name(row[0] != 0)
		return
	}
	e.take(slot, e.finds[index].find(t, slot, row, was, b))
}

// take sorts in a living row that the receiver has.
func (e *Encoder) take(slot int, f finding) {
	if f.kind == renewed {
		e.addWhole(slot)
		return
	}
	e.name(true)
	switch f.kind {
	case resting:
		e.resting.add(false)
		return
	case atRest:
		e.resting.add(true)
	case flying:
		e.moving.add(false)
		return
	default:
		e.moving.add(true)
		e.stormy.add(f.kind == stormy)
	}
	e.rows = append(e.rows, f)
}

// name adds a row to those as of this tick, if there is one.
func (e *Encoder) name(used bool) {
	if e.partial && used {
		e.named++
		e.refreshed.add(true)
	}
}

// leave leaves a row as the receiver has it, if there is one.
func (e *Encoder) leave(used bool) {
	if used {
		e.refreshed.add(false)
	}
}

// find finds out about a living row that the receiver has.
func (f *finds) find(t *table, slot int, row, was []uint32, b *baselines) finding {
	if !t.constEqual(row[1:], was[1:]) {
		return finding{kind: renewed}
	}
	before := b.before(slot, was)
	if before == nil && equalLanes(row, was) {
		return finding{kind: resting}
	}
	at := int32(f.n)
	residuals, gs := f.room(t)
	if before == nil {
		b.motion.deviate(residuals, gs, t, row[1:], was[1:], was[1:])
		f.n++
		return finding{atRest, at}
	}
	b.motion.deviate(residuals, gs, t, row[1:], was[1:], before[1:])
	var cold, top uint32
	for g := range gs {
		cold |= gs[g].cold
		top = max(top, gs[g].top)
	}
	if cold|top == 0 {
		return finding{kind: flying}
	}
	f.n++
	if cold == 0 && top <= tritsTop {
		return finding{calm, at}
	}
	return finding{stormy, at}
}

// room returns room for the residuals of one row more.
func (f *finds) room(t *table) (residuals []uint32, gs []deviation) {
	for len(f.residuals) < (f.n+1)*len(t.ops) {
		f.residuals = append(f.residuals, 0)
	}
	for len(f.groups) < (f.n+1)*groups(len(t.ops)) {
		f.groups = append(f.groups, deviation{})
	}
	return f.of(t, int32(f.n))
}

// of returns what was noted.
func (f *finds) of(t *table, at int32) (residuals []uint32, gs []deviation) {
	n, ng := len(t.ops), groups(len(t.ops))
	return f.residuals[int(at)*n:][:n:n], f.groups[int(at)*ng:][:ng:ng]
}

func (e *Encoder) addWhole(slot int) {
	e.whole.add(slot)
	e.wholes++
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

// update writes the residuals of a row.
func (e *Encoder) update(t *table, f *finds, r finding) {
	n := len(t.ops)
	residuals, gs := f.of(t, r.at)
	for g := range gs {
		lg := &gs[g]
		if n > groupLanes && !e.flag(lg.cold|lg.top != 0) {
			continue
		}
		first := g * groupLanes
		if r.kind == calm {
			e.calmLanes(residuals, lg, first)
			continue
		}
		e.hotLanes(t, residuals, lg.moving, first)
		if r.kind == atRest && n <= groupLanes || e.flag(lg.cold != 0) {
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
