package replica

import (
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/wire"
)

// known is one table of a snapshot that both ends hold, looked at from a later tick.
type known struct {
	l       lanes
	age     int // from the snapshot to the later tick, in ticks
	nothing []uint32
	even    bool // all rows are equally old, and known, and here
	n       int  // of a base: slots up to the last that holds anything
}

// look returns how a table of s, which may be nil, is seen from tick at.
func (t *table) look(s *Snapshot, index int, at sim.Tick) known {
	k := known{nothing: t.nothing}
	if s != nil {
		k.l, k.age = s.tables[index], at.Sub(s.Tick)
	}
	k.even = len(k.l.ages) == 0 && k.age <= MaxAge && k.l.refs == nil && k.l.past == nil
	return k
}

// end returns the number of slots up to the last that holds anything.
func (t *table) end(k *known) int {
	n := k.l.slots
	for n > 0 && allZero(k.row(n-1)) {
		n--
	}
	if t.global() {
		n = 1
	}
	return n
}

// rowAge returns how many ticks before the later tick a row was what the snapshot says.
func (k *known) rowAge(slot int) int {
	if len(k.l.ages) == 0 && k.l.past == nil {
		return k.age
	}
	return k.age + int(k.l.ageOf(slot))
}

// row returns a row, or nothing when there is none or it is too old to be remembered.
func (k *known) row(slot int) []uint32 {
	if k.even && slot < k.l.slots {
		return k.l.row(slot)
	}
	return k.uneven(slot)
}

func (k *known) uneven(slot int) []uint32 {
	if slot >= k.l.slots || k.rowAge(slot) > MaxAge {
		return k.nothing
	}
	return k.l.at(slot)
}

// baselines are the two last states of a table's rows that both ends know.
type baselines struct {
	base, older known
	motion      motion
	even        bool // all rows have the same motion, and it is in motion
}

// baselines returns what is known of a table at a tick, but for base.n.
func (t *table) baselines(base, older *Snapshot, index int, at sim.Tick) baselines {
	b := baselines{base: t.look(base, index, at), older: t.look(older, index, at)}
	if b.base.even && b.older.even && b.older.age > b.base.age {
		b.motion.between(b.base.age, b.older.age-b.base.age)
		b.even = true
	}
	return b
}

// before returns the state of a living row before was, its state in the base, when the two show motion, else nil.
// Then b.motion is its motion.
func (b *baselines) before(slot int, was []uint32) []uint32 {
	if slot >= b.older.l.slots {
		return nil
	}
	if b.even {
		row := b.older.l.row(slot)
		if !sameRow(row[0], was[0]) || equalLanes(row, was) {
			return nil
		}
		return row
	}
	age, ageBefore := b.base.rowAge(slot), b.older.rowAge(slot)
	if ageBefore <= age || ageBefore > MaxAge {
		return nil
	}
	row := b.older.l.at(slot)
	if !sameRow(row[0], was[0]) || equalLanes(row, was) {
		return nil
	}
	b.motion.between(age, ageBefore-age)
	return row
}

// stillRows is how many rows are compared at once: most things in a world stand still, next to each other.
const stillRows = 8

// still reports whether stillRows rows from a slot on are in to as they are in the base and in the older state, if there is one.
func (b *baselines) still(to *lanes, slot int) bool {
	base, older, end := &b.base.l, &b.older.l, slot+stillRows
	if !b.base.even || end > min(base.slots, to.slots) || !equalLanes(base.span(slot, end), to.span(slot, end)) {
		return false
	}
	return older.slots == 0 || end <= older.slots && len(older.ages) == 0 && equalLanes(base.span(slot, end), older.span(slot, end))
}

// beforeAgain is before for a row that is known to show motion.
func (b *baselines) beforeAgain(slot int) []uint32 {
	if b.even {
		return b.older.l.row(slot)
	}
	age := b.base.rowAge(slot)
	b.motion.between(age, b.older.rowAge(slot)-age)
	return b.older.l.at(slot)
}

// motion is how a row's lanes go on from their last two known states, in 1/65536 of their difference.
//
//	before        was                 predicted
//	  |------------|----------------------|
//	  <---- gap ---><-------- age -------->      was + age/gap of the way from before to was
type motion struct {
	age, gap int
	ratio    int64 // age/gap in 1/65536
	way      wire.QuatWay
}

func (m *motion) between(age, gap int) {
	if age != m.age || gap != m.gap {
		*m = motion{age, gap, int64(age) << 16 / int64(gap), wire.NewQuatWay(float64(age) / float64(gap))}
	}
}

