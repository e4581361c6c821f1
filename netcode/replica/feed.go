package replica

import (
	"slices"

	"github.com/halftick/halftick/netcode/sim"
)

// Feed is one client's stream of snapshots, as the server keeps it: what the client is known to hold, and
// what was sent since. Nothing in it is a copy of a row; it says of which tick each row is, and the server's ring of
// worlds has the rest.
//
//	sent      t-6        t-5 (lost)  t-4         t-3 ... t       under way: what each would change
//	ack                              t-4, without t-5
//	held      t-6 and t-4, row by row the newer one
//
// A complete snapshot makes the client's world that of its tick. A partial one refreshes some rows and leaves the
// others as the client has them, whatever came before it, so that nothing of what arrives is in vain.
type Feed struct {
	s      *schema
	me     sim.PlayerID
	filter []bool // by table: the client may not know all of its rows

	start sim.Tick // the first tick of which the client may hold something
	last  sim.Tick // of the newest snapshot sent
	held  holdings
	young holdings // what it held a while ago
	older holdings // and before that
	sent  []sentView
	wait  [][]uint16 // by table and slot: messages since the row was refreshed
	cost  float64    // bits per changed row, of late
}

// sentView is what a snapshot changes for a client that gets it.
type sentView struct {
	tick     sim.Tick
	sent     bool
	got      bool // the client has it
	complete bool
	entire   bool     // it shows all of the world: the sets are not filled in
	world    bool     // it was entire
	touched  slotBits // the slots that a partial one is about
	shown    slotBits // the slots in which it shows what the world has; in the others it shows nothing
	alive    slotBits // the rows in it
	gone     []goneRow
	own      []Row // the client's own rows in it
}

// goneRow is a row that a partial snapshot says to be gone and that its base does not have.
type goneRow struct {
	table     uint8
	slot, gen uint16
}

// NewFeed returns the feed of a new client. Its first snapshot will be of tick start or later. filter says, by
// table, whose rows the client may not all know; it is kept.
func (s *schema) NewFeed(me sim.PlayerID, start sim.Tick, filter []bool) *Feed {
	f := &Feed{s: s, me: me, filter: filter, start: start, last: start - 1, sent: make([]sentView, FeedTicks)}
	for _, h := range []*holdings{&f.held, &f.young, &f.older} {
		h.tables = make([][]heldRow, len(s.tables))
	}
	f.wait = make([][]uint16, len(s.tables))
	for i := range f.sent {
		v := &f.sent[i]
		v.touched, v.shown, v.alive = newSlotBits(s), newSlotBits(s), newSlotBits(s)
	}
	return f
}

// Reset forgets what the client holds, and so does the client when it gets the next snapshot.
func (f *Feed) Reset() {
	f.start = f.last + 1
	f.held.clear()
	f.young.clear()
	f.older.clear()
}

// Expire forgets what the client holds when that is too old, at tick t, to be a base.
func (f *Feed) Expire(t sim.Tick, ring []*Snapshot) {
	if f.held.has && (t.Sub(f.held.tick) > MaxAge || !kept(ring, f.held.tick)) {
		f.Reset()
	}
}

// Held returns the tick of the newest snapshot that the client is known to hold, and whether there is one.
func (f *Feed) Held() (sim.Tick, bool) { return f.held.tick, f.held.has }

// Holds reports whether the client is known to have a row, in a table by its place in the plan. ring is as in Ack.
func (f *Feed) Holds(table int, row sim.ID, ring []*Snapshot) bool {
	return f.held.holds(table, row.Slot(), row.Gen(), ring)
}

// Start returns the first tick of which the client may hold something: what is older it is told to forget.
func (f *Feed) Start() sim.Tick { return f.start }

// Entire reports whether the client holds all of the world of one tick, or nothing at all, so that its next snapshot can
// be one of the entire world. Its base is Held. The older one, if any, is of at least gap ticks before.
func (f *Feed) Entire(gap int) (older sim.Tick, hasOlder, ok bool) {
	switch {
	case f.filtered():
		return 0, false, false
	case !f.held.has:
		return 0, false, true
	case !f.held.whole:
		return 0, false, false
	}
	for t := f.held.tick - sim.Tick(gap); f.last.Sub(t)+gap < MaxAge && !t.Before(f.start); t-- {
		if v := f.view(t); v.tick == t && v.got && v.world {
			return t, true, true
		}
	}
	return 0, false, true
}

// Sent notes a complete snapshot of a world of which the client may know everything.
func (f *Feed) Sent(t sim.Tick) {
	v := f.open(t, true)
	v.entire, v.world = true, true
	for _, w := range f.wait {
		clear(w)
	}
}

// open makes a snapshot of tick t the newest that was sent.
func (f *Feed) open(t sim.Tick, complete bool) *sentView {
	v := f.view(t)
	v.tick, v.sent, v.complete = t, true, complete
	v.got, v.entire, v.world, v.gone, v.own = false, false, false, v.gone[:0], v.own[:0]
	f.last = t
	return v
}

