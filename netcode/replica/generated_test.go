package replica

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"unsafe"

	"pgregory.net/rapid"

	"github.com/halftick/halftick/netcode/sim"
)

// Worlds of random types. Rows of types that are made at run time need tables that know them at run time: made tables find the
// type of their rows in madeTypes, by the number that is their type parameter.
var madeTypes [3]reflect.Type

type number interface{ of() int }

type (
	n0 struct{}
	n1 struct{}
	n2 struct{}
)

func (n0) of() int { return 0 }
func (n1) of() int { return 1 }
func (n2) of() int { return 2 }

// made is a sim.Rows of rows of a type made at run time.
type made[N number] struct {
	meta []sim.RowMeta
	rows []reflect.Value // pointers
}

var madeTables = [len(madeTypes)]reflect.Type{reflect.TypeFor[made[n0]](), reflect.TypeFor[made[n1]](), reflect.TypeFor[made[n2]]()}

func (m *made[N]) RowType() reflect.Type       { var n N; return madeTypes[n.of()] }
func (m *made[N]) Slots() int                  { return len(m.meta) }
func (m *made[N]) Meta(slot int) sim.RowMeta   { return m.meta[slot] }
func (m *made[N]) Row(slot int) unsafe.Pointer { return m.rows[slot].UnsafePointer() }
func (m *made[N]) DespawnOwned(sim.PlayerID)   {}

func (m *made[N]) SetMeta(slot int, meta sim.RowMeta) {
	for len(m.meta) <= slot {
		m.meta, m.rows = append(m.meta, sim.RowMeta{}), append(m.rows, reflect.New(m.RowType()))
	}
	m.meta[slot] = meta
}

// leaves are the fields that random types are made of.
var leaves = []struct {
	typ  reflect.Type
	tags []string
}{
	{reflect.TypeFor[bool](), []string{"", "const"}},
	{reflect.TypeFor[uint8](), []string{"", "bits=3", "bits=5,const", "range=3:9"}},
	{reflect.TypeFor[uint16](), []string{"", "bits=10", "owner"}},
	{reflect.TypeFor[uint32](), []string{"", "bits=31", "range=7:4000000000", "const"}},
	{reflect.TypeFor[uint64](), []string{"", "bits=32", "owner"}},
	{reflect.TypeFor[uint](), []string{"bits=6", "range=1:2"}},
	{reflect.TypeFor[int8](), []string{"", "range=-1:1"}},
	{reflect.TypeFor[int16](), []string{"", "range=-300:-2"}},
	{reflect.TypeFor[int32](), []string{"", "range=-2147483648:2147483647"}},
	{reflect.TypeFor[int64](), []string{"", "range=-9:4294967286", "const"}},
	{reflect.TypeFor[int](), []string{"range=-5:5"}},
	{reflect.TypeFor[sim.ID](), []string{""}},
	{reflect.TypeFor[float32](), []string{"", "lerp", "range=-8:8,step=1/64", "angle=12,lerp", "angle=1", "range=0:1,step=1,const"}},
	{reflect.TypeFor[float64](), []string{"server"}},
	{reflect.TypeFor[sim.Vec2](), []string{"range=-512:512,step=1/64,lerp,smooth", "angle=20"}},
	{reflect.TypeFor[[3]float32](), []string{"range=-64:64,step=0.01", "range=0:1,step=1/8,const"}},
	{reflect.TypeFor[[40]float32](), []string{"range=-8:8,step=1/4"}},
	{reflect.TypeFor[[4]float32](), []string{"quat=4", "quat=7,lerp", "quat=12,const", "quat,step=0.001", "quat,step=1/10,lerp", "range=-1:1,step=0.25", "lerp"}},
	{reflect.TypeFor[[7]bool](), []string{"", "server"}},
	{reflect.TypeFor[[20]uint8](), []string{"", "bits=1", "range=0:5"}},
}

// makeFields returns n fields of random types and tags. A few are structs and arrays of others, or a place and its velocity. Those of
// globals have no owner.
func makeFields(r *rand.Rand, n int, owned bool) (fields []reflect.StructField) {
	for i := range n {
		leaf := leaves[r.IntN(len(leaves))]
		f := reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: leaf.typ}
		if tag := leaf.tags[r.IntN(len(leaf.tags))]; tag != "" && (owned || tag != "owner") {
			f.Tag = reflect.StructTag(fmt.Sprintf("net:%q", tag))
		}
		switch r.IntN(12) {
		case 0:
			f.Type, f.Tag = reflect.StructOf(makeFields(r, 1+r.IntN(4), owned)), ""
		case 1:
			f.Type = reflect.ArrayOf(1+r.IntN(3), f.Type)
		case 2:
			v := reflect.StructField{Name: fmt.Sprintf("V%d", i), Type: reflect.TypeFor[sim.Vec2](), Tag: `net:"range=-20:20,step=0.01"`}
			f.Type, f.Tag = v.Type, reflect.StructTag(fmt.Sprintf(`net:"range=-99:99,step=0.01,hermite=%s"`, v.Name))
			fields = append(fields, v)
		}
		fields = append(fields, f)
	}
	return fields
}

// madeWorld is a world of a random type, and another one.
type madeWorld struct {
	s     *schema
	typ   reflect.Type
	rows  rows
	other rows
	r     *rand.Rand
}