// laneGroup is what is known of up to 32 lanes of a row, a bit each. What was predicted of a lane lies between two values; it is the nearer one.
//
//	      unsure            unsure
//	  |----|====|====|====|----|       = nearer than a quarter
//	lane-1        lane        lane+1
//	         not above | above
type laneGroup struct {
	moving uint32 // in motion
	above  uint32 // of these: what was predicted is the value or above it, so that +1 is likelier than -1
	unsure uint32 // of these: it is more than a quarter away from the value
}

// predict fills p with what the lanes of a row are expected to be, and gs with what is known of that.
func (m *motion) predict(p []uint32, gs []laneGroup, t *table, was, before []uint32) {
	for g := range gs {
		from, to := groupBounds(len(p), g)
		gs[g] = m.predictGroup(p[from:to], t.shift[from:to], t.moves[from:to], was[from:to], before[from:to])
	}
	for i := range t.vectors {
		v := &t.vectors[i]
		v.complete(&gs[v.group])
	}
	for _, i := range t.quats {
		m.predictQuat(p, gs, t, was, before, i)
	}
	for g := range gs {
		gs[g].above &= gs[g].moving
		gs[g].unsure &= gs[g].moving
	}
}

func (m *motion) predictGroup(p []uint32, shift []uint8, moves, was, before []uint32) laneGroup {
	n := len(p)
	shift, moves, was, before = shift[:n], moves[:n], was[:n], before[:n]
	var moving, above, unsure uint32
	for i := n - 1; i >= 0; i-- { // backwards, so that the bits come in by a shift of one
		w := was[i]
		d := (w - before[i]) & moves[i]
		moving, above, unsure = moving<<1, above<<1, unsure<<1
		if d == 0 {
			p[i] = w
			above |= 1
			continue
		}
		x := m.ahead(d, shift[i])
		p[i] = w + uint32(x>>16)
		moving |= 1
		above |= isAbove(x)
		unsure |= isUnsure(x)
	}
	return laneGroup{moving: moving, above: above, unsure: unsure}
}

// ahead returns how far a lane goes on that went by d, modulo 2^width, in 1/65536 and with half added.
func (m *motion) ahead(d uint32, shift uint8) int64 {
	return int64(int32(d<<(shift&31))>>(shift&31))*m.ratio + half
}

// half is added to predictions in 1/65536 so that they are rounded to the nearest.
const half = 1 << 15

// isAbove returns 1 when a prediction in 1/65536, with half added, is the value that is next to it or above, else 0.
func isAbove(x int64) uint32 { return uint32(x>>15) & 1 }

// isUnsure returns 1 when it is more than a quarter away from that value, else 0.
func isUnsure(x int64) uint32 { return uint32(^(x>>15 ^ x>>14)) & 1 }

// replace takes note of another prediction, in 1/65536 and with half added, for a lane in motion.
func (g *laneGroup) replace(i int, x int64) {
	i &= groupLanes - 1
	g.moving |= 1 << i
	g.above = g.above&^(1<<i) | isAbove(x)<<i
	g.unsure = g.unsure&^(1<<i) | isUnsure(x)<<i
}

// bySureness returns the lanes in motion: those of which the prediction is sure, and the others.
func (g *laneGroup) bySureness() [2]uint32 {
	return [2]uint32{g.moving &^ g.unsure, g.moving & g.unsure}
}

// predictQuat predicts the rotation at lane i.
func (m *motion) predictQuat(p []uint32, gs []laneGroup, t *table, was, before []uint32, i int) {
	w, b := (*[quatLanes]uint32)(was[i:]), (*[quatLanes]uint32)(before[i:])
	if *w == *b {
		return
	}
	top := int64(t.ops[i].quat.Top)
	x, y, z := m.turn(t, i, w, b)
	for j, x := range [...]int64{x, y, z} {
		lane := i + 1 + j
		p[lane] = uint32(max(0, min(x>>16, top)))
		gs[lane/groupLanes].replace(lane, x)
	}
}

// turn returns what the rotation at lane i is expected to be, but for its largest component, which stays: in 1/65536 and with half
// added. The straight line may leave the range.
func (m *motion) turn(t *table, i int, was, before *[quatLanes]uint32) (x, y, z int64) {
	x, y, z, bends := t.ops[i].quat.Ahead(was, before, &m.way)
	if bends {
		return x + half, y + half, z + half
	}
	x, y, z = int64(was[1])<<16, int64(was[2])<<16, int64(was[3])<<16
	if was[0] != before[0] {
		return x + half, y + half, z + half
	}
	sh := t.shift[i+1]
	return x + m.ahead(was[1]-before[1], sh), y + m.ahead(was[2]-before[2], sh), z + m.ahead(was[3]-before[3], sh)
}

// turn gives the rotation at lane i, as it was predicted, another largest component.
func (t *table) turn(p []uint32, i int, largest uint32) [quatLanes]uint32 {
	return t.ops[i].quat.Turn(quatAt(p, i), largest)
}
