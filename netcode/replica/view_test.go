package replica

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/halftick/halftick/netcode/sim"
)

// view is what a server remembers of a snapshot that it sent to one client: how old each row is. The rows themselves are
// in the server's past worlds, one byte per row is here. Reused, it does not allocate.
type view struct {
	Tick   sim.Tick
	whole  bool      // every row is of Tick, and ages means nothing
	tables [][]uint8 // ages by slot in ticks; ageless: the client has no such row, or none that is remembered
}

// SetWhole makes v the view after Encode: all of the world of tick t.
func (v *view) SetWhole(t sim.Tick) { v.Tick, v.whole = t, true }

// Set makes v the view after EncodeRows of these rows of to, as far as they were taken, against base, nil for none.
// base must not be v.
func (v *view) Set(to *Snapshot, base *view, rows []Row) {
	v.Tick, v.whole = to.Tick, false
	for len(v.tables) < len(to.tables) {
		v.tables = append(v.tables, nil)
	}
	for i := range v.tables {
		ages := v.tables[i][:0]
		for slot := range to.tables[i].slots {
			age := uint8(ageless)
			if base != nil {
				age = later(base.age(i, slot), to.Tick.Sub(base.Tick))
			}
			ages = append(ages, age)
		}
		v.tables[i] = ages
	}
	v.tables[0][0] = 0
	for _, r := range rows {
		v.tables[r.Table][r.Slot] = 0
		if r.Hidden {
			v.tables[r.Table][r.Slot] = ageless
		}
	}
}

func (v *view) age(table, slot int) uint8 {
	switch {
	case v.whole:
		return 0
	case slot >= len(v.tables[table]):
		return ageless
	}
	return v.tables[table][slot]
}

// LoadView makes dst what the client holds after the snapshot of v, as a baseline. past returns the world of a tick, nil when it is
// no longer kept; it keeps those of MaxAge ticks and the present one.
func (s *schema) LoadView(dst *Snapshot, v *view, past func(sim.Tick) *Snapshot) {
	if v.whole {
		s.loadWhole(dst, past(v.Tick))
		dst.Tick = v.Tick
		return
	}
	dst.Tick = v.Tick
	for i := range s.tables {
		l := &dst.tables[i]
		l.ages = append(l.ages[:0], v.tables[i]...)
		l.resize(len(l.ages))
		var world *Snapshot
		of := ageless
		for slot, age := range l.ages {
			if int(age) != of {
				world, of = nil, int(age)
				if age != ageless {
					world = past(v.Tick - sim.Tick(age))
				}
			}
			row := s.tables[i].nothing
			if world != nil {
				row = rowOr(&world.tables[i], slot, row)
			}
			copy(l.row(slot), row)
		}
	}
}

func (s *schema) loadWhole(dst, world *Snapshot) {
	if world == nil {
		world = s.empty
	}
	dst.copyRows(world)
}

// Age returns how many ticks before s.Tick a row was what s says; ageless ones are 255.
func (s *Snapshot) Age(r Row) uint8 {
	l := &s.tables[r.Table]
	if len(l.ages) == 0 || int(r.Slot) >= len(l.ages) {
		return 0
	}
	return l.ages[r.Slot]
}

// Meta returns the state of a row, free beyond the end of its table.
func (s *Snapshot) Meta(r Row) sim.RowMeta { return unpackMeta(s.tables[r.Table].meta(int(r.Slot))) }

// Same reports whether a row is the same in a and b, to the last lane.
func (s *schema) Same(a, b *Snapshot, r Row) bool {
	none, slot := s.tables[r.Table].nothing, int(r.Slot)
	return equalLanes(rowOr(&a.tables[r.Table], slot, none), rowOr(&b.tables[r.Table], slot, none))
}

// pair is a server that sends parts of a world, and its client.
type pair struct {
	t    *rapid.T
	p    *schema
	r    *rand.Rand
	live func(changes int) *Snapshot // lets the world live on
	now  sim.Tick
	enc  *Encoder
	dec  *Decoder

	past  map[sim.Tick]*Snapshot // the server's
	views []view                 // what it sent,
	held  []*Snapshot            // and what the client made of it
}