func (f *Feed) view(t sim.Tick) *sentView { return &f.sent[t%FeedTicks] }

// Ack takes in what the client says it has. It reports false for what was never sent, or so long ago that it
// cannot be told. every is the number of ticks from one snapshot to the next; ring are the server's past
// worlds, FeedTicks of them, the one of tick t at t modulo their number.
//
// A client that nothing reaches says the same again and again: that is no lie. Nor is it that it has
// nothing while nothing has arrived.
func (f *Feed) Ack(a SnapshotAck, every int, ring []*Snapshot) bool {
	switch {
	case !a.Has:
		return true
	case f.held.has && !f.held.tick.Before(a.Tick):
		return true
	case a.Tick.Before(f.start):
		return f.start.Sub(a.Tick) < FeedTicks
	}
	if v := f.view(a.Tick); !v.sent || v.tick != a.Tick || !kept(ring, a.Tick) {
		return false
	}
	f.advance(a, every, ring)
	return true
}

// advance makes held what the client has with a's snapshots.
func (f *Feed) advance(a SnapshotAck, every int, ring []*Snapshot) {
	steps, ok := f.steps(a, every, ring)
	if !ok {
		f.Reset()
		return
	}
	for i := steps; i >= 0; i-- {
		t := a.Tick - sim.Tick(i*every)
		if v := f.view(t); v.sent && v.tick == t && !a.missed(i) {
			v.got = true
			f.held.take(v, ring)
		}
	}
	if !f.young.has || f.held.tick.Sub(f.young.tick) >= motionGap*every {
		f.young, f.older = f.older, f.young
		f.young.copyFrom(&f.held)
	}
}

// motionGap is how many snapshots before the base the older one is at least.
const motionGap = 2

// steps returns how many snapshots before a's newest have to be taken in, down to the last of the entire world, or to
// what is known already. It is not ok when a does not reach so far back, or the ring does not.
func (f *Feed) steps(a SnapshotAck, every int, ring []*Snapshot) (n int, ok bool) {
	end := f.start
	if f.held.has {
		end = f.held.tick + 1
	}
	for n = 0; ; n++ {
		t := a.Tick - sim.Tick(n*every)
		if t.Before(end) {
			return n - 1, true
		}
		v := f.view(t)
		made := v.sent && v.tick == t
		if n > maxMissing || n*every >= FeedTicks || made && !kept(ring, t) {
			return 0, false
		}
		if made && v.entire && !a.missed(n) {
			return n, true
		}
	}
}

// filtered reports whether there may be something in the world that the client may not know.
func (f *Feed) filtered() bool { return slices.Contains(f.filter, true) }

// flying adds to rows those that a snapshot under way may have brought to the client: of each that was sent after the
// newest it is known to have.
func (f *Feed) flying(rows slotBits, ring []*Snapshot) {
	f.eachFlying(func(v *sentView) bool {
		v.spell(f.s, ring, ownedBy(f.me))
		for i := range rows {
			for w := range min(len(rows[i]), len(v.alive[i])) {
				rows[i][w] |= v.alive[i][w]
			}
		}
		return true
	})
}

// flyingMeta returns the meta of the newest row that a snapshot under way may have shown in a slot.
func (f *Feed) flyingMeta(i, slot int, ring []*Snapshot) (meta uint32) {
	f.eachFlying(func(v *sentView) bool {
		if !v.alive.has(i, slot) {
			return true
		}
		meta = ring[v.tick%FeedTicks].tables[i].meta(slot)
		return false
	})
	return meta
}

// eachFlying calls visit for the snapshots under way, the newest first, until it returns false.
func (f *Feed) eachFlying(visit func(*sentView) bool) {
	from := f.start
	if f.held.has {
		from = f.held.tick + 1
	}
	for t := f.last; !t.Before(from) && f.last.Sub(t) < FeedTicks; t-- {
		if v := f.view(t); v.sent && v.tick == t && !visit(v) {
			return
		}
	}
}

// spell fills in which rows a snapshot of the entire world held.
func (v *sentView) spell(s *schema, ring []*Snapshot, mine uint32) {
	if !v.entire || !kept(ring, v.tick) {
		return
	}
	v.entire = false
	for i := range s.tables {
		l := &ring[v.tick%FeedTicks].tables[i]
		v.alive.reset(i, l.slots)
		v.shown.reset(i, l.slots)
		v.touched.reset(i, 0)
		for slot := range l.slots {
			v.shown.add(i, slot)
			if l.meta(slot)&aliveBit != 0 {
				v.alive.add(i, slot)
			}
			if ownerOf(l.meta(slot)) == mine {
				v.own = append(v.own, Row{Table: uint16(i), Slot: uint16(slot)})
			}
		}
	}
}
