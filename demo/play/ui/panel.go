package ui

// Kind is how a row of the panel is operated.
type Kind uint8

// Kinds of rows.
const (
	Heading Kind = iota + 1 // a title; does nothing
	Toggle                  // on or off: a click or its key flips it
	Slider                  // a number: drag it, or step it by the wheel, its keys or the arrows
	Choice                  // one of several: a click on the left half goes back, on the right half forward
	Button                  // does something once
)

// Row is one line of the panel. Which of the functions must be set depends on Kind.
type Row struct {
	Kind  Kind
	Label string
	Help  string        // one sentence: what it does to the game
	About func() string // when not nil, more of that, about the value as it is

	Less, More string // keys as printed on them; Toggle, Choice and Button use More, and may use Less

	On    func() bool   // Toggle
	Act   func()        // Toggle, Button
	Show  func() string // Slider, Choice: the value as text
	Shift func(dir int) // Choice: dir is -1 or +1

	Get      func() float64 // Slider
	Set      func(float64)  // Slider: is given a multiple of Step within 0..Max
	Max      float64        // Slider
	StepSize float64        // Slider
}

// step moves a row by dir (-1 or +1): a slider by one step, a choice to its neighbour; others act.
func (r *Row) step(dir int) {
	switch r.Kind {
	case Slider:
		r.put(r.Get() + float64(dir)*r.StepSize)
	case Choice:
		r.Shift(dir)
	case Toggle, Button:
		r.Act()
	}
}

// put sets a slider to the nearest step within its range.
func (r *Row) put(v float64) {
	n := int(v/r.StepSize + 0.5)
	if v < 0 {
		n = 0
	}
	r.Set(min(r.Max, float64(n)*r.StepSize))
}

// Fraction is how far along its range a slider stands, 0 to 1.
func (r *Row) Fraction() float32 { return float32(min(1, max(0, r.Get()/r.Max))) }

// RowHeight is the height of a row of the panel.
const RowHeight = 20.5

// Panel is the list of switches. Keys work while it is closed too.
type Panel struct {
	Rows  []Row
	Open  bool
	Focus int // the row that the arrow keys operate and whose help is shown; never a heading

	area Rect
	drag int // row whose slider is being dragged, plus one; 0 means none
}

// NewPanel returns a closed panel of the given rows, at least one of which is not a heading.
func NewPanel(rows []Row) *Panel {
	p := &Panel{Rows: rows}
	p.Move(0)
	return p
}

// Place says where the panel is drawn, for the mouse. The rectangle comes from the Layout.
func (p *Panel) Place(r Rect) { p.area = r }

// Explanation returns what there is to say about the row in focus.
func (p *Panel) Explanation() string {
	r := &p.Rows[p.Focus]
	if r.About == nil {
		return r.Help
	}
	return r.Help + " " + r.About()
}

// RowRect returns the rectangle of row i.
func (p *Panel) RowRect(i int) Rect {
	in := p.area.Inset(6)
	return Rect{in.X, in.Y + float32(i)*RowHeight, in.W, RowHeight}
}

// HelpRect returns what is left under the rows, for the help of the row in focus.
func (p *Panel) HelpRect() Rect {
	in := p.area.Inset(6)
	used := float32(len(p.Rows)) * RowHeight
	return Rect{in.X, in.Y + used, in.W, in.H - used}
}

// TrackRect returns the part of row i in which a slider's handle moves.
func (p *Panel) TrackRect(i int) Rect {
	r := p.RowRect(i)
	return Rect{r.X + 116, r.Y + 4, 62, r.H - 8}
}

// Key operates the row that has the key, and reports whether there was one. Held says that the key has
// been down for long: only sliders go on then.
func (p *Panel) Key(name string, held bool) bool {
	for i := range p.Rows {
		r := &p.Rows[i]
		switch {
		case r.Kind == Heading || name == "" || held && r.Kind != Slider:
			continue
		case r.More == name:
			r.step(+1)
		case r.Less == name:
			r.step(-1)
		default:
			continue
		}
		p.Focus = i
		return true
	}
	return false
}

// Move moves the focus by dir rows, over headings, around the ends.
func (p *Panel) Move(dir int) {
	n := len(p.Rows)
	for range p.Rows {
		p.Focus = (p.Focus + dir + n) % n
		if p.Rows[p.Focus].Kind != Heading {
			return
		}
		if dir == 0 {
			dir = 1
		}
	}
}

// Step operates the row in focus: dir is -1 or +1.
func (p *Panel) Step(dir int) { p.Rows[p.Focus].step(dir) }

// at returns the row under a point that can be operated.
func (p *Panel) at(x, y float32) (int, bool) {
	for i := range p.Rows {
		if p.Rows[i].Kind != Heading && p.RowRect(i).Contains(x, y) {
			return i, true
		}
	}
	return 0, false
}

// Press is a mouse button going down at a point. It reports whether the panel took it, which it does
// anywhere within its area while it is open, so that a click never also fires a weapon.
func (p *Panel) Press(x, y float32) bool {
	if !p.Open || !p.area.Contains(x, y) {
		return false
	}
	i, ok := p.at(x, y)
	if !ok {
		return true
	}
	p.Focus = i
	switch r := &p.Rows[i]; r.Kind {
	case Slider:
		p.drag = i + 1
		p.Drag(x)
	case Choice:
		dir := +1
		if row := p.RowRect(i); x < row.X+row.W*0.6 {
			dir = -1
		}
		r.Shift(dir)
	default:
		r.Act()
	}
	return true
}

// Drag is the mouse moving to x with its button held; it moves the slider that was pressed, if any.
func (p *Panel) Drag(x float32) {
	if p.drag == 0 {
		return
	}
	r, t := &p.Rows[p.drag-1], p.TrackRect(p.drag-1)
	r.put(float64((x-t.X)/t.W) * r.Max)
}

// Release is the mouse button going up.
func (p *Panel) Release() { p.drag = 0 }

// Hover is the mouse moving without a button: the row under it gets the focus.
func (p *Panel) Hover(x, y float32) {
	if i, ok := p.at(x, y); ok && p.Open {
		p.Focus = i
	}
}

// Wheel is the mouse wheel turned over a point; dir is -1 or +1. It reports whether a slider or a
// choice took it.
func (p *Panel) Wheel(x, y float32, dir int) bool {
	i, ok := p.at(x, y)
	if !ok || !p.Open || (p.Rows[i].Kind != Slider && p.Rows[i].Kind != Choice) {
		return false
	}
	p.Rows[i].step(dir)
	return true
}