func newPair(t *rapid.T, p *schema, r *rand.Rand, live func(changes int) *Snapshot) *pair {
	return &pair{t: t, p: p, r: r, live: live, enc: p.NewEncoder(), dec: p.NewDecoder(),
		now: sim.Tick(rapid.SampledFrom([]uint32{5, 1<<32 - 100}).Draw(t, "first")), past: map[sim.Tick]*Snapshot{}}
}

func (c *pair) world(t sim.Tick) *Snapshot {
	if c.now.Sub(t) > MaxAge { // as early as the format allows
		return nil
	}
	return c.past[t]
}

// tick lets the world live on.
func (c *pair) tick() *Snapshot {
	c.now += sim.Tick(rapid.SampledFrom([]int{1, 1, 1, 2, 9, 60}).Draw(c.t, "ticks"))
	s := c.live(rapid.IntRange(0, 12).Draw(c.t, "changes"))
	s.Tick = c.now
	c.past[c.now] = s
	return s
}

// bases picks two of the views that the client has, and returns what each side takes for them.
func (c *pair) bases(to *Snapshot) (view *view, base, older, theirs, theirOlder *Snapshot) {
	if len(c.views) == 0 || rapid.IntRange(0, 9).Draw(c.t, "no base") == 0 {
		return nil, nil, nil, nil, nil
	}
	recent := len(c.views) - 1 - rapid.IntRange(0, min(3, len(c.views)-1)).Draw(c.t, "base")
	view = &c.views[recent]
	base = c.p.NewSnapshot()
	c.p.LoadView(base, view, c.world)
	if before := recent - rapid.IntRange(0, 3).Draw(c.t, "older"); before >= 0 && before < recent {
		older = c.p.NewSnapshot()
		c.p.LoadView(older, &c.views[before], c.world)
		return view, base, older, c.held[recent], c.held[before]
	}
	return view, base, nil, c.held[recent], nil
}

// wish returns some of the rows of a world in some order, some to be hidden.
func (c *pair) wish(to *Snapshot) []Row {
	rows := c.p.allRows(to)
	c.r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	rows = rows[:c.r.IntN(len(rows)+1)]
	for i := range rows {
		rows[i].Hidden = c.r.IntN(5) == 0
	}
	return rows
}

// send sends a part of the world, and sees that both ends have the same view of it.
func (c *pair) send() {
	to := c.tick()
	had, base, older, theirs, theirOlder := c.bases(to)
	rows := c.wish(to)
	limit := rapid.SampledFrom([]int{0, 20, 200, 1200, 1 << 16}).Draw(c.t, "limit")
	msg, n := c.enc.EncodeRows(nil, to, base, older, rows, limit)
	if len(msg) > limit && n > 0 {
		c.t.Fatalf("%d bytes for %d rows, at most %d were to be used", len(msg), n, limit)
	}
	if limit == 1<<16 && n < len(rows) {
		c.t.Fatalf("%d of %d rows, though all fit", n, len(rows))
	}
	got := c.p.NewSnapshot()
	if err := c.dec.Decode(got, to.Tick, theirs, theirOlder, msg); err != nil {
		c.t.Fatalf("%d rows in %d bytes: %v", n, len(msg), err)
	}
	c.check(to, got, theirs, rows[:n])
	var v view
	v.Set(to, had, rows[:n])
	c.views, c.held = append(c.views, v), append(c.held, got)
	ours := c.p.NewSnapshot()
	c.p.LoadView(ours, &v, c.world)
	c.agree(ours, got)
}

