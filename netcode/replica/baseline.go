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
	n       int // slots up to the last that holds anything
}

// look returns how a table of s, which may be nil, is seen from tick at.
func (t *table) look(s *Snapshot, index int, at sim.Tick) known {
	k := known{nothing: t.nothing}
	if s != nil {
		k.l, k.age = s.tables[index], at.Sub(s.Tick)
	}
	k.n = k.l.slots
	for k.n > 0 && allZero(k.row(k.n-1)) {
		k.n--
	}
	if t.global() {
		k.n = 1
	}
	return k
}

// even reports whether all rows are equally old, and known.
func (k *known) even() bool { return len(k.l.ages) == 0 && k.age <= MaxAge }

// rowAge returns how many ticks before the later tick a row was what the snapshot says.
func (k *known) rowAge(slot int) int {
	if len(k.l.ages) == 0 {
		return k.age
	}
	return k.age + int(k.l.ages[slot])
}

// row returns a row, or nothing when there is none or it is too old to be remembered.
func (k *known) row(slot int) []uint32 {
	if slot >= k.l.slots || !k.even() && k.rowAge(slot) > MaxAge {
		return k.nothing
	}
	return k.l.row(slot)
}

// baselines are the two last states of a table's rows that both ends know.
type baselines struct {
	base, older known
	motion      motion
	even        bool // all rows have the same motion, and it is in motion
}

// baselines returns what is known of a table at a tick.
func (t *table) baselines(base, older *Snapshot, index int, at sim.Tick) baselines {
	b := baselines{base: t.look(base, index, at), older: t.look(older, index, at)}
	if b.base.even() && b.older.even() && b.older.age > b.base.age {
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
	row := b.older.l.row(slot)
	if !sameRow(row[0], was[0]) || equalLanes(row, was) {
		return nil
	}
	b.motion.between(age, ageBefore-age)
	return row
}

// beforeAgain is before for a row that is known to show motion.
func (b *baselines) beforeAgain(slot int) []uint32 {
	if b.even {
		return b.older.l.row(slot)
	}
	age := b.base.rowAge(slot)
	b.motion.between(age, b.older.rowAge(slot)-age)
	return b.older.l.row(slot)
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
	moving  uint32 // in motion
	above   uint32 // of these: what was predicted is the value or above it, so that +1 is likelier than -1
	unsure  uint32 // of these: it is more than a quarter away from the value
	changed uint32 // not as predicted
}

// predict fills p with what the lanes of a row are expected to be, and gs with what is known of that.
func (m *motion) predict(p []uint32, gs []laneGroup, t *table, was, before []uint32) {
	for g := range gs {
		first, n := g*groupLanes, groupSize(len(was), g)
		gs[g] = m.predictGroup(p[first:][:n], t.shift[first:][:n], t.moves[first:][:n], was[first:][:n], before[first:][:n])
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

func (m *motion) predictGroup(p []uint32, shift []uint8, moves, was, before []uint32) (g laneGroup) {
	n := len(p)
	shift, moves, was, before = shift[:n], moves[:n], was[:n], before[:n]
	for i := range p {
		sh := shift[i] & 31
		d := int64(int32((was[i]-before[i])&moves[i]<<sh) >> sh)
		if d != 0 {
			g.moving |= 1 << (i & 31)
		}
		x := d*m.ratio + half
		p[i] = was[i] + uint32(x>>16)
		g.note(i, x)
	}
	return g
}

// half is added to predictions in 1/65536 so that they are rounded to the nearest.
const half = 1 << 15

// note takes note of a prediction in 1/65536 to which half is added.
func (g *laneGroup) note(i int, x int64) {
	g.above |= uint32(x>>15) & 1 << (i & 31)
	g.unsure |= ^uint32(x>>15^x>>14) & 1 << (i & 31)
}

// bySureness returns the lanes in motion: those of which the prediction is sure, and the others.
func (g *laneGroup) bySureness() [2]uint32 {
	return [2]uint32{g.moving &^ g.unsure, g.moving & g.unsure}
}

// predictQuat predicts the rotation at lane i.
func (m *motion) predictQuat(p []uint32, gs []laneGroup, t *table, was, before []uint32, i int) {
	w, b, q := quatAt(was, i), quatAt(before, i), &t.ops[i].quat
	if w == b {
		return
	}
	ahead, bends := q.Ahead(w, b, &m.way)
	for j := 1; j < quatLanes; j++ {
		g, bit := &gs[(i+j)/groupLanes], uint32(1)<<((i+j)%groupLanes)
		g.moving |= bit
		if !bends && w[0] == b[0] { // the straight line may leave the range
			p[i+j] = uint32(max(0, min(int32(p[i+j]), int32(q.Top))))
			continue
		}
		x := int64(w[j])<<16 + half
		if bends {
			x = ahead[j-1] + half
		}
		p[i+j] = uint32(max(0, min(x>>16, int64(q.Top))))
		g.above, g.unsure = g.above&^bit, g.unsure&^bit
		g.note(i+j, x)
	}
}

// turn gives the rotation at lane i, as it was predicted, another largest component.
func (t *table) turn(p []uint32, i int, largest uint32) [quatLanes]uint32 {
	return t.ops[i].quat.Turn(quatAt(p, i), largest)
}
