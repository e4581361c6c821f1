package sim

// View is what one player may know of a world, and how much each row of it matters: what Game.See decides.
// It begins with what the tables' aoi tags say, all rows of tables without one, and a weight of 1 for each;
// See changes that. Rows that the player owns and the world's globals are always known, whatever See says.
//
// It is valid during the call that received it, allocates nothing, and is not safe for concurrent use.
type View struct {
	sights []Sight // of the world's tables, in their order
	look   func(Vec2)
}

// Of returns the part of the view that is about a table of the world: v.Of(&w.Units). For anything else it
// returns nil, of which all methods do nothing.
func (v *View) Of(table Rows) *Sight {
	for i := range v.sights {
		if s := &v.sights[i]; s.rows == table {
			return s
		}
	}
	return nil
}

// Look adds what can be seen from a place to every table with an aoi tag: for those who watch without a
// row of their own, for cameras and for scouts. Beyond 8 places in a call it does nothing.
func (v *View) Look(at Vec2) {
	if v.look != nil {
		v.look(at)
	}
}

// Sight is what one player may know of one table. Ids of rows that are gone name nothing.
type Sight struct {
	rows    Rows
	seen    []uint64 // a bit per slot; those of free slots mean nothing
	weights []uint8  // by slot, 0 counts as 1; empty while all are 1
}

// Show lets the player know a row.
func (s *Sight) Show(id ID) {
	if slot, ok := s.slot(id); ok {
		s.seen[slot/64] |= 1 << (slot % 64)
	}
}

// Hide keeps a row from the player: no byte of what is sent depends on it any more.
func (s *Sight) Hide(id ID) {
	if slot, ok := s.slot(id); ok {
		s.seen[slot/64] &^= 1 << (slot % 64)
	}
}

// ShowAll lets the player know every row of the table.
func (s *Sight) ShowAll() {
	if s != nil {
		fill(s.seen, ^uint64(0))
	}
}

// HideAll keeps every row of the table from the player.
func (s *Sight) HideAll() {
	if s != nil {
		fill(s.seen, 0)
	}
}

// Sees reports whether the player may know a row, as far as decided yet.
func (s *Sight) Sees(id ID) bool {
	slot, ok := s.slot(id)
	return ok && s.seen[slot/64]>>(slot%64)&1 != 0
}

// Weigh says how much a row matters to the player, 1 to 255; 0 counts as 1. Where not all can be told,
// rows of weight 4 are refreshed four times as often as those of weight 1.
func (s *Sight) Weigh(id ID, weight uint8) {
	slot, ok := s.slot(id)
	if !ok {
		return
	}
	if len(s.weights) <= slot {
		s.widen(s.rows.Slots())
	}
	s.weights[slot] = weight
}

// widen makes room for the weights of n slots.
func (s *Sight) widen(n int) {
	for len(s.weights) < n {
		s.weights = append(s.weights, 0)
	}
}

// slot returns where a row lives; false when it is gone.
func (s *Sight) slot(id ID) (int, bool) {
	if s == nil || id.Slot() >= s.rows.Slots() {
		return 0, false
	}
	m := s.rows.Meta(id.Slot())
	return id.Slot(), m.Alive && m.Gen == id.Gen()
}

// NewView returns a view of a world with the given tables; look is what Look calls, nil for nothing.
// Engines call it; games do not.
func NewView(tables []Rows, look func(Vec2)) *View {
	v := &View{sights: make([]Sight, len(tables)), look: look}
	for i, t := range tables {
		v.sights[i].rows = t
	}
	return v
}

// Begin makes the view ready for another player: everything is seen, but for the rows of the tables in
// hidden, by their place in NewView. Engines call it; games do not.
func (v *View) Begin(hidden []bool) {
	for i := range v.sights {
		s := &v.sights[i]
		s.weights = s.weights[:0]
		s.seen = s.seen[:0]
		all := ^uint64(0)
		if hidden[i] {
			all = 0
		}
		for range (s.rows.Slots() + 63) / 64 {
			s.seen = append(s.seen, all)
		}
	}
}

// Sight returns what was decided about the table at a place of NewView: a bit per slot, and weights by slot,
// 0 for 1, which may be shorter. Both are borrowed until the next Begin. Engines call it; games do not.
func (v *View) Sight(table int) (seen []uint64, weights []uint8) {
	s := &v.sights[table]
	return s.seen, s.weights
}

func fill(words []uint64, v uint64) {
	for i := range words {
		words[i] = v
	}
}
