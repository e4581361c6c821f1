package ui

// The smallest window. Layout is defined at this size and grows with the window.
const (
	BaseWidth  = 960
	BaseHeight = 540
)

// Measures of the screen, in logical units.
const (
	gap         = 6
	topHeight   = 30
	chartsWidth = 206
	panelWidth  = 258
	lowHeight   = 88 // least height of the row under the arena
	aspect      = 960.0 / 540.0
)

// Layout says where everything is. No two of its rectangles overlap; Panel is empty while it is closed.
//
//	+--------------------- Top ----------------------+
//	| Panel |            Arena            |          |
//	|       |                             |  Charts  |
//	|       +----------+---------+--------+          |
//	|       |  Board   |  Tools  |  Feed  |          |
//	+-------+----------+---------+--------+----------+
type Layout struct {
	Scale float32 // pixels per logical unit
	Size  Rect    // the whole window in logical units

	Top, Arena, Board, Tools, Feed, Charts, Panel Rect
}

// NewLayout lays out a window of w by h pixels. A window below 960x540 gets a smaller scale, not a
// different picture.
func NewLayout(w, h int, panel bool) Layout {
	l := Layout{Scale: max(0.25, min(float32(w)/BaseWidth, float32(h)/BaseHeight))}
	l.Size = Rect{0, 0, float32(w) / l.Scale, float32(h) / l.Scale}
	l.Top = Rect{0, 0, l.Size.W, topHeight}
	body := Rect{gap, topHeight + gap, l.Size.W - 2*gap, l.Size.H - topHeight - 2*gap}
	l.Charts = Rect{body.Right() - chartsWidth, body.Y, chartsWidth, body.H}
	body.W -= chartsWidth + gap
	if panel {
		l.Panel = Rect{body.X, body.Y, panelWidth, body.H}
		body.X += panelWidth + gap
		body.W -= panelWidth + gap
	}
	l.Arena = Rect{body.X, body.Y, body.W, body.H - lowHeight - gap}.fit(aspect)
	l.low(Rect{body.X, l.Arena.Bottom() + gap, body.W, body.Bottom() - l.Arena.Bottom() - gap})
	return l
}

// low divides the space under the arena: side by side where it is flat, otherwise with the feed below.
func (l *Layout) low(r Rect) {
	if r.H > 1.9*lowHeight {
		top := r.H - lowHeight - gap
		l.Board = Rect{r.X, r.Y, r.W * 0.6, top}
		l.Tools = Rect{l.Board.Right() + gap, r.Y, r.Right() - l.Board.Right() - gap, top}
		l.Feed = Rect{r.X, r.Y + top + gap, r.W, lowHeight}
		return
	}
	tools := float32(170)
	side := (r.W - tools - 2*gap) / 2
	l.Board = Rect{r.X, r.Y, side, r.H}
	l.Tools = Rect{l.Board.Right() + gap, r.Y, tools, r.H}
	l.Feed = Rect{l.Tools.Right() + gap, r.Y, side, r.H}
}

// Camera maps the world, which is always wholly in view, to a rectangle of the screen.
type Camera struct {
	View  Rect    // where on the screen, in pixels
	Scale float32 // pixels per world unit
}

// NewCamera shows a world of the given width in r, which has the world's aspect.
func NewCamera(r Rect, width float32) Camera { return Camera{r, r.W / width} }

// ToScreen returns the pixel of a world point.
func (c Camera) ToScreen(x, y float32) (float32, float32) {
	return c.View.X + x*c.Scale, c.View.Y + y*c.Scale
}

// ToWorld returns the world point of a pixel.
func (c Camera) ToWorld(x, y float32) (float32, float32) {
	return (x - c.View.X) / c.Scale, (y - c.View.Y) / c.Scale
}

// Px returns r in pixels.
func (l *Layout) Px(r Rect) Rect {
	return Rect{r.X * l.Scale, r.Y * l.Scale, r.W * l.Scale, r.H * l.Scale}
}
