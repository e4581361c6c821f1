package replica

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/halftick/halftick/netcode/sim"
	"pgregory.net/rapid"
)

// The world of these tests: things of which a player may not know all, with a purse that only their owner looks
// into, and lamps that everybody knows.
type (
	thing struct {
		Pos   sim.Vec2 `net:"range=-512:512,step=1/64,lerp"`
		Purse uint16   `net:"owner"`
		Kind  uint8    `net:"bits=3,const"`
	}
	lamp  struct{ On bool }
	scape struct {
		Round  uint32
		Things sim.Table[thing]
		Lamps  sim.Table[lamp]
	}
)

// relay is a world, one client of it, and a bad line between them.
type relay struct {
	t      fatal
	p      *Plan[scape]
	w      *World[scape]
	r      *rand.Rand
	tick   sim.Tick
	ring   [FeedTicks]*Snapshot
	view   *sim.View
	me     sim.PlayerID
	feed   *Feed
	twin   *Feed // the same client once more, served by a composer that serves nobody else
	solo   *Composer
	comp   *Composer
	hold   *Holder
	knows  map[sim.ID]bool // what the client may know of others' things
	seen   map[sim.Tick]map[sim.ID]bool
	limit  int
	loss   float64
	client [FeedTicks]*Snapshot
	newest *Snapshot // of the client; nil when it has none
	got    []sim.Tick
	base   sim.Tick // of the newest
	acks   []SnapshotAck
	delay  int // ticks that an acknowledgement takes
	body   []byte
	most   int // bytes of the longest message
	resets int
	whole  bool // the newest message was complete
}

type fatal interface {
	Fatalf(string, ...any)
	Helper()
}

const relayPlayer = 3

func newRelay(t fatal, seed uint64, filtered bool) *relay {
	p, err := NewPlan[scape]()
	if err != nil {
		t.Fatalf("%v", err)
	}
	r := &relay{t: t, p: p, w: p.NewWorld(), r: random(seed), me: relayPlayer, limit: 1 << 16, delay: 3, knows: map[sim.ID]bool{}, seen: map[sim.Tick]map[sim.ID]bool{}}
	r.view = sim.NewView(r.w.Tables(), nil)
	r.feed = p.NewFeed(relayPlayer, 1, []bool{false, filtered, false})
	r.comp, r.hold = p.NewComposer(), p.NewHolder()
	for i := range r.ring {
		r.ring[i], r.client[i] = p.NewSnapshot(), p.NewSnapshot()
	}
	return r
}

// stir changes the world at random: n things, with what may be known of them.
func (r *relay) stir(n int) {
	w := r.w.V
	for id, th := range w.Things.All() {
		switch k := r.r.IntN(40); {
		case k == 0 && w.Things.Len() > n/2:
			w.Things.Despawn(id)
		case k < 20:
			th.Pos = th.Pos.Add(sim.V(r.r.Float32()*4-2, r.r.Float32()*4-2))
		case k == 21:
			th.Purse++
		case k == 22:
			r.knows[id] = !r.knows[id]
		}
	}
	for w.Things.Len() < n && r.r.IntN(3) > 0 {
		id, th := w.Things.SpawnID(sim.PlayerID(r.r.IntN(6)))
		th.Pos, th.Kind, th.Purse = sim.V(r.r.Float32()*900-450, r.r.Float32()*900-450), uint8(r.r.IntN(8)), uint16(r.r.IntN(1000))
		r.knows[id] = r.r.IntN(3) > 0
	}
	for id, l := range w.Lamps.All() {
		if l.On = l.On != (r.r.IntN(5) == 0); r.r.IntN(60) == 0 {
			w.Lamps.Despawn(id)
		}
	}
	if w.Lamps.Len() < n/4 {
		w.Lamps.Spawn(0)
	}
	w.Round++
}

// send makes a tick of the world as it is, and sends it.
func (r *relay) send() {
	r.tick++
	world := r.ring[r.tick%FeedTicks]
	world.Tick = r.tick
	r.p.Capture(world, r.w)
	r.look()
	if r.delay < len(r.acks) {
		if r.r.Float64() >= r.loss {
			ack := r.acks[len(r.acks)-1-r.delay]
			r.feed.Ack(ack, 1, r.ring[:])
			if r.twin != nil {
				r.twin.Ack(ack, 1, r.ring[:])
			}
		}
	}
	start := r.feed.Start()
	r.comp.Prepare(r.feed, world, r.ring[:], r.view, 60)
	if r.feed.Start() != start {
		r.resets++
	}
	base, has := r.feed.Held()
	var older sim.Tick
	var hasOlder bool
	r.body, older, hasOlder = r.comp.Append(r.body[:0], r.limit)
	r.most = max(r.most, len(r.body))
	r.comp.Done()
	r.alone(world)
	if r.whole = r.comp.Complete(); r.r.Float64() >= r.loss {
		r.receive(base, has, older, hasOlder, r.feed.Start())
	}
	r.acks = append(r.acks, r.ack())
}

// alone sees that the message is the same when nothing is known from other clients.
func (r *relay) alone(world *Snapshot) {
	if r.twin == nil {
		return
	}
	r.solo.enc.shared.world = nil
	r.solo.Prepare(r.twin, world, r.ring[:], r.view, 60)
	body, _, _ := r.solo.Append(nil, r.limit)
	if r.solo.Done(); !bytes.Equal(body, r.body) {
		r.t.Fatalf("tick %d: player %d is sent\n%x, and would alone be sent\n%x", r.tick, r.me, r.body, body)
	}
}