func makeWorld(t *rapid.T) *madeWorld {
	r := random(rapid.Uint64().Draw(t, "seed"))
	fields := makeFields(r, rapid.IntRange(0, 5).Draw(t, "globals"), false)
	for i := range rapid.IntRange(0, len(madeTypes)).Draw(t, "tables") {
		madeTypes[i] = reflect.StructOf(makeFields(r, rapid.IntRange(0, 12).Draw(t, "fields"), true))
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("T%d", i), Type: madeTables[i], Tag: `net:"rate=20"`})
	}
	w := &madeWorld{typ: reflect.StructOf(fields), r: r}
	var err error
	if w.s, err = newSchema(w.typ); err != nil {
		t.Fatalf("%v: %v", w.typ, err)
	}
	w.rows = w.s.bind(reflect.New(w.typ).UnsafePointer())
	w.other = w.s.bind(reflect.New(w.typ).UnsafePointer())
	return w
}

// change makes n random changes.
func (w *madeWorld) change(n int) {
	for range n {
		i := w.r.IntN(len(w.rows))
		t, rows := &w.s.tables[i], w.rows[i]
		slot := w.r.IntN(rows.Slots() + 1)
		if w.r.IntN(40) == 0 {
			slot = w.r.IntN(sim.MaxRows)
		}
		if i == 0 {
			slot = 0
		}
		var m sim.RowMeta
		if slot < rows.Slots() {
			m = rows.Meta(slot)
		}
		switch k := w.r.IntN(12); {
		case !m.Alive:
			rows.SetMeta(slot, sim.RowMeta{Gen: max(1, m.Gen+1), Owner: sim.PlayerID(w.r.IntN(9)), Alive: true})
			w.scramble(t, rows.Row(slot))
		case k == 0:
			rows.SetMeta(slot, sim.RowMeta{Gen: m.Gen})
		case k == 1:
			m.Owner++
			rows.SetMeta(slot, m)
		case k < 4:
			w.scramble(t, rows.Row(slot))
		default:
			w.nudge(i)
		}
	}
}

// scramble fills the fields of a row with anything.
func (w *madeWorld) scramble(t *table, row unsafe.Pointer) {
	for _, s := range t.spans {
		for i := range unsafe.Slice((*byte)(unsafe.Add(row, s.off)), s.size) {
			*(*byte)(unsafe.Add(row, s.off+uintptr(i))) = byte(w.r.Uint32())
		}
	}
	for _, off := range t.bools {
		*(*byte)(unsafe.Add(row, off)) &= 1
	}
	for i := range t.ops {
		o := &t.ops[i]
		switch {
		case o.kind == kindBool:
			*at[byte](row, o) &= 1
		case o.kind == kindQuat && w.r.IntN(3) > 0:
			*at[[4]float32](row, o) = [4]float32{wild(w.r), wild(w.r), wild(w.r), wild(w.r)}
		case o.kind == kindFloat || o.kind == kindQuant || o.kind == kindAngle:
			*at[float32](row, o) = wild(w.r)
		}
	}
}

// nudge moves a table's rows on, each by as much in its lanes as the last time or nearly so: what is predicted.
func (w *madeWorld) nudge(table int) {
	t, rows := &w.s.tables[table], w.rows[table]
	for slot := range rows.Slots() {
		if !rows.Meta(slot).Alive || w.r.IntN(4) == 0 {
			continue
		}
		row := rows.Row(slot)
		for i := range t.ops {
			o := &t.ops[i]
			switch {
			case o.kind == kindQuat:
				at[[4]float32](row, o)[i%4] += 0.1
			case o.kind == kindQuatPart || o.kind == kindFloat || o.kind == kindCustom || o.constant:
			default:
				o.store(row, uint32(min(uint64(o.load(row))+uint64(slot%7+w.r.IntN(2)), uint64(o.top))))
			}
		}
		w.nudgeCustoms(t, row, slot%7)
	}
}

// nudgeCustoms moves on the lanes of values that say themselves how they travel.
func (w *madeWorld) nudgeCustoms(t *table, row unsafe.Pointer, by int) {
	lanes := make([]uint32, len(t.ops))
	for i := range t.customs {
		c := &t.customs[i]
		c.capture(t, lanes, row)
		for lane := c.first; lane < c.first+c.n; lane++ {
			if o := &t.ops[lane]; !o.constant {
				lanes[lane] = uint32(min(uint64(lanes[lane])+uint64(by+w.r.IntN(2)), uint64(o.top)))
			}
		}
		c.store(lanes, row)
	}
}

// capture returns the lanes of the world, having seen that another one made of them has the same.
func (w *madeWorld) capture(t *rapid.T) *Snapshot {
	s, again := w.s.NewSnapshot(), w.s.NewSnapshot()
	w.s.capture(s, w.rows)
	w.s.restore(w.other, s)
	w.s.capture(again, w.other)
	if d := w.s.Diff(s, again); d != "" {
		t.Fatalf("captured and restored: %s\n%s", d, w.s.Describe())
	}
	return s
}

// Whatever the types of its rows, a world arrives as it is, against any two of its earlier states.
func TestAnyWorldArrives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := makeWorld(t)
		history := []*Snapshot{nil}
		now := sim.Tick(w.r.Uint32())
		for range rapid.IntRange(1, 8).Draw(t, "ticks") {
			w.change(rapid.IntRange(0, 40).Draw(t, "changes"))
			s := w.capture(t)
			now += sim.Tick(1 + w.r.IntN(MaxAge/8))
			s.Tick = now
			base := w.r.IntN(len(history))
			w.s.sent(t, s, history[base], history[w.r.IntN(base+1)])
			history = append(history, s)
		}
	})
}

// Whatever the types of its rows, client and server agree about which parts of a world the client has, and how old they are.
func TestAnyViewsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := makeWorld(t)
		w.change(60)
		newPair(t, w.s, w.r, func(changes int) *Snapshot {
			w.change(changes)
			return w.capture(t)
		}).play()
	})
}
