package server

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

var (
	lookEvent = sim.NewEvent[uint32]("look", sim.Reliable)
	dustEvent = sim.NewEvent[[]byte]("dust", sim.Unreliable)
	lostEvent = sim.NewEvent[uint32]("lost", sim.Reliable) // in no game
	numEvent  = sim.NewEvent[float64]("num", sim.Reliable)
)

// loudGame is the dots' game in which emit is called in every tick.
func loudGame(emit func(c dotCtx, w *field)) *sim.Game[field, move] {
	g := dotGame()
	g.Events = []sim.AnyEvent{lookEvent, dustEvent, numEvent}
	g.Step = func(c dotCtx, w *field) {
		stepDots(c, w)
		emit(c, w)
	}
	return g
}

// heard are the happenings that a puppet was told of on a channel.
func (p *puppet) note(channel int, b []byte) {
	h, all, err := replica.ParseEvents(b, nil)
	if err != nil {
		p.m.t.Fatalf("events % x: %v", b, err)
	}
	if len(b) > replica.MaxEventMessage {
		p.m.t.Errorf("a message of %d bytes", len(b))
	}
	for _, e := range all {
		e.Body = bytes.Clone(e.Body)
		p.heard = append(p.heard, note{channel, h.Tick, e})
	}
	if channel == replica.ChanEvent && !h.More {
		p.told = h.Tick
	}
}

// note is one happening that a puppet was told of.
type note struct {
	channel int
	tick    sim.Tick
	replica.Happening
}

func TestEventsReachEverybody(t *testing.T) {
	g := loudGame(func(c dotCtx, w *field) {
		for p, in := range c.Inputs() {
			if in.Look {
				sim.Emit(c, lookEvent, uint32(c.Tick), sim.By(p))
				sim.Emit(c, lookEvent, uint32(0), sim.By(p), sim.To(2))
				sim.Emit(c, dustEvent, []byte{1}, sim.By(p))
			}
		}
	})
	g.Join = func(c dotCtx, w *field, p sim.PlayerID) {
		w.Dots.Spawn(p)
		sim.Emit(c, lookEvent, uint32(p), sim.By(p))
	}
	m := newMatch(t, g, Config{})
	ada, bob := m.join("Ada"), m.join("Bob")
	ada.heard, bob.heard = nil, nil
	ada.input.Look = true
	m.run(1)
	ada.input.Look = false
	m.run(3)
	if len(ada.heard) != 2 || len(bob.heard) != 3 {
		t.Fatalf("Ada heard %+v, Bob %+v", ada.heard, bob.heard)
	}
	for i, want := range []note{
		{replica.ChanEvent, bob.heard[0].tick, replica.Happening{Event: 0, Source: 1, N: 0}},
		{replica.ChanEvent, bob.heard[0].tick, replica.Happening{Event: 0, Source: 1, N: 1}},
		{replica.ChanEffect, bob.heard[0].tick, replica.Happening{Event: 1, Source: 1, N: 0}},
	} {
		got := bob.heard[i]
		got.Body = nil
		if got.channel != want.channel || got.tick != want.tick || got.Event != want.Event || got.Source != want.Source || got.N != want.N {
			t.Errorf("Bob heard %+v, want %+v", got, want)
		}
	}
	if bob.header.Events != bob.told || !bob.header.HasEvents || bob.told != bob.heard[0].tick {
		t.Errorf("the snapshot tells of %d, %v; the messages were for %d", bob.header.Events, bob.header.HasEvents, bob.told)
	}
	eve := m.join("Eve")
	if len(eve.heard) != 1 || eve.heard[0].Source != 3 {
		t.Errorf("Eve heard of her own coming, and of nothing before: %+v", eve.heard)
	}
}

// Events of one tick that do not fit into a message come in several, of which all but the last say so.
func TestManyEventsInATick(t *testing.T) {
	m := newMatch(t, loudGame(func(c dotCtx, w *field) {
		if c.Tick == 20 {
			for i := range uint32(200) {
				sim.Emit(c, lookEvent, 1<<30+i)
			}
		}
	}), Config{})
	ada := m.join("Ada")
	m.run(30)
	if len(ada.heard) != 200 || ada.told != 20 {
		t.Fatalf("heard %d, the last message of tick %d", len(ada.heard), ada.told)
	}
	for i, e := range ada.heard {
		if e.N != uint8(i) || e.tick != 20 {
			t.Fatalf("%d: %+v", i, e)
		}
	}
}

