package sim

import (
	"testing"

	"pgregory.net/rapid"
)

type row struct{ n int }

func TestTableZeroValue(t *testing.T) {
	var tb Table[row]
	if tb.Len() != 0 || tb.Despawn(1<<16) || tb.Owner(1<<16) != 0 {
		t.Error("an empty table has a row")
	}
	if _, ok := tb.Get(0); ok {
		t.Error("ID 0 names a row")
	}
	if r, ok := tb.Of(1); ok || r != nil {
		t.Error("an empty table has a row of player 1")
	}
}

func TestSpawnGetDespawn(t *testing.T) {
	var tb Table[row]
	id, r := tb.SpawnID(5)
	r.n = 7
	if id.Slot() != 5 || id.Gen() != 1 {
		t.Errorf("first id of player 5: slot %d, generation %d", id.Slot(), id.Gen())
	}
	if got, ok := tb.Get(id); !ok || got.n != 7 || tb.Owner(id) != 5 || tb.Len() != 1 {
		t.Errorf("got %v, %v, owner %d, %d rows", got, ok, tb.Owner(id), tb.Len())
	}
	if !tb.Despawn(id) || tb.Despawn(id) || tb.Len() != 0 {
		t.Error("a row despawns once")
	}
	again, r := tb.SpawnID(5)
	if again.Slot() != 5 || again.Gen() != 2 || r.n != 0 {
		t.Errorf("the slot's next row: slot %d, generation %d, %+v", again.Slot(), again.Gen(), *r)
	}
	if _, ok := tb.Get(id); ok {
		t.Error("a stale id finds the new row")
	}
}

// The generation skips 0 when it wraps, so that no row ever has the zero ID.
func TestGenerationWraps(t *testing.T) {
	var tb Table[row]
	tb.SetMeta(0, RowMeta{Gen: 0xffff})
	id, _ := tb.SpawnID(0)
	if id.Gen() != 1 || id.Slot() != 0 {
		t.Errorf("after generation 65535: slot %d, generation %d", id.Slot(), id.Gen())
	}
}

// A player's ids do not depend on the rows of players in other stripes.
func TestStripes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var quiet, busy Table[row]
		other := rapid.Custom(func(t *rapid.T) PlayerID {
			return PlayerID(rapid.IntRange(1, 255).Filter(func(p int) bool { return p%stripes != 3 }).Draw(t, "p"))
		})
		for range rapid.IntRange(1, 30).Draw(t, "spawns") {
			for range rapid.IntRange(0, 4).Draw(t, "others") {
				busy.Spawn(other.Draw(t, "other"))
			}
			a, _ := quiet.SpawnID(3)
			b, _ := busy.SpawnID(3)
			if a != b || a.Slot()%stripes != 3 {
				t.Fatalf("alone %#x, in company %#x", a, b)
			}
			if rapid.Bool().Draw(t, "despawn") {
				quiet.Despawn(a)
				busy.Despawn(b)
			}
		}
	})
}

func TestServerTakesTheLowestFreeSlot(t *testing.T) {
	var tb Table[row]
	tb.Spawn(2)
	for want := range 5 {
		id, _ := tb.SpawnID(0)
		if skip := want >= 2; (skip && id.Slot() != want+1) || (!skip && id.Slot() != want) {
			t.Errorf("spawn %d is in slot %d", want, id.Slot())
		}
	}
}

func TestFullTable(t *testing.T) {
	var tb Table[row]
	seen := map[ID]bool{}
	for range MaxRows {
		id, _ := tb.SpawnID(1) // the stripe is full after 256, then any slot will do
		if id == 0 || seen[id] {
			t.Fatalf("id %#x after %d rows", id, len(seen))
		}
		seen[id] = true
	}
	id, r := tb.SpawnID(1)
	if id != 0 || r == nil || tb.Len() != MaxRows {
		t.Errorf("beyond the limit: id %#x, row %v, %d rows", id, r, tb.Len())
	}
	r.n = 1 // a throwaway row may be written
	tb.Despawn(ID(1<<16 | 77))
	if id, _ := tb.SpawnID(9); id.Slot() != 77 {
		t.Errorf("the one free slot is 77, got %d", id.Slot())
	}
}

