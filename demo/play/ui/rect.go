package ui

// Rect is an axis-aligned rectangle. The zero Rect is empty and contains nothing.
type Rect struct{ X, Y, W, H float32 }

// Contains reports whether the point lies in r; the right and bottom edges are outside.
func (r Rect) Contains(x, y float32) bool {
	return x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H
}

// Inset returns r made smaller by d on every side; never below an empty size.
func (r Rect) Inset(d float32) Rect {
	return Rect{r.X + d, r.Y + d, max(0, r.W-2*d), max(0, r.H-2*d)}
}

// Overlaps reports whether r and o share any area.
func (r Rect) Overlaps(o Rect) bool {
	return r.X < o.X+o.W && o.X < r.X+r.W && r.Y < o.Y+o.H && o.Y < r.Y+r.H
}

// Right and Bottom return the far edges.
func (r Rect) Right() float32  { return r.X + r.W }
func (r Rect) Bottom() float32 { return r.Y + r.H }

// Rows divides r into n rows of equal height with a gap between them.
func (r Rect) Rows(n int, gap float32) []Rect {
	out := make([]Rect, n)
	h := (r.H - gap*float32(n-1)) / float32(n)
	for i := range out {
		out[i] = Rect{r.X, r.Y + float32(i)*(h+gap), r.W, h}
	}
	return out
}

// fit returns the largest rectangle of the given aspect (width over height) inside r, at its top,
// centred sideways.
func (r Rect) fit(aspect float32) Rect {
	w, h := r.W, r.W/aspect
	if h > r.H {
		w, h = r.H*aspect, r.H
	}
	return Rect{r.X + (r.W-w)/2, r.Y, w, h}
}
