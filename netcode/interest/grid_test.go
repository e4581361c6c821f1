package interest

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

const side = 16

type point struct{ x, y float32 }

func sees(g *Grid, e *Eye, slot int) bool {
	seen := make([]uint64, slot/64+1)
	g.Gather(seen, e)
	return seen[slot/64]>>(slot%64)&1 != 0
}

// What an eye sees, by distance along an axis, however it and the row came there.
func TestEyeSeesWhatIsNear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := NewGrid(side)
		var e Eye
		var at, from point
		steps := rapid.IntRange(1, 30).Draw(t, "steps")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		for range steps {
			at = point{at.x + r.Float32()*20 - 10, at.y + r.Float32()*20 - 10}
			from = point{from.x + r.Float32()*20 - 10, from.y + r.Float32()*20 - 10}
			g.Put(7, at.x, at.y)
			e.Look(from.x, from.y, side)
			d := max(math.Abs(float64(at.x-from.x)), math.Abs(float64(at.y-from.y)))
			switch got := sees(g, &e, 7); {
			case d <= side*0.75-0.01 && !got:
				t.Fatalf("a row at %v is not seen from %v", at, from)
			case d >= side*2.25+0.01 && got:
				t.Fatalf("a row at %v is seen from %v", at, from)
			}
		}
	})
}

// A row that dithers at the edge of a cell is not shown and hidden by turns.
func TestEdgesAreSticky(t *testing.T) {
	g := NewGrid(side)
	var e Eye
	e.Look(8, 8, side)
	g.Put(0, 2*side-0.5, 8)
	before := g.Work()
	for i := range 100 {
		g.Put(0, 2*side-0.5+float32(i%2), 8)
		if !sees(g, &e, 0) {
			t.Fatal("half a unit beyond the edge the row is hidden")
		}
	}
	if g.Put(0, 2*side+3, 8); sees(g, &e, 0) {
		t.Error("well beyond the edge it is still seen")
	}
	if moved := g.Work() - before; moved > 200 {
		t.Errorf("%d links for a row that stays where it is", moved)
	}
}

// The grid agrees with looking at every row, whatever rows come, go and move.
func TestGridAgreesWithAllRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		g := NewGrid(side)
		cells := make(map[int]cell)
		for range 500 {
			slot := r.IntN(90)
			if r.IntN(4) == 0 {
				g.Remove(slot)
				delete(cells, slot)
				continue
			}
			x, y := r.Float32()*200-100, r.Float32()*200-100
			if c, ok := cells[slot]; !ok || !c.holds(x, y, side) {
				cells[slot] = cellOf(x, y, side)
			}
			g.Put(slot, x, y)
		}
		var e Eye
		e.Look(r.Float32()*200-100, r.Float32()*200-100, side)
		var seen [2]uint64
		g.Gather(seen[:], &e)
		for slot := range 90 {
			c, in := cells[slot]
			dx, dy := c.x-e.cell.x, c.y-e.cell.y
			want := in && dx >= -1 && dx <= 1 && dy >= -1 && dy <= 1
			if got := seen[slot/64]>>(slot%64)&1 != 0; got != want {
				t.Fatalf("slot %d in cell %v, eye in %v: seen %v", slot, c, e.cell, got)
			}
		}
	})
}

func TestStrangePlaces(t *testing.T) {
	g := NewGrid(side)
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for i, p := range []point{{nan, 0}, {inf, -inf}, {math.MaxFloat32, -math.MaxFloat32}, {0, 0}} {
		g.Put(i, p.x, p.y)
		g.Put(i, p.x, p.y)
		var e Eye
		e.Look(p.x, p.y, side)
		if !sees(g, &e, i) {
			t.Errorf("nobody is seen at %v", p)
		}
	}
}

// Two thousand rows that come, or go, at once cost two links each, and nothing for those who look. What a look costs
// is what is seen by it, and rows in cells that share a bucket.
func TestNoSpikeWhenManyComeAndGo(t *testing.T) {
	const rows, span = 2000, 1000
	r := rand.New(rand.NewPCG(1, 2))
	g := NewGrid(side)
	var eyes [64]Eye
	for i := range eyes {
		eyes[i].Look(r.Float32()*span, r.Float32()*span, side)
	}
	before := g.Work()
	for i := range rows {
		g.Put(i, r.Float32()*span, r.Float32()*span)
	}
	if cost := g.Work() - before; cost > 2*rows {
		t.Errorf("%d links for %d rows that came", cost, rows)
	}
	seen, found := make([]uint64, (rows+63)/64), 0
	before = g.Work()
	for i := range eyes {
		clear(seen)
		g.Gather(seen, &eyes[i])
		for _, w := range seen {
			found += bits.OnesCount64(w)
		}
	}
	if cost := int(g.Work() - before); cost > 2*found+9*len(eyes) {
		t.Errorf("%d links followed by %d eyes to see %d rows", cost, len(eyes), found)
	}
	before = g.Work()
	for i := range rows {
		g.Remove(i)
	}
	if cost := g.Work() - before; cost > rows {
		t.Errorf("%d links for %d rows that went", cost, rows)
	}
}

func TestGridAllocatesNothing(t *testing.T) {
	g := NewGrid(side)
	seen := make([]uint64, 8)
	var e Eye
	i := 0
	tick := func() {
		i++
		for slot := range 500 {
			g.Put(slot, float32(slot%50*7+i), float32(slot/50*7))
		}
		e.Look(float32(i), 0, side)
		g.Gather(seen, &e)
		g.Remove(i % 500)
	}
	tick()
	if n := testing.AllocsPerRun(100, tick); n != 0 {
		t.Errorf("%v allocations per tick", n)
	}
}

// One tick of 4,096 rows, of which a sixteenth crosses the edge of a cell.
func BenchmarkGridPut(b *testing.B) {
	g := NewGrid(side)
	b.ReportAllocs()
	var shift float32
	for b.Loop() {
		shift++
		for slot := range 4096 {
			g.Put(slot, float32(slot%64)*side+float32(slot%side)+shift, float32(slot/64)*side)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/4096, "ns/row")
}