func TestPointersStayValid(t *testing.T) {
	var tb Table[row]
	id, r := tb.SpawnID(1)
	for range 1000 {
		tb.Spawn(0)
	}
	r.n = 5
	if got, _ := tb.Get(id); got != r || got.n != 5 {
		t.Error("the row moved")
	}
}

func TestOfAndFind(t *testing.T) {
	var tb Table[row]
	tb.Spawn(1)
	first, _ := tb.SpawnID(2)
	tb.Spawn(2)
	id, r, ok := tb.Find(2)
	of, _ := tb.Of(2)
	if !ok || id != first || of != r {
		t.Errorf("Find(2) = %#x, %v, want %#x", id, ok, first)
	}
	tb.DespawnOwned(2)
	if _, ok := tb.Of(2); ok || tb.Len() != 1 {
		t.Errorf("%d rows after DespawnOwned", tb.Len())
	}
}

func TestAllIsInOrderOfSlots(t *testing.T) {
	var tb Table[row]
	for _, p := range []PlayerID{9, 3, 0, 12, 3} {
		tb.Spawn(p)
	}
	last := -1
	for id, r := range tb.All() {
		if got, _ := tb.Get(id); id.Slot() <= last || got != r {
			t.Errorf("slot %d after %d", id.Slot(), last)
		}
		last = id.Slot()
	}
	if last != 19 {
		t.Errorf("the last slot is %d", last)
	}
}

// Rows may come and go while All runs; what is yielded depends on slots alone.
func TestAllWhileChanging(t *testing.T) {
	var tb Table[row]
	for range 4 {
		tb.Spawn(0)
	}
	var slots []int
	for id := range tb.All() {
		slots = append(slots, id.Slot())
		switch id.Slot() {
		case 0:
			tb.Despawn(ID(1<<16 | 1)) // ahead: not yielded
		case 2:
			tb.Spawn(0)                                  // takes slot 1, behind: not yielded
			tb.Spawn(0)                                  // takes slot 4, ahead: yielded
			tb.Despawn(id)                               // the current one
			tb.SetMeta(70, RowMeta{Gen: 1, Alive: true}) // a new page, ahead
		}
	}
	if len(slots) != 5 || slots[0] != 0 || slots[1] != 2 || slots[2] != 3 || slots[3] != 4 || slots[4] != 70 {
		t.Errorf("yielded %v", slots)
	}
	for range tb.All() {
		break // leaving early is fine
	}
}

func TestLenCountsRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tb Table[row]
		var ids []ID
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			if len(ids) > 0 && rapid.Bool().Draw(t, "despawn") {
				i := rapid.IntRange(0, len(ids)-1).Draw(t, "which")
				tb.Despawn(ids[i])
				ids = append(ids[:i], ids[i+1:]...)
			} else {
				id, _ := tb.SpawnID(PlayerID(rapid.IntRange(0, 255).Draw(t, "owner")))
				ids = append(ids, id)
			}
			if tb.Len() != len(ids) {
				t.Fatalf("Len %d of %d rows", tb.Len(), len(ids))
			}
		}
		for _, id := range ids {
			if _, ok := tb.Get(id); !ok {
				t.Fatalf("row %#x is gone", id)
			}
		}
	})
}

func TestSteadyTableAllocatesNothing(t *testing.T) {
	var tb Table[row]
	turn := func() {
		for p := range PlayerID(40) {
			tb.Spawn(p)
		}
		for id := range tb.All() {
			tb.Despawn(id)
		}
	}
	turn()
	if n := testing.AllocsPerRun(20, turn); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
