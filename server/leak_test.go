package server

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// A world in which most is hidden from eve: what is far from it, what the other team's See keeps from it, and the purses
// of others. How the hidden part goes on depends on Salt, which stays at the server; nothing else does.
type (
	walker struct {
		Pos   sim.Vec2 `net:"range=-2048:2048,step=1/64,lerp"`
		Purse uint16   `net:"owner"`
		Count uint16   // walkers and spies that were seen in the past
	}
	spy struct {
		Pos  sim.Vec2 `net:"range=-2048:2048,step=1/64,lerp"`
		Team uint8
	}
	town struct {
		Salt    uint32             `net:"server"`
		Walkers sim.Table[walker]  `net:"aoi=Pos:64"`
		Spies   sim.Table[spy]     // See hides those of team 2 from eve
		Clouds  sim.Table[drifter] `net:"rate=5"`
	}
	drifter struct {
		At sim.Vec2 `net:"range=-2048:2048,step=1/64,lerp"`
	}
	townCtx = *sim.Ctx[town, move]
)

// step is what is heard of a walker or spy: which one's, by slot. clap is one that may be lost.
var (
	stepEvent = sim.NewEvent[uint16]("step", sim.Reliable)
	clapEvent = sim.NewEvent[uint16]("clap", sim.Unreliable)
)

// eve is the player that the bot before her leaves.
const eve = 2

func townGame(salt uint32) *sim.Game[town, move] {
	return &sim.Game[town, move]{
		Name: "town", TickRate: 50, Events: []sim.AnyEvent{stepEvent, clapEvent},
		Init: func(w *town) {
			w.Salt = salt
			for i := range 80 { // near eve, for all to see
				w.Walkers.Spawn(0).Pos = sim.V(float32(i%10)*3, float32(i/10)*3)
			}
			for i := range 20 {
				s := w.Spies.Spawn(0)
				s.Pos, s.Team = sim.V(float32(i), 5), 1
				w.Clouds.Spawn(0).At = sim.V(float32(i)*40, 0)
			}
		},
		Join: func(c townCtx, w *town, p sim.PlayerID) {
			w.Walkers.Spawn(p).Pos = sim.V(float32(p)*8, 20)
		},
		Step: stepTown,
		See: func(w *town, p sim.PlayerID, v *sim.View) {
			spies, walkers := v.Of(&w.Spies), v.Of(&w.Walkers)
			for id, s := range w.Spies.All() {
				if s.Team == 2 {
					spies.Hide(id)
				}
			}
			for id, k := range w.Walkers.All() {
				if k.Pos.X < 12 {
					walkers.Weigh(id, 4)
				}
			}
		},
	}
}

func stepTown(c townCtx, w *town) {
	stepHidden(c, w)
	for id, k := range w.Walkers.All() { // a walker that all near may hear, after those whom eve may not
		if k.Pos.X < 500 && sim.Tick(id.Slot()) == c.Tick%80 {
			sim.Emit(c, stepEvent, uint16(id.Slot()), sim.About(&w.Walkers, id))
			sim.Emit(c, clapEvent, uint16(id.Slot()), sim.About(&w.Walkers, id))
		}
	}
	sway := sim.V(float32(c.Tick%7)-3, float32(c.Tick%5)-2)
	for id, k := range w.Walkers.All() {
		if o := w.Walkers.Owner(id); o == 0 && k.Pos.X < 500 {
			k.Pos = k.Pos.Add(sway.Mul(0.25 * float32(id.Slot()%3)))
		}
	}
	for _, cl := range w.Clouds.All() {
		cl.At.X += 0.5
	}
	for p, in := range c.Inputs() {
		k, ok := w.Walkers.Of(p)
		if !ok {
			continue
		}
		k.Pos = k.Pos.Add(sim.V(float32(in.Dx), float32(in.Dy)).Mul(0.5))
		if past := c.Past(p); in.Look {
			k.Count = uint16(past.Walkers.Len()*100 + past.Spies.Len())
		}
	}
}

