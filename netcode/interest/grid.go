package interest

import "math"

// Grid knows in which square cell each row of one table is. Rows that share a bucket are a list through
// their slots, so that moving a row costs the same however many there are, and no cell costs anything of its own:
//
//	cell (3, 7) -> bucket 812: slot 40 <-> slot 9 <-> slot 1033     (those of other cells are skipped)
type Grid struct {
	side  float32 // of a cell
	heads []int16 // by bucket: the first slot, or none
	rows  []place // by slot
	work  uint64
}

// place is where a row is.
type place struct {
	cell       cell
	in         bool // the row is in the grid
	next, prev int16
}

type cell struct{ x, y int32 }

const none = -1

// NewGrid returns an empty grid of cells with the given side, which is above 0.
func NewGrid(side float32) *Grid {
	g := &Grid{side: side, heads: make([]int16, buckets)}
	for i := range g.heads {
		g.heads[i] = none
	}
	return g
}

// Work returns how many links were set and followed so far: what the grid costs, apart from one comparison
// per row and tick.
func (g *Grid) Work() uint64 { return g.work }

// Put says where the row in a slot is now.
func (g *Grid) Put(slot int, x, y float32) {
	for len(g.rows) <= slot {
		g.rows = append(g.rows, place{})
	}
	p := &g.rows[slot]
	if p.in && p.cell.holds(x, y, g.side) {
		return
	}
	g.Remove(slot)
	p.cell, p.in = cellOf(x, y, g.side), true
	head := &g.heads[p.cell.bucket()]
	p.next, p.prev = *head, none
	if p.next != none {
		g.rows[p.next].prev = int16(slot)
	}
	*head = int16(slot)
	g.work++
}

// Remove says that there is no row in a slot.
func (g *Grid) Remove(slot int) {
	if slot >= len(g.rows) || !g.rows[slot].in {
		return
	}
	p := &g.rows[slot]
	if p.next != none {
		g.rows[p.next].prev = p.prev
	}
	if p.prev != none {
		g.rows[p.prev].next = p.next
	} else {
		g.heads[p.cell.bucket()] = p.next
	}
	p.in = false
	g.work++
}

// Gather adds the rows that an eye sees to seen, a bit per slot: those in its cell and the eight around. Rows
// beyond the end of seen are left out.
func (g *Grid) Gather(seen []uint64, e *Eye) {
	for dy := int32(-1); dy <= 1; dy++ {
		for dx := int32(-1); dx <= 1; dx++ {
			g.gather(seen, cell{e.cell.x + dx, e.cell.y + dy})
		}
	}
}

func (g *Grid) gather(seen []uint64, c cell) {
	for slot := g.heads[c.bucket()]; slot != none; {
		p := &g.rows[slot]
		if i := int(slot) / 64; p.cell == c && i < len(seen) {
			seen[i] |= 1 << (slot % 64)
		}
		slot = p.next
		g.work++
	}
}

// cellOf returns the cell of a point. NaN counts as 0.
func cellOf(x, y, side float32) cell { return cell{cellIndex(x / side), cellIndex(y / side)} }

func cellIndex(v float32) int32 {
	if v != v {
		return 0
	}
	return int32(max(-maxCell, min(math.Floor(float64(v)), maxCell)))
}

// holds reports whether a point is in the cell or not far beyond its edge.
func (c cell) holds(x, y, side float32) bool {
	return near(x/side-float32(c.x)) && near(y/side-float32(c.y))
}

func near(v float32) bool { return v >= -margin && v < 1+margin }

// bucket spreads the cells.
func (c cell) bucket() uint32 {
	h := uint32(c.x)*0x9e3779b1 ^ uint32(c.y)*0x85ebca6b
	return (h ^ h>>15) % buckets
}
