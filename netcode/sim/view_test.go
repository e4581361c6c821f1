package sim

import "testing"

type fog struct {
	Tanks, Mines Table[int32]
	Score        int32
}

func TestViewDecidesRowByRow(t *testing.T) {
	var w fog
	v := NewView([]Rows{&w.Tanks, &w.Mines}, nil)
	mine, _ := w.Tanks.SpawnID(1)
	other, _ := w.Tanks.SpawnID(2)
	bomb, _ := w.Mines.SpawnID(2)
	v.Begin([]bool{false, true})

	tanks, mines := v.Of(&w.Tanks), v.Of(&w.Mines)
	if !tanks.Sees(mine) || !tanks.Sees(other) || mines.Sees(bomb) {
		t.Error("a view does not begin with what it was given")
	}
	tanks.Hide(other)
	mines.Show(bomb)
	if !tanks.Sees(mine) || tanks.Sees(other) || !mines.Sees(bomb) {
		t.Error("Hide or Show did not do it")
	}
	tanks.HideAll()
	mines.ShowAll()
	if tanks.Sees(mine) || !mines.Sees(bomb) {
		t.Error("HideAll or ShowAll did not do it")
	}
	tanks.Weigh(other, 7)
	if _, weights := v.Sight(0); len(weights) <= other.Slot() || weights[other.Slot()] != 7 || weights[mine.Slot()] != 0 {
		t.Errorf("the weights are %v", weights)
	}
	v.Begin([]bool{false, true})
	if seen, weights := v.Sight(0); len(weights) != 0 || seen[0] != ^uint64(0) {
		t.Error("the next player begins with what was decided for the one before")
	}
}

// Stale ids, other worlds' tables and rows beyond the end name nothing, and do no harm.
func TestViewOfWhatIsNotThere(t *testing.T) {
	var w, other fog
	v := NewView([]Rows{&w.Tanks, &w.Mines}, nil)
	stale, _ := w.Tanks.SpawnID(0)
	w.Tanks.Despawn(stale)
	fresh, _ := w.Tanks.SpawnID(0)
	v.Begin([]bool{false, false})
	tanks := v.Of(&w.Tanks)
	tanks.Hide(stale)
	tanks.Weigh(stale, 9)
	if !tanks.Sees(fresh) || tanks.Sees(stale) {
		t.Error("a stale id reached the row that lives there now")
	}
	tanks.Hide(ID(1)<<16 | 4000)
	v.Look(V(1, 2))
	if s := v.Of(&other.Tanks); s != nil {
		t.Error("found a table of another world")
	} else {
		s.Hide(fresh)
		s.ShowAll()
		s.Weigh(fresh, 1)
	}
}

func TestViewAllocatesNothing(t *testing.T) {
	var w fog
	v := NewView([]Rows{&w.Tanks, &w.Mines}, nil)
	for range 300 {
		w.Tanks.Spawn(0)
	}
	hidden := []bool{false, true}
	see := func() {
		v.Begin(hidden)
		tanks := v.Of(&w.Tanks)
		for id := range w.Tanks.All() {
			tanks.Hide(id)
			tanks.Weigh(id, 3)
		}
	}
	see()
	if n := testing.AllocsPerRun(50, see); n != 0 {
		t.Errorf("%v allocations for each player", n)
	}
}
