package replica

import (
	"math/bits"

	"github.com/halftick/halftick/netcode/interest"
	"github.com/halftick/halftick/netcode/sim"
)

// Composer makes the snapshots of clients that may not know everything, or cannot be told everything at once. It
// holds scratch memory only: one serves all clients of a server, one after another.
//
//	Prepare   base: what the client holds; to: what it should hold; which rows differ, and how much that matters
//	Append    the delta from base to to; rows that do not fit are left as they are in base
//	Done      the feed notes what was sent
type Composer struct {
	s               *schema
	enc             *Encoder
	base, older, to *Snapshot
	hasOlder        bool
	lost            bool // the client holds a row that is too old to be told from another

	feed  *Feed
	world *Snapshot
	ring  []*Snapshot
	tick  sim.Tick
	view  *sim.View
	mine  uint32

	hand handful // the table being prepared

	fixed   []Row // what is sent in any case, then what is as the client has it
	musts   int   // of the fixed ones
	order   interest.Order
	picks   []change
	rows    []Row    // the fixed ones, then the picks, as they matter
	taken   int      // of rows, in the snapshot
	full    bool     // the snapshot is complete
	late    int      // rows whose time has not come
	took    slotBits // rows that are in the snapshot, unless it is complete
	expired slotBits // rows that are taken from it
	gone    slotBits // rows that it may have got since the base and that are no more
	goners  []goneRow
	own     []Row // the player's rows

	Rows Rows // of the snapshot at hand
}

// handful is one table for one client.
type handful struct {
	*table
	i        int
	now      *lanes // of the world
	base, to *lanes
	b        baselines
	held     []heldRow
	past     *past    // what it held before
	filtered bool     // it may not know all rows
	seen     []uint64 // those it may know
	from     *lanes   // the table at tick at: the client has rows as they were then
	at       sim.Tick
}

// Rows counts the rows of a snapshot that changed for its client.
type Rows struct {
	Sent   int // in it
	Stale  int // left for a later one
	Hidden int // of the world, which the client may not know
	Oldest int // age in ticks of the oldest row that the client held before
}

// change is a row that has changed and can wait.
type change struct {
	row    Row
	urgent bool
	wait   uint16 // messages that it has waited
}

// NewComposer returns a Composer for worlds of the plan.
func (s *schema) NewComposer() *Composer {
	c := &Composer{s: s, enc: s.NewEncoder(), base: s.NewSnapshot(), older: s.NewSnapshot(), to: s.NewSnapshot(),
		took: newSlotBits(s), expired: newSlotBits(s), gone: newSlotBits(s)}
	c.enc.shared = newLedger(s)
	for i := range s.tables {
		n := s.tables[i].stride()
		c.older.tables[i].past = &past{t: &s.tables[i], index: i, masked: make([]uint32, n), free: make([]uint32, n)}
	}
	return c
}

// newWait is how many messages a row that the client does not have yet has waited from the start.
const newWait = 8

// Prepare looks at the world of its tick for one client. The world does not change until that was done for all clients: what is found out
// about its rows is shared. perSecond is how many snapshots the client gets, ring
// the past worlds as in Feed.Ack, view what the client may know of tables with a filter; nil when there is none.
func (c *Composer) Prepare(f *Feed, world *Snapshot, ring []*Snapshot, view *sim.View, perSecond int) {
	c.feed, c.world, c.ring, c.tick, c.view, c.mine = f, world, ring, world.Tick, view, ownedBy(f.me)
	c.lost, c.musts, c.late, c.taken, c.full, c.Rows = false, 0, 0, 0, false, Rows{}
	c.fixed, c.picks, c.goners, c.own = c.fixed[:0], c.picks[:0], c.goners[:0], c.own[:0]
	f.Expire(c.tick, ring)
	f.held.unfold(ring)
	c.base.Tick, c.to.Tick = f.held.tick, c.tick
	c.enc.share(world)
	c.recall()
	for i := range c.s.tables {
		c.prepare(i, perSecond)
	}
	if c.lost {
		f.Reset()
		c.Prepare(f, world, ring, view, perSecond)
	}
}

