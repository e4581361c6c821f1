package replica

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/halftick/halftick/netcode/sim"
)

// worldFrom returns a world of n random changes.
func worldFrom(p *Plan[world], seed uint64, n int) *World[world] {
	w := p.NewWorld()
	mutate(w.V, random(seed), n)
	return w
}

func TestCaptureOfRestoreIsIdentity(t *testing.T) {
	p := testPlan(t)
	rapid.Check(t, func(t *rapid.T) {
		w := worldFrom(p, rapid.Uint64().Draw(t, "seed"), rapid.IntRange(0, 120).Draw(t, "changes"))
		first := capture(p, w)
		again := capture(p, w)
		if d := p.Diff(first, again); d != "" {
			t.Fatalf("captured twice: %s", d)
		}
		other := worldFrom(p, 7, 50)
		p.Restore(other, first)
		if d := p.Diff(first, capture(p, other)); d != "" {
			t.Fatalf("restored: %s", d)
		}
		if first.Hash() != again.Hash() || !p.Equal(first, again) {
			t.Fatal("equal worlds have different hashes")
		}
	})
}

func TestCaptureSnapsFields(t *testing.T) {
	p := testPlan(t)
	w := p.NewWorld()
	u := w.V.Units.Spawn(3)
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	*u = unit{Pos: sim.V(nan, inf), Vel: sim.V(0.333, -99), Aim: 7, Heat: nan, Mode: 9, Ammo: 5000, secret: 42}
	w.V.Wind = nan
	capture(p, w)
	if u.Pos != sim.V(0, 512) || u.Mode != 1 || u.Ammo != 1023 || u.Heat != 0 || w.V.Wind != 0 {
		t.Errorf("fields after Capture: %+v, wind %v", *u, w.V.Wind)
	}
	if math.Abs(float64(u.Vel.X-0.33)) > 1e-6 || u.Vel.Y != -20 || math.Abs(float64(u.Aim-(7-2*math.Pi))) > 1e-3 {
		t.Errorf("Vel %v, Aim %v", u.Vel, u.Aim)
	}
	if u.Slots != [3]uint8{5, 5, 5} {
		t.Errorf("Slots %v: the range starts at 5", u.Slots)
	}
	if u.secret != 42 {
		t.Errorf("Capture touched a server field: %d", u.secret)
	}
}

func TestServerFields(t *testing.T) {
	p := testPlan(t)
	w, copied := p.NewWorld(), p.NewWorld()
	id, u := w.V.Units.SpawnID(3)
	u.secret, u.Notes[3], w.V.Hidden = 42, 9, 11
	p.Copy(copied, w)
	if c, ok := copied.V.Units.Get(id); !ok || c.secret != 42 || c.Notes[3] != 9 || copied.V.Hidden != 11 {
		t.Error("Copy lost a server field")
	}
	p.Restore(copied, capture(p, w))
	if c, ok := copied.V.Units.Get(id); !ok || c.secret != 0 || c.Notes[3] != 0 || copied.V.Hidden != 0 {
		t.Error("Restore left a server field")
	}
}

func TestCopyIsDeep(t *testing.T) {
	p := testPlan(t)
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		w := worldFrom(p, seed, 80)
		before := capture(p, w)
		dst := worldFrom(p, seed+1, 80)
		p.Copy(dst, w)
		if d := p.Diff(before, capture(p, dst)); d != "" {
			t.Fatalf("copy differs: %s", d)
		}
		if dst.V.Units.Len() != w.V.Units.Len() {
			t.Fatalf("Len %d, want %d", dst.V.Units.Len(), w.V.Units.Len())
		}
		mutate(dst.V, random(seed+2), 40)
		if d := p.Diff(before, capture(p, w)); d != "" {
			t.Fatalf("changing the copy changed the original: %s", d)
		}
		// What the tables do next depends on their free slots too.
		p.Copy(dst, w)
		a, _ := w.V.Units.SpawnID(5)
		b, _ := dst.V.Units.SpawnID(5)
		if a != b {
			t.Fatalf("the next id is %#x, in the copy %#x", a, b)
		}
	})
}

func TestSnapshotCopyFrom(t *testing.T) {
	p := testPlan(t)
	a, b := capture(p, worldFrom(p, 1, 100)), capture(p, worldFrom(p, 2, 30))
	a.Tick = 77
	b.CopyFrom(a)
	if b.Tick != 77 || !p.Equal(a, b) || a.Hash() != b.Hash() {
		t.Error("the copy differs")
	}
	b.tables[1].row(0)[3]++
	if p.Equal(a, b) || a.Hash() == b.Hash() {
		t.Error("the copy shares memory, or Equal and Hash are blind")
	}
}

func TestEmptyWorld(t *testing.T) {
	p := testPlan(t)
	if d := p.Diff(p.NewSnapshot(), capture(p, p.NewWorld())); d != "" {
		t.Errorf("a new snapshot is not the empty world: %s", d)
	}
}

func TestDiffNamesTheField(t *testing.T) {
	p := testPlan(t)
	w := p.NewWorld()
	id, u := w.V.Units.SpawnID(3)
	a := capture(p, w)
	u.Pos.X = 1.5
	b := capture(p, w)
	if got, want := p.Diff(a, b), "Units slot 3 (generation 1, owner 3) Pos.X: 0 (lane 32768) != 1.5 (lane 32864)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	w.V.Units.Despawn(id)
	if got, want := p.Diff(b, capture(p, w)), "Units slot 3: generation 1, owner 3 != free, generation 1"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
