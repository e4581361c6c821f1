package replica

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/halftick/halftick/netcode/sim"
)

// bag is what a player carries, in no order that matters: it travels sorted, with the weight in a curve that is fine for little.
type bag struct {
	Items  [4]uint8
	Weight float64
	hint   int // what the last look found: worth nothing elsewhere
}

func (b *bag) NetLanes() []uint8 { return []uint8{32, 10} }

func (b *bag) NetEncode(lanes []uint32) {
	items := b.Items
	for i := range items {
		for j := i; j > 0 && items[j] < items[j-1]; j-- {
			items[j], items[j-1] = items[j-1], items[j]
		}
	}
	for i, item := range items {
		lanes[0] |= uint32(item) << (8 * i)
	}
	if b.Weight > 0 {
		lanes[1] = 1
		for lanes[1] < 2000 && weightOf(lanes[1]) < b.Weight {
			lanes[1]++
		}
	}
}

func (b *bag) NetDecode(lanes []uint32) {
	for i := range b.Items {
		b.Items[i] = uint8(lanes[0] >> (8 * i))
	}
	for i := range b.Items { // the network may say what NetEncode would not
		for j := i; j > 0 && b.Items[j] < b.Items[j-1]; j-- {
			b.Items[j], b.Items[j-1] = b.Items[j-1], b.Items[j]
		}
	}
	b.Weight = weightOf(lanes[1])
}

func weightOf(lane uint32) float64 { return float64(lane) * float64(lane) / 64 }

// dial is a whole row, of which 4 is the zero value.
type dial struct{ Value int16 }

func (d *dial) NetLanes() []uint8        { return []uint8{3} }
func (d *dial) NetEncode(lanes []uint32) { lanes[0] = uint32(max(0, int(d.Value)+4)) }
func (d *dial) NetDecode(lanes []uint32) { d.Value = int16(lanes[0]) - 4 }

type porter struct {
	Pos   sim.Vec2 `net:"range=-512:512,step=1/64,lerp"`
	Bag   bag
	Purse bag `net:"owner"`
	Kinds [2]dial
	Brand dial `net:"const"`
	Notes bag  `net:"server"`
}

type harbour struct {
	Porters sim.Table[porter]
	Dials   sim.Table[dial]
	Crane   dial
}