func (c *Composer) prepare(i, perSecond int) {
	t, f := &c.s.tables[i], c.feed
	n := max(c.world.tables[i].slots, len(f.held.tables[i]))
	f.held.grow(i, n)
	for len(f.wait[i]) < n {
		f.wait[i] = append(f.wait[i], 0)
	}
	c.pickUp(i, n)
	h := &c.hand
	for slot := range n {
		was := c.load(h, slot)
		row := c.want(h, slot, was[0])
		if ownerOf(row[0]) == c.mine {
			c.own = append(c.own, Row{Table: uint16(i), Slot: uint16(slot)})
		}
		switch {
		case !c.equal(h, slot, was, row):
			c.consider(h, slot, was, row, perSecond)
		case t.global() || ownerOf(row[0]) == c.mine:
			c.insist(Row{Table: uint16(i), Slot: uint16(slot)})
		case row[0]&aliveBit != 0 && c.tick.Sub(h.held[slot].at) >= restAge+slot%restSpread:
			c.fixed = append(c.fixed, Row{Table: uint16(i), Slot: uint16(slot)})
		}
	}
}

// pickUp takes a table of n slots in hand.
func (c *Composer) pickUp(i, n int) {
	t, base, to := &c.s.tables[i], &c.base.tables[i], &c.to.tables[i]
	base.refer(n)
	base.age()
	to.refer(n)
	to.ages = to.ages[:0]
	for _, set := range []slotBits{c.took, c.expired, c.gone} {
		set.reset(i, n)
	}
	c.enc.shared.begin(i, n)
	c.hand = handful{table: t, i: i, now: &c.world.tables[i], base: base, to: to, b: t.baselines(c.base, c.older, i, c.tick),
		held: c.feed.held.tables[i], past: c.older.tables[i].past, filtered: c.feed.filter[i]}
	if c.hand.filtered {
		c.hand.seen, _ = c.view.Sight(i - 1)
	}
}

// equal reports whether a row is what the client has. The encoder learns of it what it has found out for other clients.
func (c *Composer) equal(h *handful, slot int, was, row []uint32) bool {
	switch {
	case h.global():
		return equalLanes(was, row)
	case was[0] != row[0] || row[0]&aliveBit == 0: // all free rows of a generation are equal
		return was[0] == row[0]
	}
	pair, ok := h.past.pair(slot, was[0], c.tick.Sub(h.held[slot].at))
	if !ok {
		return equalLanes(was, row)
	}
	return c.enc.findShared(h.table, h.i, slot, pair, row, was, &h.b)
}

// load sets a row of the base: what the client holds in a slot.
func (c *Composer) load(h *handful, slot int) []uint32 {
	if h.global() && !c.feed.held.has {
		h.base.refs[slot] = h.nothing
		return h.nothing
	}
	r := &h.held[slot]
	h.base.ages[slot] = uint8(min(c.base.Tick.Sub(r.at), ageless))
	if !r.shown {
		return h.base.free(slot, uint32(r.gen))
	}
	if r.at != h.at || h.from == nil {
		c.turnTo(h, r.at)
	}
	return h.base.show(h.table, slot, h.from.home(slot, h.nothing), c.mine)
}

// turnTo takes the past world of tick at in hand.
func (c *Composer) turnTo(h *handful, at sim.Tick) {
	world, age := c.ring[at%FeedTicks], c.tick.Sub(at)
	c.Rows.Oldest = max(c.Rows.Oldest, age)
	if age > MaxAge || world.Tick != at {
		c.lost, world = true, c.s.empty
	}
	h.at, h.from = at, &world.tables[h.i]
}

// want sets a row of to: what the client should hold in a slot. A row that it may not know is a free slot
// of the generation that it knows, whatever lives there.
func (c *Composer) want(h *handful, slot int, had uint32) []uint32 {
	now := h.now.home(slot, h.nothing)
	if h.filtered && !h.knows(slot, now[0], c.mine) {
		if now[0]&aliveBit != 0 {
			c.Rows.Hidden++
		}
		return h.to.free(slot, had)
	}
	return h.to.show(h.table, slot, now, c.mine)
}

// knows reports whether the client may know a row of a table with a filter.
func (h *handful) knows(slot int, meta, mine uint32) bool {
	return meta&aliveBit != 0 && (hasBit(h.seen, slot) || ownerOf(meta) == mine)
}

