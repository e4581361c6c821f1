package replica

import (
	"slices"

	"github.com/halftick/halftick/netcode/sim"
)

// The snapshots of a Composer hold no rows but free ones and those of which the client may not know all. The others are in the worlds
// of the ticks from which the client has them:
//
//	lanes.refs[slot] --> a row of a past world
//	                 --> lanes.masked    the same without what the client may not know
//	                 --> lanes.rows      a free slot: zeros, but for the generation that the client knows

// past is where the rows of a table are that a client holds.
type past struct {
	rows   []heldRow
	t      *table
	index  int
	tick   sim.Tick // of the newest
	now    sim.Tick
	ring   []*Snapshot
	mine   uint32
	masked []uint32
	free   []uint32
}

// at returns a row wherever it is. One of the past is overwritten by the next.
func (l *lanes) at(slot int) []uint32 {
	switch {
	case l.refs != nil:
		return l.refs[slot]
	case l.past != nil:
		return l.past.row(slot)
	}
	return l.row(slot)
}

// rowOr returns a row of l wherever it is, or nothing beyond its end.
func rowOr(l *lanes, slot int, nothing []uint32) []uint32 {
	if slot < l.slots {
		return l.at(slot)
	}
	return nothing
}

// metaAt is meta, wherever the row is.
func (l *lanes) metaAt(slot int) uint32 {
	if slot >= l.slots {
		return 0
	}
	return l.at(slot)[0]
}

// home returns a row that is in rows, or nothing beyond the end.
func (l *lanes) home(slot int, nothing []uint32) []uint32 {
	if slot < l.slots {
		return l.row(slot)
	}
	return nothing
}

// refer makes the table n slots long, the rows of which are elsewhere: each is to be set.
func (l *lanes) refer(n int) {
	l.resize(n)
	l.refs = slices.Grow(l.refs[:0], n)[:n]
}

// free makes a slot a free one, of a generation.
func (l *lanes) free(slot int, gen uint32) []uint32 {
	row := l.row(slot)
	row[0] = gen & genBits
	l.refs[slot] = row
	return row
}

// show makes a slot what a client may know of a row.
func (l *lanes) show(t *table, slot int, row []uint32, mine uint32) []uint32 {
	if len(t.private) > 0 {
		row = l.hide(t, slot, row, mine)
	}
	l.refs[slot] = row
	return row
}

// hide returns a row without what only its owner may know.
func (l *lanes) hide(t *table, slot int, row []uint32, mine uint32) []uint32 {
	if !t.masks(row[0], mine) {
		return row
	}
	if n := l.slots * l.stride; len(l.masked) < n {
		l.masked = append(l.masked, make([]uint32, n-len(l.masked))...)
	}
	own := l.masked[slot*l.stride:][:l.stride:l.stride]
	copy(own, row)
	t.mask(own, mine)
	return own
}

// row returns a row that is at most MaxAge ticks old.
func (p *past) row(slot int) []uint32 {
	h := &p.rows[slot]
	if !h.shown || !kept(p.ring, h.at) {
		p.free[0] = uint32(h.gen)
		return p.free
	}
	row := p.ring[h.at%FeedTicks].tables[p.index].row(slot)
	if p.t.masks(row[0], p.mine) {
		copy(p.masked, row)
		p.t.mask(p.masked, p.mine)
		return p.masked
	}
	return row
}

// age returns how many ticks before the newest a row was so.
func (p *past) age(slot int) int { return p.tick.Sub(p.rows[slot].at) }

// pair returns how old the two states are of a living row that the client has as of so many ticks ago. It is not ok when the client
// knows more of them than others.
func (p *past) pair(slot int, meta uint32, base int) (pair agePair, ok bool) {
	pair.base = uint8(base)
	if len(p.t.private) > 0 && ownerOf(meta) == p.mine {
		return pair, false
	}
	if slot >= len(p.rows) || !p.rows[slot].shown || p.rows[slot].gen != uint16(meta) {
		return pair, true
	}
	age := p.now.Sub(p.rows[slot].at)
	if age <= base || age > MaxAge {
		return pair, true
	}
	pair.older = uint8(age)
	return pair, len(p.t.private) == 0 || ownerOf(p.row(slot)[0]) != p.mine
}