// stepHidden lets what eve may not know come, go and move by the salt.
func stepHidden(c townCtx, w *town) {
	r := sim.NewRand(uint64(w.Salt) ^ uint64(c.Tick)*0x9e37)
	for id, k := range w.Walkers.All() {
		switch {
		case k.Pos.X < 500 && w.Walkers.Owner(id) != eve:
			k.Purse = uint16(r.Uint64())
		case k.Pos.X < 500:
		case r.Intn(20) == 0:
			sim.Emit(c, stepEvent, uint16(id.Slot()), sim.About(&w.Walkers, id))
			w.Walkers.Despawn(id)
		default:
			k.Pos = k.Pos.Add(sim.V(r.Range(-4, 4), r.Range(-4, 4)))
			k.Pos.X = max(k.Pos.X, 700)
		}
	}
	for id, s := range w.Spies.All() {
		if s.Team == 2 {
			if r.Intn(80) == 0 {
				sim.Emit(c, stepEvent, uint16(id.Slot()), sim.About(&w.Spies, id))
				sim.Emit(c, clapEvent, uint16(id.Slot()), sim.About(&w.Spies, id), sim.By(1))
			}
			if s.Pos.X = r.Range(0, 30); r.Intn(30) == 0 {
				w.Spies.Despawn(id)
			}
		}
	}
	for range r.Intn(6) {
		if w.Walkers.Len() < 400 {
			w.Walkers.Spawn(0).Pos = sim.V(r.Range(700, 1500), r.Range(-900, 900))
		}
		s := w.Spies.Spawn(1)
		s.Team = 2
	}
}

// tapped is a server with one client whose datagrams are written down.
type tapped struct {
	s      *Server[town, move]
	ep     *session.Endpoint
	conn   *session.Conn
	hold   *replica.Holder
	now    time.Duration
	me     sim.PlayerID
	ring   [historyTicks]*replica.Snapshot
	newest *replica.Snapshot
	base   sim.Tick
	tape   [][]byte
	heard  []replica.Happening
	r      *rand.Rand // of the line
	loss   float64
	buf    [session.MaxRecordSize]byte
	most   int // bytes of the longest snapshot
}

func newTapped(t *testing.T, salt uint32, cfg Config, loss float64) *tapped {
	t.Helper()
	return newTappedOf(t, townGame(salt), cfg, loss)
}

func newTappedOf(t *testing.T, g *sim.Game[town, move], cfg Config, loss float64) *tapped {
	t.Helper()
	cfg.Secret, cfg.Key = testSecret, [32]byte{9}
	s, err := New(g, cfg)
	if err != nil {
		t.Fatal(err)
	}
	x := &tapped{s: s, now: time.Second, hold: s.plan.NewHolder(), r: rand.New(rand.NewPCG(1, 2)), loss: loss}
	for i := range x.ring {
		x.ring[i] = s.plan.NewSnapshot()
	}
	if _, err := s.AddBot("other", func(w *town, p sim.PlayerID, t sim.Tick) move { return move{Dx: int8(t/9%3) - 1} }); err != nil {
		t.Fatal(err)
	}
	c := s.sessionConfig()
	c.Secret, c.Key = [32]byte{7}, [32]byte{}
	if x.ep, err = session.NewEndpoint(c); err != nil {
		t.Fatal(err)
	}
	if x.conn, err = x.ep.DialWith(x.now, serverPath, session.DialOptions{ServerKey: s.endpoint.PublicKey()}); err != nil {
		t.Fatal(err)
	}
	x.exchange()
	if err := x.conn.Send(x.now, replica.ChanControl, replica.AppendControl(nil, replica.Hello{Name: "eve"})); err != nil {
		t.Fatal(err)
	}
	return x
}

// tick lets one tick pass, in which the client walks and looks into the past.
func (x *tapped) tick(t *testing.T) {
	x.now += x.s.period
	if x.me != 0 {
		n := x.s.present.tick + 1
		in := replica.Command[move]{Tick: n, View: 3*viewUnits + 5, Input: move{Dx: int8(n/20%3) - 1, Look: n%3 == 0}}
		if err := x.conn.Send(x.now, replica.ChanInput, x.s.codec.Append(nil, x.ack(), []replica.Command[move]{in})); err != nil {
			t.Fatal(err)
		}
	}
	x.exchange()
	x.s.Tick(x.now)
	x.exchange()
	x.listen(t)
}