// consider decides about a row that has changed: it is sent in any case, has to wait for its time, or is a pick.
func (c *Composer) consider(h *handful, slot int, was, row []uint32, perSecond int) {
	i := h.i
	r := Row{Table: uint16(i), Slot: uint16(slot)}
	if h.global() || ownerOf(row[0]) == c.mine || ownerOf(was[0]) == c.mine {
		c.insist(r)
		return
	}
	wait := c.feed.wait[i][slot]
	had, has := was[0]&aliveBit != 0, row[0]&aliveBit != 0
	age := c.tick.Sub(h.held[slot].at)
	p := change{row: r, urgent: true}
	switch {
	case !has:
	case !had:
		p.urgent, p.wait = false, min(wait, 1<<16-1-newWait)+newWait
	case age > maxAge:
		h.to.free(slot, was[0])
		c.enc.shared.found[i][slot] = finding{}
		c.expired.add(i, slot)
		c.late++
	case h.rate > 0 && age < urgentAge && (int(wait)+1)*h.rate < perSecond:
		c.late++
		return
	case age < urgentAge:
		p.urgent, p.wait = false, wait
	}
	c.picks = append(c.picks, p)
}

// level returns in which place a change comes.
func (c *Composer) level(p *change) int {
	if p.urgent {
		return interest.Urgent
	}
	weight := uint8(1)
	if c.view != nil {
		if _, weights := c.view.Sight(int(p.row.Table) - 1); int(p.row.Slot) < len(weights) {
			weight = weights[p.row.Slot]
		}
	}
	return interest.Level(weight, p.wait)
}

// Append appends the delta, of at most limit bytes but for what has to be in it: the globals and the player's own
// rows. It returns the tick of the older state that the delta needs besides Feed.Held, if any.
func (c *Composer) Append(dst []byte, limit int) (msg []byte, older sim.Tick, hasOlder bool) {
	base, old := c.baselines()
	n := len(dst)
	if c.late == 0 && c.guess() <= limit+limit/8 {
		if msg = c.enc.Encode(dst, c.to, base, old); len(msg)-n <= limit {
			c.full, c.taken = true, len(c.fixed)+len(c.picks)
		}
	}
	if !c.full {
		msg = c.part(dst, base, old, limit)
	}
	if changed := c.changed(); changed >= 8 {
		c.feed.cost += (float64(8*(len(msg)-n))/float64(changed) - c.feed.cost) / 4
	}
	c.count()
	return msg, c.older.Tick, old != nil
}

// guess is how many bytes all changes may take, going by the latest.
func (c *Composer) guess() int { return int(float64(c.musts+len(c.picks)) * c.feed.cost / 8) }

// changed is the number of changed rows in the snapshot.
func (c *Composer) changed() int {
	return min(c.taken, c.musts) + max(0, c.taken-len(c.fixed))
}

// recall finds out what the client held before, if anything.
func (c *Composer) recall() {
	o := &c.feed.older
	c.hasOlder = c.feed.held.has && o.has && c.tick.Sub(o.tick) <= MaxAge && kept(c.ring, o.tick)
	if c.hasOlder {
		o.unfold(c.ring)
	}
	c.older.Tick = o.tick
	for i := range c.older.tables {
		l := &c.older.tables[i]
		p := l.past
		p.rows, p.tick, p.now, p.ring, p.mine = nil, o.tick, c.tick, c.ring, c.mine
		if c.hasOlder {
			p.rows = o.tables[i]
		}
		l.slots = len(p.rows)
	}
}

// baselines returns what the client holds, and held before.
func (c *Composer) baselines() (base, older *Snapshot) {
	if c.feed.held.has {
		base = c.base
	}
	if c.hasOlder {
		older = c.older
	}
	return base, older
}

// part appends as many rows as fit.
func (c *Composer) part(dst []byte, base, old *Snapshot, limit int) []byte {
	c.findGone()
	c.findLost()
	most := len(c.picks)
	if c.feed.cost > 0 {
		most = min(most, int(float64(16*limit)/c.feed.cost)+16)
	}
	c.rows = append(c.rows[:0], c.fixed...)
	for range most {
		c.rows = append(c.rows, Row{})
	}
	c.order.Reset()
	for k := range c.picks {
		c.order.Add(c.level(&c.picks[k]))
	}
	c.order.Begin()
	for k := range c.picks {
		if at := c.order.Place(c.level(&c.picks[k])); at < most {
			c.rows[len(c.fixed)+at] = c.picks[k].row
		}
	}
	c.enc.bitsPerRow = 0
	if changed := c.musts + len(c.picks); changed > 0 {
		c.enc.bitsPerRow = c.feed.cost * float64(c.musts+most) / float64(len(c.rows))
	}
	msg, taken := c.enc.EncodeRows(dst, c.to, base, old, c.rows, limit)
	if taken <= len(c.fixed) && most > 0 { // rows at rest have another time
		c.rows = append(c.rows[:c.musts], c.rows[len(c.fixed):]...)
		c.fixed = c.fixed[:c.musts]
		c.enc.bitsPerRow = max(c.feed.cost, float64(8*limit)/float64(len(c.rows)))
		msg, taken = c.enc.EncodeRows(dst, c.to, base, old, c.rows, limit)
	}
	if taken < c.musts {
		taken = c.musts
		msg = c.enc.encodeRows(dst, c.to, base, old, c.rows[:taken])
	}
	c.taken = taken
	for _, r := range c.rows[:taken] {
		c.took.add(int(r.Table), int(r.Slot))
	}
	return msg
}

