package replica

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/halftick/halftick/netcode/sim"
	"pgregory.net/rapid"
)

// part finds out, as two peers do who send each other only hashes and one row, where their worlds parted.
func part(t rapid.TB, p *Plan[world], a, b *Snapshot) (Difference, bool) {
	t.Helper()
	table, differ := OtherTable(p.TableHashes(nil, a), p.TableHashes(nil, b))
	if !differ {
		return Difference{}, false
	}
	slot, differ := OtherRow(p.RowHashes(nil, a, table), p.RowHashes(nil, b, table))
	if !differ {
		t.Fatalf("table %d has another hash, its rows have not", table)
	}
	d, differ, err := p.DiffRow(a, table, slot, slices.Clone(p.Row(b, table, slot)))
	if err != nil || !differ {
		t.Fatalf("slot %d of table %d: differ %v, %v", slot, table, differ, err)
	}
	return d, true
}

// TestPeersFindWhereTheyParted: what hashes find over the wire is what a comparison in one place finds.
func TestPeersFindWhereTheyParted(t *testing.T) {
	p := testPlan(t)
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		w := worldFrom(p, seed, 40)
		a := capture(p, w)
		mutate(w.V, random(seed+1), rapid.IntRange(0, 3).Draw(t, "changes"))
		b := capture(p, w)
		a.Tick, b.Tick = 9, 9
		got, differ := part(t, p, a, b)
		want, wanted := p.FirstDifference(a, b)
		if differ != wanted || got != want {
			t.Fatalf("by hashes %v %v, side by side %v %v", differ, got, wanted, want)
		}
		if (p.Diff(a, b) == "") == differ {
			t.Fatal("Diff sees it otherwise")
		}
	})
}

func TestDifferenceSaysItAll(t *testing.T) {
	p := testPlan(t)
	w := p.NewWorld()
	u := w.V.Units.Spawn(3)
	a := capture(p, w)
	u.Aim, u.Stamp = 1, -5
	b := capture(p, w)
	a.Tick, b.Tick = 77, 77
	d, _ := part(t, p, a, b)
	if got, want := d.String(), "tick 77: Units slot 3 (generation 1, owner 3) Aim: 0 (lane 0) != 1.0001554 (lane 652)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	u.Aim = 0
	d, _ = part(t, p, a, capture(p, w))
	if got, want := d.String(), "tick 77: Units slot 3 (generation 1, owner 3) Stamp: 0 != -5 (0xfffffffffffffffb)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDifferenceOfOwnRows(t *testing.T) {
	p := testPlan(t)
	w := p.NewWorld()
	mine, other := w.V.Units.Spawn(1), w.V.Units.Spawn(2)
	mine.Health, other.Health = 50, 60
	a := capture(p, w)
	other.Health = 1
	b := capture(p, w)
	if d, differ := p.FirstDifferencePredicted(a, b, 1); differ {
		t.Errorf("a row of player 2 counts for player 1: %v", d)
	}
	if d, differ := p.FirstDifferencePredicted(a, b, 2); !differ || d.Field != "Health" || d.A != "60" || d.B != "1" || d.RowA.Owner != 2 {
		t.Errorf("%v: %v", differ, d)
	}
	w.V.Units.DespawnOwned(1)
	if d, differ := p.FirstDifferencePredicted(a, capture(p, w), 1); !differ || d.Field != "" || !strings.Contains(d.String(), "!= free") {
		t.Errorf("a lost row: %v %v", differ, d)
	}
}

// What a peer sends may have any length.
func TestDesyncOfHostilePeers(t *testing.T) {
	p := testPlan(t)
	w := worldFrom(p, 4, 60)
	s := capture(p, w)
	if table, differ := OtherTable(p.TableHashes(nil, s), nil); !differ || table != 0 {
		t.Errorf("no hashes at all: table %d, differ %v", table, differ)
	}
	for _, table := range []int{-1, len(p.Tables()), math.MaxInt} {
		if p.RowHashes(nil, s, table) != nil || p.Row(s, table, 0) != nil {
			t.Errorf("table %d has rows", table)
		}
		if _, _, err := p.DiffRow(s, table, 0, nil); err == nil {
			t.Errorf("table %d can be compared", table)
		}
	}
	for _, slot := range []int{-1, sim.MaxRows, math.MaxInt} {
		if _, _, err := p.DiffRow(s, 1, slot, nil); err == nil || p.Row(s, 1, slot) != nil {
			t.Errorf("slot %d exists", slot)
		}
	}
	if _, _, err := p.DiffRow(s, 1, 0, []uint32{1, 2}); !errors.Is(err, ErrRowShape) {
		t.Errorf("a row of two lanes: %v", err)
	}
	if _, differ, err := p.DiffRow(s, 1, sim.MaxRows-1, nil); differ || err != nil {
		t.Errorf("a slot that nobody used: differ %v, %v", differ, err)
	}
	long := make([]uint32, 1+len(p.tables[1].ops))
	for i := range long {
		long[i] = math.MaxUint32 // no valid lanes: still described, not believed
	}
	long[0] = s.tables[1].meta(0)
	if d, differ, err := p.DiffRow(s, 1, 0, long); err != nil || differ && d.String() == "" {
		t.Errorf("%v %v %v", d, differ, err)
	}
}

func TestTableHashesAllocateNothing(t *testing.T) {
	p := testPlan(t)
	s := capture(p, worldFrom(p, 5, 100))
	var hashes []uint64
	var rows []uint32
	turn := func() {
		hashes = p.TableHashes(hashes[:0], s)
		rows = p.RowHashes(rows[:0], s, 1)
	}
	turn()
	if n := testing.AllocsPerRun(20, turn); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