func (x *tapped) ack() replica.SnapshotAck {
	if x.newest == nil {
		return replica.SnapshotAck{}
	}
	a := replica.SnapshotAck{Tick: x.newest.Tick, Has: true}
	for i := range sim.Tick(64) {
		if t := a.Tick - 1 - i; x.base.Before(t) && x.ring[t%historyTicks].Tick != t {
			a.Missing |= 1 << i
		}
	}
	return a
}

func (x *tapped) exchange() {
	for busy := true; busy; {
		busy = false
		x.ep.Advance(x.now)
		for n, _ := x.ep.Transmit(x.now, x.buf[:]); n > 0; n, _ = x.ep.Transmit(x.now, x.buf[:]) {
			x.s.endpoint.Receive(x.now, session.Path{Carrier: session.UDP, Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 1, 1}), 1000)}, x.buf[:n])
			busy = true
		}
		x.s.endpoint.Advance(x.now)
		x.s.Poll(x.now)
		for n, _ := x.s.endpoint.Transmit(x.now, x.buf[:]); n > 0; n, _ = x.s.endpoint.Transmit(x.now, x.buf[:]) {
			x.tape = append(x.tape, bytes.Clone(x.buf[:n]))
			if busy = true; x.me == 0 || x.r.Float64() >= x.loss {
				x.ep.Receive(x.now, serverPath, x.buf[:n])
			}
		}
	}
}

func (x *tapped) listen(t *testing.T) {
	for ev, ok := x.ep.Event(); ok; ev, ok = x.ep.Event() {
		switch {
		case ev.Kind == session.Closed:
			t.Fatalf("the session ended: %v", ev.Err)
		case ev.Kind == session.Message && ev.Channel == replica.ChanControl:
			if w, ok := mustParse(t, ev.Data).(replica.Welcome); ok {
				x.me = w.Player
			}
		case ev.Kind == session.Message && ev.Channel == replica.ChanSnapshot && x.me != 0:
			x.take(t, ev.Data)
		case ev.Kind == session.Message && (ev.Channel == replica.ChanEvent || ev.Channel == replica.ChanEffect):
			_, all, err := replica.ParseEvents(bytes.Clone(ev.Data), nil)
			if err != nil {
				t.Fatal(err)
			}
			x.heard = append(x.heard, all...)
		}
	}
}

