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

// predict fills p with what the lanes of a row are expected to be, and moving with which are in motion, a bit each.
func (m *motion) predict(p, moving []uint32, t *table, was, before []uint32) {
	for g := range moving {
		first, n := g*groupLanes, groupSize(len(was), g)
		moving[g] = m.predictGroup(p[first:][:n], t.shift[first:][:n], t.moves[first:][:n], was[first:][:n], before[first:][:n])
	}
	for _, i := range t.quats {
		m.predictQuat(p, moving, t, was, before, i)
	}
}

func (m *motion) predictGroup(p []uint32, shift []uint8, moves, was, before []uint32) (moving uint32) {
	n := len(p)
	shift, moves, was, before = shift[:n], moves[:n], was[:n], before[:n]
	for i := range p {
		sh := shift[i] & 31
		d := int64(int32((was[i]-before[i])&moves[i]<<sh) >> sh)
		if d != 0 {
			moving |= 1 << (i & 31)
		}
		p[i] = was[i] + uint32((d*m.ratio+1<<15)>>16)
	}
	return moving
}

// predictQuat predicts the rotation at lane i.
func (m *motion) predictQuat(p, moving []uint32, t *table, was, before []uint32, i int) {
	w, b, q := quatAt(was, i), quatAt(before, i), &t.ops[i].quat
	if w == b {
		return
	}
	ahead, bends := q.Ahead(w, b, &m.way)
	for j := 1; j < quatLanes; j++ {
		switch {
		case bends:
			p[i+j] = ahead[j]
		case w[0] != b[0]:
			p[i+j] = w[j]
		default: // the straight line may leave the range
			p[i+j] = uint32(max(0, min(int32(p[i+j]), int32(q.Top))))
		}
		moving[(i+j)/groupLanes] |= 1 << ((i + j) % groupLanes)
	}
}

// turn gives the rotation at lane i, as it was predicted, another largest component.
func (t *table) turn(p []uint32, i int, largest uint32) [quatLanes]uint32 {
	return t.ops[i].quat.Turn(quatAt(p, i), largest)
}
