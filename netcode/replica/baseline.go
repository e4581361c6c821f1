package replica

import "github.com/halftick/halftick/netcode/sim"

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

// rowAge returns how many ticks before the later tick a row was what the snapshot says.
func (k *known) rowAge(slot int) int {
	if len(k.l.ages) == 0 {
		return k.age
	}
	return k.age + int(k.l.ages[slot])
}

// row returns a row, or nothing when there is none or it is too old to be remembered.
func (k *known) row(slot int) []uint32 {
	if slot >= k.l.slots || k.rowAge(slot) > MaxAge {
		return k.nothing
	}
	return k.l.row(slot)
}

// baselines are the two last states of a table's rows that both ends know.
type baselines struct {
	base, older known
	motion      motion
}

// before returns the state of a living row before was, its state in the base, when the two show motion, else nil.
// Then b.motion is its motion.
func (b *baselines) before(slot int, was []uint32) []uint32 {
	if slot >= b.older.l.slots {
		return nil
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

// motion is how a row's lanes go on from their last two known states, in 1/65536 of their difference.
//
//	before        was                 predicted
//	  |------------|----------------------|
//	  <---- gap ---><-------- age -------->      was + age/gap of the way from before to was
type motion struct {
	age, gap int
	ratio    int64
}

func (m *motion) between(age, gap int) {
	if age != m.age || gap != m.gap {
		*m = motion{age, gap, int64(age) << 16 / int64(gap)}
	}
}

// predict fills p with what the lanes of a row are expected to be, and moving with which are in motion, a bit each.
func (m *motion) predict(p, moving []uint32, t *table, was, before []uint32) {
	for g := range moving {
		first, n := g*groupLanes, groupSize(len(was), g)
		moving[g] = m.predictGroup(p[first:][:n], t.shift[first:][:n], t.moves[first:][:n], was[first:][:n], before[first:][:n])
	}
	for _, i := range t.quats {
		if was[i] != before[i] {
			m.predictQuat(p, moving, t, was, before, i)
		}
	}
}

func (m *motion) predictGroup(p []uint32, shift []uint8, moves, was, before []uint32) (moving uint32) {
	n := len(p)
	shift, moves, was, before = shift[:n], moves[:n], was[:n], before[:n]
	for i := range p {
		d := int64(int32((was[i]-before[i])&moves[i]<<shift[i]) >> shift[i])
		if d != 0 {
			moving |= 1 << i
		}
		p[i] = was[i] + uint32((d*m.ratio+1<<15)>>16)
	}
	return moving
}

// predictQuat predicts the rotation at lane i whose largest component was another one before.
func (m *motion) predictQuat(p, moving []uint32, t *table, was, before []uint32, i int) {
	turned := t.ops[i].quat.Turn(quatAt(before, i), was[i])
	for j := i + 1; j < i+quatLanes; j++ {
		bit := uint32(1) << (j % groupLanes)
		moving[j/groupLanes] &^= bit
		d := int64(int32(was[j] - turned[j-i]))
		if d != 0 {
			moving[j/groupLanes] |= bit
		}
		p[j] = was[j] + uint32((d*m.ratio+1<<15)>>16)
	}
}

// turn gives the rotation at lane i, as it was predicted, another largest component.
func (t *table) turn(p []uint32, i int, largest uint32) (turned [quatLanes]uint32) {
	o := &t.ops[i]
	l := quatAt(p, i)
	for j := range l[1:] { // a prediction may lie outside of the range
		l[1+j] = min(l[1+j]&t.ops[i+1].mask, o.quat.Top)
	}
	return o.quat.Turn(l, largest)
}