func mustParse(t *testing.T, b []byte) replica.Control {
	m, err := replica.ParseControl(b)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (x *tapped) take(t *testing.T, b []byte) {
	h, delta, err := replica.ParseSnapshotHeader(b)
	if err != nil || x.newest != nil && !x.newest.Tick.Before(h.Tick) {
		t.Fatalf("snapshot %+v: %v", h, err)
	}
	x.most = max(x.most, len(b))
	var base, older *replica.Snapshot
	if x.base = h.Start - 1; h.HasBase {
		base, x.base = x.ring[h.Base%historyTicks], h.Base
	}
	if h.HasOlder {
		older = x.ring[h.Older%historyTicks]
	}
	s := x.ring[h.Tick%historyTicks]
	if err := x.hold.Take(s, h.Tick, base, older, x.newest, delta); err != nil {
		t.Fatalf("snapshot %d: %v", h.Tick, err)
	}
	x.newest = s
}

// world returns what the client holds.
func (x *tapped) world() *town {
	w := x.s.plan.NewWorld()
	x.s.plan.Restore(w, x.newest)
	return w.V
}

// Two servers whose worlds differ in all that eve may not know (hidden rows that move, come and go, their generations,
// what is heard of them, purses) send eve the same datagrams to the last bit, whatever the budget and the loss.
func TestNothingHiddenLeaks(t *testing.T) {
	const ticks = 120
	for _, c := range []struct {
		name string
		cfg  Config
		loss float64
	}{
		{"all fits", Config{}, 0},
		{"lossy", Config{}, 0.2},
		{"narrow", Config{Rate: 6000}, 0},
		{"narrow and lossy", Config{Rate: 5000}, 0.1},
	} {
		a, b := newTapped(t, 1, c.cfg, c.loss), newTapped(t, 77, c.cfg, c.loss)
		for n := range ticks {
			a.tick(t)
			b.tick(t)
			for i := range a.tape {
				if i >= len(b.tape) || !bytes.Equal(a.tape[i], b.tape[i]) {
					t.Fatalf("%s: in tick %d datagram %d differs: %d bytes and %s", c.name, n, i, len(a.tape[i]), nth(b.tape, i))
				}
			}
			if len(a.tape) != len(b.tape) {
				t.Fatalf("%s: in tick %d %d datagrams and %d", c.name, n, len(a.tape), len(b.tape))
			}
			a.tape, b.tape = a.tape[:0], b.tape[:0]
		}
		if x, y := a.s.history.at(a.s.present.tick), b.s.history.at(b.s.present.tick); a.s.plan.Equal(x, y) {
			t.Errorf("%s: the worlds do not differ at all", c.name)
		}
		a.checkHeard(t, c.name, c.loss == 0)
		w := a.world()
		me, _ := w.Walkers.Of(a.me)
		t.Logf("%s: player %d at %v knows %d walkers and %d spies of %d and %d; %+v", c.name, a.me, me.Pos, w.Walkers.Len(), w.Spies.Len(),
			a.s.world.V.Walkers.Len(), a.s.world.V.Spies.Len(), a.s.Stats().Snapshots)
		if w.Walkers.Len() != 82 || w.Spies.Len() != 20 || me.Count == 0 {
			t.Errorf("%s: eve knows %d walkers and %d spies, and counted %d", c.name, w.Walkers.Len(), w.Spies.Len(), me.Count)
		}
		late := uint64(18 * ticks) // of the 20 clouds, which are due five times a second
		if n := a.s.Stats().Snapshots.RowsStale; (n > late) != (c.cfg.Rate > 0) {
			t.Errorf("%s: %d rows were left for later, %d for their rate", c.name, n, late)
		}
	}
}

func nth(tape [][]byte, i int) string {
	if i < len(tape) {
		return fmt.Sprint(len(tape[i]), " bytes")
	}
	return "none"
}

// checkHeard: eve has heard of the walkers near her, one a tick at most, and of nobody else; the server has emitted more.
func (x *tapped) checkHeard(t *testing.T, name string, all bool) {
	t.Helper()
	steps := 0
	for _, h := range x.heard {
		var slot uint16
		if err := stepEvent.Decode(h.Body, &slot); err != nil || slot >= 80 || h.N != 0 || h.Source != 0 {
			t.Fatalf("%s: eve heard %+v", name, h)
		}
		if h.Event == 0 {
			steps++
		}
	}
	st := x.s.Stats().Events
	if steps == 0 || all && steps < 100 || st.Flood > 0 || st.Emitted < uint64(len(x.heard)+50) {
		t.Errorf("%s: eve heard %d steps, %d in all; %+v", name, steps, len(x.heard), st)
	}
}

// TestEventsAboutRows: who may know a row hears of it, of one that is gone who has it; its owner and who has caused the event always do.
func TestEventsAboutRows(t *testing.T) {
	x := newTapped(t, 1, Config{}, 0)
	for range 30 {
		x.tick(t)
	}
	g := &x.s.world.V.Walkers
	var near, far sim.ID
	for id, k := range g.All() {
		if k.Pos.X < 500 && g.Owner(id) == 0 {
			near = id
		} else if k.Pos.X > 500 {
			far = id
		}
	}
	own, _, _ := g.Find(eve)
	spy, hidden := x.s.world.V.Spies.SpawnID(eve)
	hidden.Team = 2
	var elsewhere sim.Table[walker]
	lost := func(id sim.ID) sim.ID { g.Despawn(id); return id }
	for _, c := range []struct {
		what  string
		about sim.EmitOption
		by    sim.PlayerID
		heard bool
	}{
		{"near", sim.About(g, near), 0, true},
		{"far", sim.About(g, far), 0, false},
		{"far, by eve", sim.About(g, far), eve, true},
		{"far, by another", sim.About(g, far), 1, false},
		{"own", sim.About(g, own), 0, true},
		{"own, and hidden", sim.About(&x.s.world.V.Spies, spy), 0, true},
		{"near, of another generation", sim.About(g, near+1<<16), 0, false},
		{"near, and gone", sim.About(g, lost(near)), 0, true},
		{"far, and gone", sim.About(g, lost(far)), 0, false},
		{"no table of the world", sim.About(&elsewhere, 0), 0, false},
	} {
		m := sim.Options(c.about, sim.By(c.by))
		m.Event = clapEvent.Type()
		m.Body, _ = clapEvent.Append(nil, new(uint16(1000)))
		x.s.emit.begin(x.s.present.tick, x.now)
		x.s.emit.take(m)
		x.heard = nil
		x.s.events(x.now)
		x.exchange()
		x.listen(t)
		if got := len(x.heard) > 0; got != c.heard {
			t.Errorf("%s: heard %v, want %v", c.what, got, c.heard)
		}
	}
	if x.s.Stats().Events.Refused != 1 {
		t.Errorf("%+v", x.s.Stats().Events)
	}
}

// TestScopeAllocatesNothing: looking for who may hear of a tick's events takes no memory.
func TestScopeAllocatesNothing(t *testing.T) {
	x := newTapped(t, 1, Config{}, 0)
	for range 30 {
		x.tick(t)
	}
	p := x.s.roster.byID[eve]
	x.s.game.See = nil // what it allocates is the game's own
	if n := testing.AllocsPerRun(100, func() {
		x.s.openScope()
		x.s.scopeOf(p)
		for i := range x.s.emit.list {
			x.s.mayHear(p, &x.s.emit.list[i])
		}
	}); n != 0 || !x.s.emit.scope.narrow {
		t.Errorf("%v allocations, narrow %v", n, x.s.emit.scope.narrow)
	}
}

// edgeGame is a game with a snapshot in every second tick. In the ticks without one the leapers are beyond the edge of a cell, in the others hardly, so that
// they keep the cell that they had. If it is loud, something happens in each tick without a snapshot that eve may not know of.
func edgeGame(side float32, leapers func(w *town) []*walker, loud bool) *sim.Game[town, move] {
	return &sim.Game[town, move]{
		Name: "edge", TickRate: 50, SendRate: 25, Events: []sim.AnyEvent{stepEvent},
		Init: func(w *town) {
			for i := range 60 {
				w.Walkers.Spawn(0).Pos = sim.V(side*(float32(i%20)-10)-side/16, side*float32(i/20)/4)
			}
			w.Spies.Spawn(0).Team = 2
		},
		Join: func(c townCtx, w *town, p sim.PlayerID) { w.Walkers.Spawn(p).Pos = sim.V(side-side/16, 0) },
		Step: func(c townCtx, w *town) {
			for _, k := range leapers(w) {
				k.Pos.X = side * float32(math.Round(float64(k.Pos.X/side))) // the edge
				switch {
				case c.Tick < 50:
					k.Pos.X -= side / 16
				case c.Tick%2 == 0:
					k.Pos.X += side / 16
				default:
					k.Pos.X += side / 4
				}
			}
			for id := range w.Spies.All() {
				if loud && c.Tick%2 == 1 && c.Tick > 60 {
					sim.Emit(c, stepEvent, uint16(1), sim.About(&w.Spies, id))
				}
			}
		},
		See: func(w *town, p sim.PlayerID, v *sim.View) {
			for id := range w.Spies.All() {
				v.Of(&w.Spies).Hide(id)
			}
		},
	}
}

// What is near is as the snapshots say it, however much is told between them of what a player may not know: cells, of eyes and of rows, are kept for a while
// beyond their edges, so that looking at other moments would show.
func TestHiddenEventsMoveNoEyes(t *testing.T) {
	model := newTapped(t, 1, Config{}, 0)
	side := model.s.plan.Cell(1)
	for name, leapers := range map[string]func(w *town) []*walker{
		"eve": func(w *town) (all []*walker) {
			if k, ok := w.Walkers.Of(eve); ok {
				all = append(all, k)
			}
			return all
		},
		"the others": func(w *town) (all []*walker) {
			for id, k := range w.Walkers.All() {
				if w.Walkers.Owner(id) == 0 {
					all = append(all, k)
				}
			}
			return all
		},
	} {
		loud, quiet := newTappedOf(t, edgeGame(side, leapers, true), Config{}, 0), newTappedOf(t, edgeGame(side, leapers, false), Config{}, 0)
		for n := range 120 {
			loud.tick(t)
			quiet.tick(t)
			if a, b := bytes.Join(loud.tape, nil), bytes.Join(quiet.tape, nil); !bytes.Equal(a, b) {
				t.Fatalf("%s leap: in tick %d %d bytes and %d; eve knows %d walkers and %d", name, n, len(a), len(b), loud.world().Walkers.Len(), quiet.world().Walkers.Len())
			}
			loud.tape, quiet.tape = nil, nil
		}
		if st := loud.s.Stats().Events; st.Emitted < 20 || len(loud.heard) > 0 || loud.world().Walkers.Len() < 5 {
			t.Errorf("%s leap: %+v, %d were heard; eve knows %d walkers", name, st, len(loud.heard), loud.world().Walkers.Len())
		}
	}
}

// crowdGame is a game in which of the walkers, which eve may know, and of the spies, which she may not, so many steps are heard in each tick; then one that
// all may hear.
func crowdGame(spies, walkers int) *sim.Game[town, move] {
	g := edgeGame(64, func(*town) []*walker { return nil }, false)
	g.Name, g.SendRate = "crowd", 0
	g.Step = func(c townCtx, w *town) {
		for id := range w.Spies.All() {
			for range spies {
				sim.Emit(c, stepEvent, uint16(1000), sim.About(&w.Spies, id))
			}
		}
		if own, _, ok := w.Walkers.Find(eve); ok {
			for range walkers {
				sim.Emit(c, stepEvent, uint16(2000), sim.About(&w.Walkers, own))
			}
			sim.Emit(c, stepEvent, uint16(3000), sim.To(eve))
		}
		sim.Emit(c, stepEvent, uint16(4000))
	}
	return g
}

// However many events there are that a player may not know of, those that it may are told, and it gets the same datagrams. Of those that it may know there are limits.
func TestHiddenEventsTakeNoPlaces(t *testing.T) {
	const ticks = 100
	count := func(x *tapped) (n [5]int) {
		for _, h := range x.heard {
			var kind uint16
			if err := stepEvent.Decode(h.Body, &kind); err != nil {
				t.Fatal(err)
			}
			n[kind/1000]++
		}
		return n
	}
	loud, quiet := newTappedOf(t, crowdGame(60, 1), Config{}, 0), newTappedOf(t, crowdGame(0, 1), Config{}, 0)
	for n := range ticks {
		loud.tick(t)
		quiet.tick(t)
		if a, b := bytes.Join(loud.tape, nil), bytes.Join(quiet.tape, nil); !bytes.Equal(a, b) {
			t.Fatalf("in tick %d %d bytes and %d", n, len(a), len(b))
		}
		loud.tape, quiet.tape = nil, nil
	}
	if n, st := count(loud), loud.s.Stats().Events; n[1] != 0 || min(n[2], n[3], n[4]) < ticks-3 || st.Emitted < 60*(ticks-3) || st.Flood+st.Withheld > 0 {
		t.Errorf("heard %v; %+v", n, st)
	}
	mob := newTappedOf(t, crowdGame(0, 40), Config{}, 0)
	for range ticks {
		mob.tick(t)
	}
	most := worldEvents.perTick*ticks + worldEvents.burst
	if n, st := count(mob), mob.s.Stats().Events; n[2]+n[3] > most || n[2] < most*9/10 || n[4] < ticks-3 || st.Withheld < 1000 || st.Flood > 0 {
		t.Errorf("heard %v, want at most %d; %+v", n, most, st)
	}
	flood := newTappedOf(t, crowdGame(200, 1), Config{}, 0)
	for range ticks {
		flood.tick(t)
	}
	if n, st := count(flood), flood.s.Stats().Events; st.Flood == 0 || st.Emitted > uint64(narrowShare*most+ticks) || n[4] < ticks-3 {
		t.Errorf("heard %v; %+v", n, st)
	}
}
