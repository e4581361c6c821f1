package replica

import "github.com/halftick/halftick/netcode/sim"

// Moment is a point in time between two ticks.
type Moment struct {
	Tick sim.Tick
	Part float32 // of a tick after it, 0 to 1
}

// since returns how many ticks m is after tick t.
func (m Moment) since(t sim.Tick) float32 { return float32(m.Tick.Sub(t)) + m.Part }

// states are what is known of a row around a moment: the last two states up to it and the first one after it. A row of nil
// is not known; ticks of rows that are nil mean nothing.
type states struct {
	before, last, next       []uint32
	beforeAt, lastAt, nextAt sim.Tick
}

// A timeline knows how the rows of a world were around a moment, each by its own ticks: those in which it was sent.
type timeline interface {
	slots(table int) int
	around(table, slot int, st *states)
}

// show makes dst the world of a moment: rows that live in their states on both sides of it are blended; those of which no
// later state is known go on in a straight line for up to beyond ticks, then hold still.
func (p *Plan[W]) show(dst *World[W], line timeline, m Moment, beyond float32) {
	var st states
	for i := range p.tables {
		t, r, n := &p.tables[i], dst.rows[i], line.slots(i)
		for slot := range n {
			st = states{}
			line.around(i, slot, &st)
			t.showRow(r, slot, &st, m, beyond)
		}
		clearFrom(r, n)
	}
}

func (t *table) showRow(r sim.Rows, slot int, st *states, m Moment, beyond float32) {
	switch {
	case st.last == nil && t.global():
		return
	case st.last == nil:
		r.SetMeta(slot, sim.RowMeta{})
	case st.next != nil && sameRow(st.last[0], st.next[0]):
		f := m.since(st.lastAt) / float32(st.nextAt.Sub(st.lastAt))
		row := t.restoreMeta(r, slot, st.last[0])
		t.storeBetween(row, st.last[1:], st.next[1:], st.last[1:], f, t.seconds(st.lastAt, st.nextAt))
	case st.next == nil && beyond > 0 && st.before != nil && sameRow(st.before[0], st.last[0]):
		f := 1 + max(0, min(m.since(st.lastAt), beyond))/float32(st.lastAt.Sub(st.beforeAt))
		row := t.restoreMeta(r, slot, st.last[0])
		t.storeBetween(row, st.before[1:], st.last[1:], st.last[1:], f, t.seconds(st.beforeAt, st.lastAt))
	default:
		t.restoreRow(r, slot, st.last)
	}
}

// Reel is what a client held, in the order of ticks, as a timeline of each row.
type Reel struct {
	held  []*Snapshot // the newest first
	split int         // the newest that is not after the moment
	at    Moment
}

// Show makes dst the world of moment m as a client shows it that held these snapshots, the newest first, at least one. See Past.
func (p *Plan[W]) Show(dst *World[W], r *Reel, held []*Snapshot, m Moment, beyond float32) {
	r.held, r.at, r.split = held, m, 0
	for r.split < len(held)-1 && m.since(held[r.split].Tick) < 0 {
		r.split++
	}
	p.show(dst, r, m, beyond)
}

func (r *Reel) slots(table int) int { return r.held[r.split].tables[table].slots }

func (r *Reel) around(table, slot int, st *states) {
	st.last, st.lastAt = heldIn(r.held[r.split], table, slot)
	for i := r.split - 1; i >= 0 && st.next == nil; i-- {
		if row, at := heldIn(r.held[i], table, slot); r.at.since(at) < 0 {
			st.next, st.nextAt = row, at
		}
	}
	if st.next != nil || st.last == nil {
		return
	}
	for i := r.split + 1; i < len(r.held) && st.before == nil; i++ {
		if row, at := heldIn(r.held[i], table, slot); row != nil && at.Before(st.lastAt) {
			st.before, st.beforeAt = row, at
		}
	}
}

// heldIn returns a row of a snapshot and the tick of which it is.
func heldIn(s *Snapshot, table, slot int) ([]uint32, sim.Tick) {
	l := &s.tables[table]
	if slot >= l.slots {
		return nil, s.Tick
	}
	return l.row(slot), s.Tick - sim.Tick(l.ageOf(slot))
}