// check sees that the rows that were sent are as in the world, and the others as they were.
func (c *pair) check(to, got, had *Snapshot, sent []Row) {
	if had == nil {
		had = c.p.empty
	}
	want := c.p.NewSnapshot()
	want.CopyFrom(had)
	for i := range want.tables {
		if had != c.p.empty {
			base := c.p.tables[i].look(had, i, to.Tick)
			forget(&c.p.tables[i], &want.tables[i], &base)
		}
		want.tables[i].grow(to.tables[i].slots)
	}
	for _, r := range append(sent, Row{}) {
		row := rowOr(&to.tables[r.Table], int(r.Slot), c.p.tables[r.Table].nothing)
		if r.Hidden {
			row = c.p.tables[r.Table].nothing
		}
		copy(want.tables[r.Table].row(int(r.Slot)), row)
		if a := got.Age(r); a != 0 && !allZero(row) {
			c.t.Fatalf("%+v was sent and is %d ticks old", r, a)
		}
	}
	if d := c.p.Diff(want, got); d != "" {
		c.t.Fatalf("want and got: %s", d)
	}
}

// agree sees that a view is the same at both ends: its rows, and when they were so.
func (c *pair) agree(ours, theirs *Snapshot) {
	if d := c.p.Diff(ours, theirs); d != "" {
		c.t.Fatalf("here and there: %s", d)
	}
	for _, r := range append(c.p.allRows(ours), Row{}) {
		if m := ours.Meta(r); m != (sim.RowMeta{}) && ours.Age(r) != theirs.Age(r) {
			c.t.Fatalf("%+v is %d ticks old here, %d there", r, ours.Age(r), theirs.Age(r))
		}
	}
}

// sendWhole sends all of the world, against whatever the client has.
func (c *pair) sendWhole() {
	to := c.tick()
	_, base, older, theirs, theirOlder := c.bases(to)
	got := c.p.NewSnapshot()
	if err := c.dec.Decode(got, to.Tick, theirs, theirOlder, c.enc.Encode(nil, to, base, older)); err != nil || !c.p.Equal(got, to) {
		c.t.Fatalf("%v: %s", err, c.p.Diff(to, got))
	}
	var v view
	v.SetWhole(to.Tick)
	c.views, c.held = append(c.views, v), append(c.held, got)
}

// play sends some snapshots, whole ones and parts.
func (c *pair) play() {
	for range rapid.IntRange(1, 12).Draw(c.t, "snapshots") {
		if rapid.IntRange(0, 4).Draw(c.t, "kind") == 0 {
			c.sendWhole()
		} else {
			c.send()
		}
	}
}

func TestViewsAgree(t *testing.T) {
	p := testPlan(t)
	rapid.Check(t, func(t *rapid.T) {
		r, w := random(rapid.Uint64().Draw(t, "seed")), p.NewWorld()
		mutate(w.V, r, 60)
		newPair(t, &p.schema, r, func(changes int) *Snapshot {
			mutate(w.V, r, changes)
			return capture(p, w)
		}).play()
	})
}

// A world that is too large for a message arrives in pieces, each of which says something new.
func TestJoinInPieces(t *testing.T) {
	p := testPlan(t)
	w, r := p.NewWorld(), random(11)
	for i := range 1000 {
		w.V.Units.Spawn(sim.PlayerID(i % 20)).scramble(r)
	}
	to := capture(p, w)
	enc, dec, held := p.NewEncoder(), p.NewDecoder(), (*Snapshot)(nil)
	rows := p.allRows(to)
	for n := 1; len(rows) > 0; n++ {
		to.Tick++
		msg, taken := enc.EncodeRows(nil, to, held, nil, rows, 1100)
		if len(msg) > 1100 || len(msg) < 1000 && taken < len(rows) {
			t.Fatalf("message %d: %d bytes with %d rows", n, len(msg), taken)
		}
		got := p.NewSnapshot()
		if err := dec.Decode(got, to.Tick, held, nil, msg); err != nil {
			t.Fatal(err)
		}
		held, rows = got, rows[taken:]
	}
	if d := p.Diff(to, held); d != "" {
		t.Error(d)
	}
}

// A limit below what the globals take, and no rows to leave out.
func TestEncodeRowsOfNothing(t *testing.T) {
	p := testPlan(t)
	if msg, taken := p.NewEncoder().EncodeRows(nil, p.NewSnapshot(), nil, nil, nil, 0); taken != 0 || len(msg) != 2 {
		t.Errorf("%d rows in %x", taken, msg)
	}
}