func harbourPlan(t testing.TB) *Plan[harbour] {
	t.Helper()
	p, err := NewPlan[harbour]()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCustomTravels(t *testing.T) {
	p := harbourPlan(t)
	w := p.NewWorld()
	a := w.V.Porters.Spawn(3)
	a.Bag = bag{Items: [4]uint8{9, 2, 7, 2}, Weight: 5, hint: 77}
	a.Purse.Weight, a.Kinds[1].Value, a.Notes.hint = 1e9, 99, 5
	w.V.Dials.Spawn(0).Value, w.V.Crane.Value = -3, 2
	s := p.NewSnapshot()
	p.Capture(s, w)
	if want := (bag{Items: [4]uint8{2, 2, 7, 9}, Weight: weightOf(18)}); a.Bag != want {
		t.Errorf("captured: %+v, want %+v", a.Bag, want)
	}
	if a.Purse.Weight != weightOf(1023) || a.Kinds[1].Value != 3 || a.Notes.hint != 5 {
		t.Errorf("beyond the widths: purse %v, kind %d; server field %+v", a.Purse.Weight, a.Kinds[1].Value, a.Notes)
	}
	there, got := p.NewWorld(), p.NewSnapshot()
	if err := p.NewDecoder().Decode(got, 0, nil, nil, p.NewEncoder().Encode(nil, s, nil, nil)); err != nil {
		t.Fatal(err)
	}
	p.Restore(there, got)
	b, ok := there.V.Porters.Of(3)
	if !ok || b.Bag != a.Bag || b.Purse != a.Purse || b.Kinds != a.Kinds || b.Notes != (bag{}) {
		t.Errorf("arrived: %+v, want %+v", b, a)
	}
	if there.V.Crane.Value != 2 {
		t.Errorf("the crane is at %d", there.V.Crane.Value)
	}
}

// The fields beside a custom one are blended; it is as in the nearer snapshot, whatever lay in the row before.
func TestCustomBesideBlended(t *testing.T) {
	p := harbourPlan(t)
	w, a, b, shown := p.NewWorld(), p.NewSnapshot(), p.NewSnapshot(), p.NewWorld()
	row := w.V.Porters.Spawn(0)
	row.Bag.Items[3] = 5
	p.Capture(a, w)
	row.Pos.X, row.Bag = 8, bag{Weight: 4}
	p.Capture(b, w)
	for at, want := range map[float32]porter{0.5: {Pos: sim.V(4, 0), Bag: bag{Items: [4]uint8{3: 5}}}, 1.5: {Pos: sim.V(12, 0), Bag: bag{Weight: 4}}} {
		p.Interpolate(shown, a, b, at)
		for _, got := range shown.V.Porters.All() {
			if *got != want {
				t.Errorf("at %v: %+v, want %+v", at, *got, want)
			}
		}
	}
}

// What only the owner may know is the zero value for others, also where its lanes are not zero.
func TestCustomOfOthers(t *testing.T) {
	p := harbourPlan(t)
	w, s := p.NewWorld(), p.NewSnapshot()
	row := w.V.Porters.Spawn(2)
	row.Purse = bag{Weight: 9}
	p.Capture(s, w)
	p.tables[1].mask(s.tables[1].row(2), ownedBy(5))
	p.Restore(w, s)
	if row.Purse != (bag{}) {
		t.Errorf("another's purse: %+v", row.Purse)
	}
	if d := &p.tables[2].ops[0]; d.zero != 4 {
		t.Errorf("a dial at 0 has lane %d", d.zero)
	}
}

func TestCustomDescribed(t *testing.T) {
	p := harbourPlan(t)
	about := p.Describe()
	for _, want := range []string{"Bag struct (bag) lanes 32,10: 42 bits", "row struct (dial) lanes 3: 3 bits", "Notes struct (bag) server: stays"} {
		if !strings.Contains(about, want) {
			t.Errorf("Describe lacks %q:\n%s", want, about)
		}
	}
	w, a, b := p.NewWorld(), p.NewSnapshot(), p.NewSnapshot()
	row := w.V.Porters.Spawn(0)
	p.Capture(a, w)
	row.Kinds[1].Value = 2
	p.Capture(b, w)
	if d := p.Diff(a, b); !strings.Contains(d, "Kinds[1] lane 0: 4 != 6") {
		t.Error(d)
	}
}

// Worlds with custom values go the way of all others: deltas against any two states, whole and in parts, whatever comes from the network.
func TestCustomWorldsAgree(t *testing.T) {
	p := harbourPlan(t)
	rapid.Check(t, func(t *rapid.T) {
		r := random(rapid.Uint64().Draw(t, "seed"))
		w := &madeWorld{s: &p.schema, rows: p.NewWorld().rows, other: p.NewWorld().rows, r: r}
		newPair(t, w.s, r, func(changes int) *Snapshot {
			w.change(changes)
			return w.capture(t)
		}).play()
	})
}

func TestCustomAllocs(t *testing.T) {
	p := harbourPlan(t)
	w, s := p.NewWorld(), p.NewSnapshot()
	for range 20 {
		w.V.Porters.Spawn(1).Bag.Weight = 3
	}
	if n := testing.AllocsPerRun(50, func() { p.Capture(s, w); p.Restore(w, s); p.Interpolate(w, s, s, 0.5) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

type (
	halfCustom struct{ A uint8 }
	noLanes    struct{ A uint8 }
	wideLane   struct{ A uint8 }
	sliced     struct{ A []uint8 }
	embedding  struct {
		dial
		More uint8
	}
)

func (*halfCustom) NetLanes() []uint8  { return nil }
func (*halfCustom) NetEncode([]uint64) {}
func (*noLanes) NetLanes() []uint8     { return nil }
func (*noLanes) NetEncode([]uint32)    {}
func (*noLanes) NetDecode([]uint32)    {}
func (*wideLane) NetLanes() []uint8    { return []uint8{3, 33} }
func (*wideLane) NetEncode([]uint32)   {}
func (*wideLane) NetDecode([]uint32)   {}
func (*sliced) NetLanes() []uint8      { return []uint8{1} }
func (*sliced) NetEncode([]uint32)     {}
func (*sliced) NetDecode([]uint32)     {}

func TestCustomErrors(t *testing.T) {
	schemaErr[struct{ A halfCustom }](t, "A", "NetEncode(lanes []uint32)")
	schemaErr[struct{ A noLanes }](t, "A", "no lanes")
	schemaErr[struct{ A wideLane }](t, "A", "lane 1 has 33 bits")
	schemaErr[struct{ A sliced }](t, "A", "plain value")
	schemaErr[struct{ T sim.Table[embedding] }](t, "T", "give the field a name")
	schemaErr[struct {
		A dial `net:"lerp"`
	}](t, "A", "only const, owner, server and snap")
	schemaErr[struct{ A [MaxLanes + 1]dial }](t, "A[2048]", "more than 2048 lanes")
	if _, err := NewInputs[struct{ A dial }](); err == nil || !strings.Contains(err.Error(), "plain numbers") {
		t.Errorf("in an input: %v", err)
	}
}
