package interest

// Eye is a place from which a player sees: all rows within 3/4 of a cell's side, none beyond 9/4 of it, and in
// between those whose cells touch. Like a row it keeps its cell for an eighth of a side beyond the edge. The zero
// Eye has not been anywhere yet.
type Eye struct {
	cell cell
	open bool
}

// Open reports whether the eye has been anywhere.
func (e *Eye) Open() bool { return e.open }

// Look moves the eye to a place in a grid of cells with the given side.
func (e *Eye) Look(x, y, side float32) {
	if !e.open || !e.cell.holds(x, y, side) {
		e.cell, e.open = cellOf(x, y, side), true
	}
}

// Side returns the length of a cell's side.
func (g *Grid) Side() float32 { return g.side }