// Somebody whose input makes the game emit without end fills nobody's queue: the rest is dropped for everybody and counted, and
// what others cause is not.
func TestEventFloodOfOnePlayer(t *testing.T) {
	big := make([]byte, 600)
	m := newMatch(t, loudGame(func(c dotCtx, w *field) {
		for p, in := range c.Inputs() {
			if in.Look {
				for range 300 {
					sim.Emit(c, dustEvent, big, sim.By(p))
					sim.Emit(c, lookEvent, uint32(1), sim.By(p))
				}
			} else {
				sim.Emit(c, lookEvent, uint32(2), sim.By(p))
			}
		}
	}), Config{})
	ada, bob := m.join("Ada"), m.join("Bob")
	ada.heard, bob.heard = nil, nil
	ada.input.Look = true
	const seconds = 10
	m.run(seconds * 50)
	var byAda, byBob, bytes int
	for _, e := range bob.heard {
		bytes += len(e.Body)
		if e.Source == ada.welcome.Player {
			byAda++
		} else {
			byBob++
		}
	}
	if byBob < seconds*50-2 {
		t.Errorf("%d events by Bob in %d ticks", byBob, seconds*50)
	}
	if most := playerEvents.perTick*seconds*50 + playerEvents.burst; byAda > most || bytes > (seconds+1)*playerEvents.bytes+2*byBob {
		t.Errorf("%d events by Ada, want at most %d; %d bytes", byAda, most, bytes)
	}
	if st := m.server.Stats(); st.Events.Flood == 0 || st.Kicks > 0 || ada.closed != nil || bob.closed != nil {
		t.Errorf("%+v, %d kicks", st.Events, st.Kicks)
	}
}

func TestEventsThatCannotTravelAreCounted(t *testing.T) {
	m := newMatch(t, loudGame(func(c dotCtx, w *field) {
		if c.Tick == 20 {
			sim.Emit(c, lostEvent, 1)
			sim.Emit(c, numEvent, math.NaN())
			sim.Emit(c, dustEvent, make([]byte, sim.MaxEventBytes))
		}
	}), Config{})
	ada := m.join("Ada")
	m.run(30)
	if st := m.server.Stats().Events; st.Unknown != 1 || st.Refused != 2 || st.Emitted != 0 || len(ada.heard) > 0 {
		t.Errorf("%+v", st)
	}
}

func TestEmitFromOutside(t *testing.T) {
	m := newMatch(t, loudGame(func(dotCtx, *field) {}), Config{})
	ada := m.join("Ada")
	var heard []uint32
	On(m.server, lookEvent, func(v uint32, k sim.EventKey) { heard = append(heard, v) })
	for i := range uint32(maxOutside) {
		if err := Emit(m.server, lookEvent, i); err != nil {
			t.Fatal(err)
		}
	}
	if err := Emit(m.server, lookEvent, 0); !errors.Is(err, ErrBusy) {
		t.Errorf("one more than may wait: %v", err)
	}
	if err := Emit(m.server, lostEvent, 0); err == nil {
		t.Error("an event of no game")
	}
	m.run(2)
	if len(ada.heard) != maxSameEvents || len(heard) != maxSameEvents || ada.heard[9].Source != 0 {
		t.Errorf("%d came, %d were heard on the server", len(ada.heard), len(heard))
	}
}

// A client that takes no more of its reliable events is expelled; the others are not.
func TestWhoTakesNoEventsIsExpelled(t *testing.T) {
	text := sim.NewEvent[[]byte]("text", sim.Reliable)
	g := loudGame(func(c dotCtx, w *field) { sim.Emit(c, text, make([]byte, 1000)) })
	g.Events = append(g.Events, text)
	m := newMatch(t, g, Config{})
	ada, bob := m.join("Ada"), m.join("Bob")
	m.mute, m.deaf = true, 1 // nothing reaches Ada
	m.run(50 * 8)
	if st := m.server.Stats(); st.Players != 1 || bob.closed != nil || len(bob.left) != 1 || bob.left[0].Player != ada.welcome.Player {
		t.Errorf("%d players, Bob: %v, who left: %+v", st.Players, bob.closed, bob.left)
	}
}

func TestTickWithEventsAllocatesNothing(t *testing.T) {
	m := newMatch(t, loudGame(func(c dotCtx, w *field) {
		for p := range c.Inputs() {
			sim.Emit(c, lookEvent, uint32(c.Tick), sim.By(p))
			sim.Emit(c, numEvent, 1.5, sim.By(p), sim.To(p%3+1))
		}
	}), Config{})
	crowd(m, 8)
	m.mute = true // puppets' notes allocate
	m.run(1000)
	before := m.server.Stats().Events
	if n := testing.AllocsPerRun(500, m.tick); n != 0 {
		t.Errorf("%v allocations per tick with 8 clients and 16 events", n)
	}
	if st := m.server.Stats().Events; st.Emitted-before.Emitted < 8000 || st.Flood > 0 {
		t.Errorf("%+v", st)
	}
}