// Recall is what a client was sent, as a timeline of each row. It is scratch memory of Past.
type Recall struct {
	s     *schema
	feed  *Feed
	ring  []*Snapshot
	mine  uint32
	at    Moment
	last  sim.Tick // of the snapshots that the client had
	every int
	rows  [3][]uint32 // without what the client may not know
}

// NewRecall returns a Recall for worlds of the plan.
func (s *schema) NewRecall() *Recall {
	r := &Recall{s: s}
	for i := range r.rows {
		r.rows[i] = make([]uint32, len(s.zeros))
	}
	return r
}

// Past makes dst the world of moment m as the client of feed f showed it, if what is not known to be lost has reached it: each row
// between the ticks in which it was sent, and without what the client may not know. shown is what it said it had. every is the number of ticks from one snapshot
// to the next; beyond is for how many ticks rows go on of which nothing newer was sent. See Show.
func (p *Plan[W]) Past(dst *World[W], r *Recall, f *Feed, ring []*Snapshot, m Moment, shown SnapshotAck, every int, beyond float32) {
	r.last = f.last
	if shown.Has && shown.Tick.Before(f.last) && m.Tick.Sub(shown.Tick) < FeedTicks/2 {
		r.last = shown.Tick
	}
	r.feed, r.ring, r.mine, r.at, r.every = f, ring, ownedBy(f.me), m, every
	p.show(dst, r, m, beyond)
}

func (r *Recall) slots(table int) int {
	return max(len(r.feed.held.tables[table]), r.ring[r.at.Tick%FeedTicks].tables[table].slots)
}

func (r *Recall) around(table, slot int, st *states) {
	t := r.newest(r.at.Tick)
	if r.last.Before(t) {
		t = r.newest(r.last)
	}
	if st.last, st.lastAt = r.back(t, table, slot, 0); st.last == nil {
		return
	}
	for u := t + sim.Tick(r.every); !r.last.Before(u); u += sim.Tick(r.every) {
		if r.feed.shows(u, table, slot) {
			st.next, st.nextAt = r.row(u, table, slot, 1), u
			return
		}
	}
	if st.last[0]&aliveBit != 0 {
		st.before, st.beforeAt = r.back(st.lastAt-sim.Tick(r.every), table, slot, 2)
	}
}

// newest returns the tick of the newest snapshot due at t or before.
func (r *Recall) newest(t sim.Tick) sim.Tick { return t - t%sim.Tick(r.every) }

// back returns the newest state of a row that was sent at tick t or before.
func (r *Recall) back(t sim.Tick, table, slot, scratch int) ([]uint32, sim.Tick) {
	for n := 0; n < MaxAge && !t.Before(r.feed.start); n += r.every {
		if r.feed.shows(t, table, slot) {
			return r.row(t, table, slot, scratch), t
		}
		t -= sim.Tick(r.every)
	}
	return nil, t
}

// row returns what a snapshot showed in a slot.
func (r *Recall) row(t sim.Tick, table, slot, scratch int) []uint32 {
	tb, v := &r.s.tables[table], r.feed.view(t)
	row := r.rows[scratch][:tb.stride()]
	if !v.entire && !v.shown.has(table, slot) {
		copy(row, tb.nothing)
		return row
	}
	copy(row, r.ring[t%FeedTicks].tables[table].home(slot, tb.nothing))
	tb.mask(row, r.mine)
	return row
}

// shows reports whether the client was sent a slot in a snapshot of tick t that may have arrived.
func (f *Feed) shows(t sim.Tick, table, slot int) bool {
	v := f.view(t)
	if !v.sent || v.tick != t || !v.got && f.held.has && !f.held.tick.Before(t) {
		return false
	}
	return v.complete || v.touched.has(table, slot)
}

// Plain reports whether all that the client was sent lately is the world as it is, so that its past is that of the server.
func (f *Feed) Plain() bool {
	if f.filtered() {
		return false
	}
	for i := range f.sent {
		if v := &f.sent[i]; v.sent && f.last.Sub(v.tick) < FeedTicks && !v.world {
			return false
		}
	}
	return true
}
