package replica

import "github.com/halftick/halftick/netcode/sim"

// RestoreOthers makes every row of w that me does not own, and the globals, what auth says, and leaves
// the rows of me as they are. It turns a world in which me's inputs were stepped ahead of auth into one
// where only me's rows are ahead. In detail, slot by slot:
//
//	in w        in auth       result
//	me's        anything      w's
//	not me's    not me's      auth's
//	not me's    me's          free: me's row is gone ahead of auth, or its slot was taken; w decides the
//	                          generation when w's slot is free
//	free        free          free, with the later generation, so that the next spawn by me in this
//	                          slot gets the id that the server will give it
//
// Server fields of rows that live in both with the same id are left alone; those of new rows become zero.
func (p *Plan[W]) RestoreOthers(w *World[W], auth *Snapshot, me sim.PlayerID) {
	mine := ownedBy(me)
	for i := range p.tables {
		t, l, r := &p.tables[i], &auth.tables[i], w.rows[i]
		for slot := range max(l.slots, r.Slots()) {
			var have uint32
			if slot < r.Slots() {
				have = packMeta(r.Meta(slot))
			}
			if ownerOf(have) != mine {
				t.restoreOther(r, l, slot, have, mine)
			}
		}
	}
}

// restoreOther restores a slot of which w has no row of me; have is w's meta.
func (t *table) restoreOther(r sim.Rows, l *lanes, slot int, have, mine uint32) {
	want := l.meta(slot)
	if want&aliveBit != 0 && ownerOf(want) != mine {
		if !sameRow(have, want) {
			t.restoreRow(r, slot, l.row(slot))
			return
		}
		r.SetMeta(slot, unpackMeta(want))
		t.storeLanes(r.Row(slot), l.row(slot)[1:])
		return
	}
	gen := uint16(want)
	if have&aliveBit == 0 && int16(uint16(have)-gen) > 0 {
		gen = uint16(have)
	}
	if free := (sim.RowMeta{Gen: gen}); packMeta(free) != have {
		r.SetMeta(slot, free)
	}
}

// TakeOwned makes the rows of me in dst those of src, whole rows with their server fields: spawned,
// changed, and despawned where src has none. Where a row of src stands in the slot of another's row in
// dst, me's row wins. The rows of others and the globals stay.
func (p *Plan[W]) TakeOwned(dst, src *World[W], me sim.PlayerID) {
	for i := range p.tables {
		if t := &p.tables[i]; !t.global() {
			t.takeOwned(dst.rows[i], src.rows[i], me)
		}
	}
}

func (t *table) takeOwned(dst, src sim.Rows, me sim.PlayerID) {
	for slot := range max(dst.Slots(), src.Slots()) {
		var d, s sim.RowMeta
		if slot < dst.Slots() {
			d = dst.Meta(slot)
		}
		if slot < src.Slots() {
			s = src.Meta(slot)
		}
		switch {
		case s.Alive && s.Owner == me:
			dst.SetMeta(slot, s)
			t.copyRow(dst.Row(slot), src.Row(slot))
		case d.Alive && d.Owner == me:
			dst.SetMeta(slot, sim.RowMeta{Gen: s.Gen})
		}
	}
}

// EqualOwned reports whether a and b have the same rows of me, to the last lane: whether a prediction
// was right. Free slots and the rows of others do not count.
func (s *schema) EqualOwned(a, b *Snapshot, me sim.PlayerID) bool {
	mine := ownedBy(me)
	for i := range s.tables {
		if !equalOwned(&a.tables[i], &b.tables[i], mine) {
			return false
		}
	}
	return true
}

func equalOwned(a, b *lanes, mine uint32) bool {
	for slot := range max(a.slots, b.slots) {
		ma, mb := a.meta(slot), b.meta(slot)
		switch {
		case ownerOf(ma) != mine && ownerOf(mb) != mine:
		case ma != mb || !equalLanes(a.row(slot), b.row(slot)):
			return false
		}
	}
	return true
}
