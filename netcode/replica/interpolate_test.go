package replica

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/halftick/halftick/netcode/sim"
)

func TestInterpolateEnds(t *testing.T) {
	p := testPlan(t)
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		w, r := worldFrom(p, seed, 60), random(seed)
		a := capture(p, w)
		mutate(w.V, r, 40)
		b := capture(p, w)
		between := worldFrom(p, seed+1, 60)
		for _, c := range []struct {
			t    float32
			want *Snapshot
		}{{0, a}, {-3, a}, {float32(math.NaN()), a}, {1, b}} {
			exact := p.NewWorld()
			p.Restore(exact, c.want)
			p.Interpolate(between, a, b, c.t)
			sameBits(t, exact, between)
		}
		// In between and beyond, everything still is a world.
		for _, f := range []float32{0.01, 0.5, 0.99, 1.5, 20} {
			p.Interpolate(between, a, b, f)
			inRange(t, between.V)
			near := a
			if f > 1 {
				near = b
			}
			sameRows(t, near, capture(p, between))
		}
	})
}

// sameBits compares rows field by field as they are in memory; Go's == on floats would take -0 for 0.
func sameBits(t *rapid.T, x, y *World[world]) {
	if x.V.Units.Slots() > y.V.Units.Slots() {
		t.Fatal("slots are missing")
	}
	for slot := range x.V.Units.Slots() {
		if x.V.Units.Meta(slot) != y.V.Units.Meta(slot) {
			t.Fatalf("slot %d: %v, %v", slot, x.V.Units.Meta(slot), y.V.Units.Meta(slot))
		}
		if !x.V.Units.Meta(slot).Alive {
			continue
		}
		a, b := (*unit)(x.V.Units.Row(slot)), (*unit)(y.V.Units.Row(slot))
		if *a != *b || math.Float32bits(a.Heat) != math.Float32bits(b.Heat) {
			t.Fatalf("slot %d: %+v, %+v", slot, *a, *b)
		}
	}
	if x.V.Round != y.V.Round || x.V.Wind != y.V.Wind || x.V.Extra.Gate != y.V.Extra.Gate {
		t.Fatal("globals differ")
	}
}

// sameRows compares who is where, not the fields.
func sameRows(t *rapid.T, want, got *Snapshot) {
	for i := range want.tables {
		for slot := range max(want.tables[i].slots, got.tables[i].slots) {
			if w, g := want.tables[i].meta(slot), got.tables[i].meta(slot); w != g {
				t.Fatalf("table %d slot %d: %x, want %x", i, slot, g, w)
			}
		}
	}
}

func inRange(t *rapid.T, w *world) {
	for id, u := range w.Units.All() {
		if !(u.Pos.X >= -512 && u.Pos.X <= 512 && u.Aim >= -math.Pi && u.Aim < math.Pi && u.Heat-u.Heat == 0) {
			t.Fatalf("row %#x: %+v", id, *u)
		}
	}
	if !(w.Wind >= -1 && w.Wind <= 1) {
		t.Fatalf("wind %v", w.Wind)
	}
}

func TestInterpolateBlends(t *testing.T) {
	p := testPlan(t)
	w := p.NewWorld()
	id, u := w.V.Units.SpawnID(1)
	u.Pos, u.Aim, u.Health, w.V.Wind = sim.V(0, 10), 3, 100, 0
	gone, _ := w.V.Units.SpawnID(2)
	replaced, r := w.V.Units.SpawnID(3)
	r.Pos = sim.V(50, 50)
	a := capture(p, w)

	u.Pos, u.Aim, u.Health, w.V.Wind = sim.V(8, 10), -3, 90, 1
	w.V.Units.Despawn(gone)
	w.V.Units.Despawn(replaced)
	w.V.Units.Spawn(3).Pos = sim.V(-50, -50)
	born, _ := w.V.Units.SpawnID(4)
	b := capture(p, w)

	v := p.NewWorld()
	p.Interpolate(v, a, b, 0.25)
	got, _ := v.V.Units.Get(id)
	if got == nil || got.Pos != sim.V(2, 10) || got.Health != 100 || v.V.Wind != 0.25 {
		t.Errorf("at 0.25: %+v, wind %v", got, v.V.Wind)
	}
	if got.Aim < 3 || got.Aim > 3.1 { // the short way from 3 to -3 leads over π
		t.Errorf("Aim %v", got.Aim)
	}
	if _, ok := v.V.Units.Get(gone); !ok {
		t.Error("a row of a is gone too early")
	}
	if r, ok := v.V.Units.Get(replaced); !ok || r.Pos != sim.V(50, 50) {
		t.Error("a slot that was used again was blended or replaced too early")
	}
	if _, ok := v.V.Units.Get(born); ok {
		t.Error("a row of b is there too early")
	}

	p.Interpolate(v, a, b, 1.5)
	if got, _ = v.V.Units.Get(id); got == nil || got.Pos != sim.V(12, 10) || got.Health != 90 || v.V.Wind != 1 {
		t.Errorf("at 1.5: %+v, wind %v", got, v.V.Wind)
	}
	_, isGone := v.V.Units.Get(gone)
	_, isBorn := v.V.Units.Get(born)
	if isGone || !isBorn {
		t.Error("beyond 1 the rows are not those of b")
	}
}

func TestSmoothVisitsOwnRows(t *testing.T) {
	p := testPlan(t)
	w := p.NewWorld()
	id, u := w.V.Units.SpawnID(3)
	w.V.Units.Spawn(4)
	var keys []SmoothKey
	p.Smooth(w, 3, func(k SmoothKey, v *float32) {
		keys = append(keys, k)
		*v = float32(len(keys))
	})
	want := []SmoothKey{
		{Row: id, Table: 1, Lane: 0}, {Row: id, Table: 1, Lane: 1}, {Row: id, Table: 1, Lane: 4, Angle: true},
	}
	if len(keys) != 3 || keys[0] != want[0] || keys[1] != want[1] || keys[2] != want[2] {
		t.Errorf("visited %+v, want %+v", keys, want)
	}
	if u.Pos != sim.V(1, 2) || u.Aim != 3 {
		t.Errorf("the visitor wrote elsewhere: %+v", *u)
	}
}
