package replica

import "github.com/halftick/halftick/netcode/sim"

// holdings are what a client holds: of which tick each row is. The rows themselves are in the server's past worlds.
type holdings struct {
	tick   sim.Tick // of the newest snapshot among them
	has    bool     // false: it holds nothing
	whole  bool     // it holds all of the world of tick, and nothing older; tables mean nothing
	tables [][]heldRow
}

// heldRow is one slot. When it is shown, the client holds the row that lived there in tick at, without what
// it may not know; else it holds a free slot.
type heldRow struct {
	at    sim.Tick
	gen   uint16 // as far as the client knows
	shown bool
}

// kept reports whether the world of tick t is still in the ring.
func kept(ring []*Snapshot, t sim.Tick) bool { return ring[t%FeedTicks].Tick == t }

// clear makes the client hold nothing.
func (h *holdings) clear() {
	h.has, h.whole = false, false
	for i := range h.tables {
		h.tables[i] = h.tables[i][:0]
	}
}

// copyFrom makes h equal to o.
func (h *holdings) copyFrom(o *holdings) {
	h.tick, h.has, h.whole = o.tick, o.has, o.whole
	if h.whole {
		return
	}
	for i := range o.tables {
		h.tables[i] = append(h.tables[i][:0], o.tables[i]...)
	}
}

// holds reports whether the client has a row, of a generation.
func (h *holdings) holds(table, slot int, gen uint16, ring []*Snapshot) bool {
	switch {
	case !h.has:
		return false
	case h.whole:
		l := &ring[h.tick%FeedTicks].tables[table]
		return kept(ring, h.tick) && slot < l.slots && l.meta(slot)&aliveBit != 0 && uint16(l.meta(slot)) == gen
	}
	rows := h.tables[table]
	return slot < len(rows) && rows[slot].shown && rows[slot].gen == gen
}

// grow makes a table at least n slots long.
func (h *holdings) grow(table, n int) {
	for len(h.tables[table]) < n {
		h.tables[table] = append(h.tables[table], heldRow{})
	}
}

// unfold writes down row by row what so far was said of the whole world.
func (h *holdings) unfold(ring []*Snapshot) {
	if !h.whole {
		return
	}
	h.whole = false
	world := ring[h.tick%FeedTicks]
	for i := range h.tables {
		l := &world.tables[i]
		h.tables[i] = h.tables[i][:0]
		h.grow(i, l.slots)
		for slot := range h.tables[i] {
			m := l.meta(slot)
			h.tables[i][slot] = heldRow{at: h.tick, gen: uint16(m), shown: m&aliveBit != 0}
		}
	}
}

// take takes in one snapshot that the client has.
func (h *holdings) take(v *sentView, ring []*Snapshot) {
	h.has = true
	if v.entire {
		h.tick, h.whole = v.tick, true
		return
	}
	h.unfold(ring)
	h.tick = v.tick
	for i := range h.tables {
		h.takeTable(i, v, &ring[v.tick%FeedTicks].tables[i])
	}
	for _, g := range v.gone {
		if g.slot < uint16(len(h.tables[g.table])) {
			h.tables[g.table][g.slot].gen = g.gen
		}
	}
}

func (h *holdings) takeTable(i int, v *sentView, world *lanes) {
	h.grow(i, world.slots)
	rows, touched, shown := h.tables[i], v.touched[i], v.shown[i]
	for slot := range rows {
		if !v.complete && !hasBit(touched, slot) {
			continue
		}
		r := &rows[slot]
		r.at, r.shown = v.tick, false
		if hasBit(shown, slot) {
			m := world.meta(slot)
			r.gen, r.shown = uint16(m), m&aliveBit != 0
		}
	}
}

// masks reports whether there is something in a row that only its owner may know, and that is not mine.
func (t *table) masks(meta, mine uint32) bool {
	return len(t.private) > 0 && meta&aliveBit != 0 && ownerOf(meta) != mine
}

// mask takes from a row what only its owner may know.
func (t *table) mask(row []uint32, mine uint32) {
	if t.masks(row[0], mine) {
		for _, lane := range t.private {
			row[1+lane] = t.ops[lane].zero
		}
	}
}
