package replica

import "github.com/halftick/halftick/netcode/sim"

// policy says which rows of a table a client computes ahead of the server: the predict tag of the table.
type policy uint8

const (
	predictOwned policy = iota // the client's own
	predictAll                 // every row that it knows: for what several players touch, such as a ball
	predictNone                // none, not even its own: for what only the server can know
)

var policies = map[string]policy{"owned": predictOwned, "all": predictAll, "none": predictNone}

// predicts reports whether a client that owns the rows of mine computes a row with this meta ahead of the server. The globals are never.
func (t *table) predicts(meta, mine uint32) bool {
	switch t.predict {
	case predictAll:
		return meta&aliveBit != 0
	case predictNone:
		return false
	}
	return ownerOf(meta) == mine
}

// RestoreUnpredicted makes every row of w that a client of player me does not predict, and the globals, what auth says, and leaves
// the predicted rows as they are. It turns a world in which me's inputs were stepped ahead of auth into one
// where only predicted rows are ahead. In detail, slot by slot, a row being predicted or not as its table's tag says:
//
//	in w             in auth          result
//	predicted        anything         w's
//	not predicted    not predicted    auth's
//	not predicted    predicted        free: the row is gone ahead of auth, or its slot was taken; w decides the
//	                                  generation when w's slot is free
//	free             free             free, with the later generation, so that the next spawn by me in this
//	                                  slot gets the id that the server will give it
//
// Server fields of rows that live in both with the same id are left alone; those of new rows become zero.
func (p *Plan[W]) RestoreUnpredicted(w *World[W], auth *Snapshot, me sim.PlayerID) {
	mine := ownedBy(me)
	for i := range p.tables {
		t, l, r := &p.tables[i], &auth.tables[i], w.rows[i]
		for slot := range max(l.slots, r.Slots()) {
			var have uint32
			if slot < r.Slots() {
				have = packMeta(r.Meta(slot))
			}
			if !t.predicts(have, mine) {
				t.restoreOther(r, l, slot, have, mine)
			}
		}
	}
}

// restoreOther restores a slot of which w has no predicted row; have is w's meta.
func (t *table) restoreOther(r sim.Rows, l *lanes, slot int, have, mine uint32) {
	want := l.meta(slot)
	if want&aliveBit != 0 && !t.predicts(want, mine) {
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

// TakePredicted makes the rows of dst that a client of player me predicts those of src, whole rows with their server fields: spawned,
// changed, and despawned where src has none. Where a predicted row of src stands in the slot of another row in
// dst, it wins. All other rows and the globals stay.
func (p *Plan[W]) TakePredicted(dst, src *World[W], me sim.PlayerID) {
	mine := ownedBy(me)
	for i := range p.tables {
		if t := &p.tables[i]; !t.global() && t.predict != predictNone {
			t.takePredicted(dst.rows[i], src.rows[i], mine)
		}
	}
}

func (t *table) takePredicted(dst, src sim.Rows, mine uint32) {
	for slot := range max(dst.Slots(), src.Slots()) {
		var d, s sim.RowMeta
		if slot < dst.Slots() {
			d = dst.Meta(slot)
		}
		if slot < src.Slots() {
			s = src.Meta(slot)
		}
		switch {
		case t.predicts(packMeta(s), mine):
			dst.SetMeta(slot, s)
			t.copyRow(dst.Row(slot), src.Row(slot))
		case t.predicts(packMeta(d), mine):
			dst.SetMeta(slot, sim.RowMeta{Gen: s.Gen})
		}
	}
}

// EqualPredicted reports whether guess, computed by a client of player me, was right about the rows that it predicts, to the last
// lane. Free slots and all other rows do not count. Of rows that me does not own, nothing is compared that was not told: those that
// auth holds as of an older tick, and fields for their owner alone.
func (s *schema) EqualPredicted(guess, auth *Snapshot, me sim.PlayerID) bool {
	mine := ownedBy(me)
	for i := range s.tables {
		t, a, b := &s.tables[i], &guess.tables[i], &auth.tables[i]
		for slot := range max(a.slots, b.slots) {
			if t.mispredicted(a, b, slot, mine) {
				return false
			}
		}
	}
	return true
}

// mispredicted reports whether guess a was wrong about a slot of b.
func (t *table) mispredicted(a, b *lanes, slot int, mine uint32) bool {
	ma, mb := a.meta(slot), b.meta(slot)
	own := ownerOf(ma) == mine || ownerOf(mb) == mine
	switch {
	case !t.predicts(ma, mine) && !t.predicts(mb, mine):
		return false
	case !own && b.ageOf(slot) != 0:
		return false
	case ma != mb:
		return true
	case own || len(t.private) == 0:
		return !equalLanes(a.row(slot), b.row(slot))
	}
	return !t.equalPublic(a.row(slot)[1:], b.row(slot)[1:])
}

// equalPublic compares what everybody may know of two rows.
func (t *table) equalPublic(a, b []uint32) bool {
	for i := range t.ops {
		if a[i] != b[i] && !t.ops[i].owner {
			return false
		}
	}
	return true
}

// Owns reports whether a row of a snapshot belongs to a player.
func (s *Snapshot) Owns(p sim.PlayerID) bool {
	mine := ownedBy(p)
	for i := range s.tables {
		l := &s.tables[i]
		for slot := range l.slots {
			if ownerOf(l.meta(slot)) == mine {
				return true
			}
		}
	}
	return false
}