// findGone adds to what is sent in any case the rows that were sent since the base and that are no more: by the base alone they
// would seem never to have been.
func (c *Composer) findGone() {
	c.feed.flying(c.gone, c.ring)
	for i := range c.gone {
		to := &c.to.tables[i]
		for k, word := range c.gone[i] {
			for ; word != 0 && len(c.goners) < maxGone; word &= word - 1 {
				slot := k*64 + bits.TrailingZeros64(word)
				if slot < to.slots && (to.metaAt(slot)|c.base.tables[i].metaAt(slot))&aliveBit == 0 {
					c.addGone(i, slot)
				}
			}
		}
	}
}

// findLost adds to what is sent in any case the slots in which the player may have got a row of its own meanwhile and has
// none any more: a prediction is compared with all of the player's rows.
func (c *Composer) findLost() {
	c.feed.eachFlying(func(v *sentView) bool {
		for _, r := range v.own {
			l := &c.to.tables[r.Table]
			if i, slot := int(r.Table), int(r.Slot); slot < l.slots && ownerOf(l.metaAt(slot)) != c.mine && !c.took.has(i, slot) {
				c.took.add(i, slot)
				c.insist(r)
			}
		}
		return true
	})
	for i := range c.took {
		c.took.reset(i, c.to.tables[i].slots)
	}
}

func (c *Composer) addGone(i, slot int) {
	flying := c.feed.flyingMeta(i, slot, c.ring)
	to := &c.to.tables[i]
	if to.metaAt(slot) != c.base.tables[i].metaAt(slot) {
		return // it is a pick
	}
	c.goners = append(c.goners, goneRow{uint8(i), uint16(slot), uint16(flying)})
	to.free(slot, flying)
	c.insist(Row{Table: uint16(i), Slot: uint16(slot)})
}

// insist adds a row to those that are sent in any case.
func (c *Composer) insist(r Row) {
	c.fixed = append(c.fixed, r)
	last := len(c.fixed) - 1
	c.fixed[c.musts], c.fixed[last] = c.fixed[last], c.fixed[c.musts]
	c.musts++
}

func (c *Composer) count() {
	c.Rows.Sent = c.changed()
	c.Rows.Stale = c.late + len(c.picks) - max(0, c.taken-len(c.fixed))
}

// Complete reports whether the client will hold everything that it may know, as it is now.
func (c *Composer) Complete() bool { return c.full }

// Done notes that the snapshot was sent.
func (c *Composer) Done() {
	f := c.feed
	if c.full && !f.filtered() && c.s.open() && c.Rows.Stale == 0 {
		f.Sent(c.tick)
		return
	}
	v := f.open(c.tick, c.full)
	for i := range c.s.tables {
		c.note(i, v)
	}
	v.gone = append(v.gone, c.goners...)
	v.own = append(v.own, c.own...)
}

// open reports whether no table has private lanes.
func (s *schema) open() bool {
	for i := range s.tables {
		if len(s.tables[i].private) > 0 {
			return false
		}
	}
	return true
}

// note writes down what the snapshot changes of a table.
func (c *Composer) note(i int, v *sentView) {
	to, base, wait := &c.to.tables[i], &c.base.tables[i], c.feed.wait[i]
	v.touched.reset(i, to.slots)
	v.shown.reset(i, to.slots)
	v.alive.reset(i, to.slots)
	for slot := range to.slots {
		alive := to.refs[slot][0]&aliveBit != 0
		if !c.full && !c.took.has(i, slot) {
			if alive || base.refs[slot][0]&aliveBit != 0 {
				wait[slot] += min(1, ^wait[slot])
			}
			continue
		}
		wait[slot] = 0
		v.touched.add(i, slot)
		if alive {
			v.alive.add(i, slot)
			v.shown.add(i, slot)
		} else if !c.feed.filter[i] && !c.expired.has(i, slot) {
			v.shown.add(i, slot)
		}
	}
}
