package replica

import (
	"math/bits"
	"strings"
)

// vector is three or more neighbouring lanes of one group that are floats with a range, parts of one array or struct inside of the row. What
// moves along two of three axes moves along the third, too, if too slowly to be seen between two states: so that lane is in motion as well.
// One axis says nothing of the others: most things fall straight.
type vector struct {
	group int
	lanes uint32 // a bit each
}

// findVectors collects the vectors among the table's lanes.
func (t *table) findVectors() {
	for i := 0; i < len(t.ops); {
		n := t.partsFrom(i)
		if n >= 3 {
			t.vectors = append(t.vectors, vector{i / groupLanes, (1<<n - 1) << (i % groupLanes)})
		}
		i += n
	}
}

// partsFrom returns how many lanes from lane i on are parts of the same array or struct; 1 for one that is none.
func (t *table) partsFrom(i int) int {
	n, in := 1, enclosing(t.paths[i])
	if in == "" || !t.ops[i].onGrid() {
		return n
	}
	for j := i + 1; j < len(t.ops) && j%groupLanes != 0 && t.ops[j].onGrid() && enclosing(t.paths[j]) == in; j++ {
		n++
	}
	return n
}

func (o *op) onGrid() bool { return o.kind == kindQuant && !o.constant }

// enclosing returns the path of the array or struct that a field is part of, "" for the row.
func enclosing(path string) string { return path[:max(0, strings.LastIndexAny(path, ".["))] }

// complete takes all lanes of a vector for being in motion when more than half of them are.
func (v *vector) complete(g *laneGroup) {
	if 2*bits.OnesCount32(g.moving&v.lanes) > bits.OnesCount32(v.lanes) {
		g.moving |= v.lanes
	}
}