// look decides what the client may know.
func (r *relay) look() {
	r.view.Begin([]bool{true, false})
	now := map[sim.ID]bool{}
	things := r.view.Of(&r.w.V.Things)
	for id := range r.w.V.Things.All() {
		if r.knows[id] {
			things.Show(id)
			now[id] = true
		}
	}
	r.seen[r.tick] = now
}

// receive is the client.
func (r *relay) receive(tick sim.Tick, has bool, old sim.Tick, hasOld bool, start sim.Tick) {
	if r.newest != nil && r.newest.Tick.Before(start) {
		r.newest, r.got = nil, nil
	}
	var base *Snapshot
	r.base = start - 1
	if has {
		base, r.base = r.client[tick%FeedTicks], tick
		r.same(base, r.comp.base)
	}
	var older *Snapshot
	if hasOld {
		older = r.client[old%FeedTicks]
		r.same(older, r.comp.older)
	}
	dst := r.client[r.tick%FeedTicks]
	if err := r.hold.Take(dst, r.tick, base, older, r.newest, r.body); err != nil {
		r.t.Fatalf("tick %d: %v", r.tick, err)
	}
	r.newest = dst
	r.got = append(r.got, r.tick)
	r.honest()
}

// same checks that the server knows what the client held, to the last lane and generation, and how old it was.
func (r *relay) same(client, server *Snapshot) {
	if d := r.p.Diff(client, server); d != "" || client.Tick != server.Tick {
		r.t.Fatalf("tick %d: of what the client held at tick %d the server thinks differently (tick %d): %s", r.tick, client.Tick, server.Tick, d)
	}
	for i := range client.tables {
		c, s := &client.tables[i], &server.tables[i]
		for slot := range min(c.slots, s.slots) {
			if c.meta(slot)&aliveBit != 0 && c.ageOf(slot) != s.ageOf(slot) {
				r.t.Fatalf("tick %d: %s slot %d, held at tick %d, is %d ticks old, the server says %d", r.tick, r.p.tables[i].name, slot, client.Tick, c.ageOf(slot), s.ageOf(slot))
			}
		}
	}
}

// ack says what the client has.
func (r *relay) ack() SnapshotAck {
	if r.newest == nil {
		return SnapshotAck{}
	}
	a := SnapshotAck{Tick: r.newest.Tick, Has: true}
	have := map[sim.Tick]bool{}
	for _, t := range r.got {
		have[t] = true
	}
	for i := range sim.Tick(maxMissing) {
		if t := a.Tick - 1 - i; r.base.Before(t) && !have[t] {
			a.Missing |= 1 << i
		}
	}
	return a
}

// honest checks that every row that the client holds is what it may know of the world of the row's tick.
func (r *relay) honest() {
	for i := range r.newest.tables {
		l := &r.newest.tables[i]
		for slot := range l.slots {
			meta := l.meta(slot)
			if meta&aliveBit == 0 {
				continue
			}
			at := r.newest.Tick - sim.Tick(l.ageOf(slot))
			if r.tick.Sub(at) >= FeedTicks {
				r.t.Fatalf("tick %d: the client holds a row of tick %d", r.tick, at)
			}
			want := append([]uint32(nil), rowOr(&r.ring[at%FeedTicks].tables[i], slot, r.p.zeros[:l.stride])...)
			own := ownerOf(meta) == ownedBy(r.me)
			r.p.tables[i].mask(want, ownedBy(r.me))
			if !equalLanes(want, l.row(slot)) {
				r.t.Fatalf("tick %d: %s slot %d is %v at tick %d, the client holds %v", r.tick, r.p.tables[i].name, slot, want, at, l.row(slot))
			}
			if own && at != r.newest.Tick {
				r.t.Fatalf("tick %d: an own row is of tick %d", r.newest.Tick, at)
			}
			if id := sim.ID(meta&genBits)<<16 | sim.ID(slot); r.feed.filter[i] && !own && !r.seen[at][id] {
				r.t.Fatalf("tick %d: the client holds %x, which it may not know", r.tick, id)
			}
		}
	}
}

// settle sends until a complete message has arrived, the world standing still.
func (r *relay) settle(most int) {
	for range most {
		if r.send(); r.whole && r.newest != nil && r.newest.Tick == r.tick {
			r.converged()
			return
		}
	}
	r.t.Fatalf("after %d messages the client still does not know all that it may", most)
}

// converged checks that the client holds exactly what it may know.
func (r *relay) converged() {
	n := 0
	for slot := range r.newest.tables[1].slots {
		if r.newest.tables[1].meta(slot)&aliveBit != 0 {
			n++
		}
	}
	want := 0
	for id := range r.w.V.Things.All() {
		if !r.feed.filter[1] || r.knows[id] || r.w.V.Things.Owner(id) == r.me {
			want++
		}
	}
	if n != want {
		r.t.Fatalf("the client holds %d things, and may know %d", n, want)
	}
	r.honest()
}

// Whatever is lost, hidden, spawned and left out: client and server agree about what the client holds, it
// never holds what it may not know, no message is longer than the budget, and in the end it knows all.
func TestFeedConverges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRelay(t, rapid.Uint64().Draw(t, "seed"), rapid.Bool().Draw(t, "filtered"))
		r.loss = float64(rapid.IntRange(0, 50).Draw(t, "loss")) / 100
		r.limit = rapid.IntRange(120, 900).Draw(t, "limit")
		r.delay = rapid.IntRange(0, 20).Draw(t, "delay")
		things := rapid.IntRange(1, 120).Draw(t, "things")
		for range rapid.IntRange(5, 150).Draw(t, "ticks") {
			r.stir(things)
			r.send()
		}
		if r.most > r.limit+200 {
			t.Fatalf("a message of %d bytes, and the budget is %d", r.most, r.limit)
		}
		r.loss = min(r.loss, 0.2)
		r.settle(600)
	})
}
