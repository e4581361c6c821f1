package arena

import (
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/halftick/halftick/netcode/sim"
)

// match is a world with an engine around it: what a server does, without a network.
type match struct {
	world   World
	game    *sim.Game[World, Input]
	ctx     Ctx
	tick    sim.Tick
	entries []sim.Entry[Input]
	past    func(sim.PlayerID) sim.Past[World]
	emit    func(sim.Emission) // hear
	local   sim.PlayerID       // of a client; 0 on a server

	deaf   bool // nothing of what follows is written down
	heard  int  // events
	shots  []shot
	booms  []boom
	hurts  []Hurt
	deaths []Death
}

// shot and boom are what was heard of them.
type (
	shot struct {
		tick sim.Tick
		by   sim.PlayerID
		Shot
	}
	boom struct {
		tick sim.Tick
		by   sim.PlayerID
		Boom
	}
)

// hear writes down what happens.
func (m *match) hear(e sim.Emission) {
	if m.heard++; m.deaf {
		return
	}
	switch e.Event {
	case ShotEvent.Type():
		m.shots = append(m.shots, shot{m.tick, e.Source, decode(ShotEvent, e)})
	case BoomEvent.Type():
		m.booms = append(m.booms, boom{m.tick, e.Source, decode(BoomEvent, e)})
	case HurtEvent.Type():
		m.hurts = append(m.hurts, decode(HurtEvent, e))
	case DeathEvent.Type():
		m.deaths = append(m.deaths, decode(DeathEvent, e))
	}
}

func decode[T any](ev *sim.Event[T], e sim.Emission) (v T) {
	if err := errors.Join(e.Err, ev.Decode(e.Body, &v)); err != nil {
		panic(err)
	}
	return v
}

// newMatch returns a match of players 1 to n, shields already down.
func newMatch(n int) *match {
	m := &match{game: Game()}
	m.emit = m.hear
	for p := range n {
		m.entries = append(m.entries, sim.Entry[Input]{Player: sim.PlayerID(p + 1)})
		m.begin(nil)
		m.game.Join(&m.ctx, &m.world, sim.PlayerID(p+1))
	}
	for _, pl := range m.world.Players.All() {
		pl.Shield = 0
	}
	return m
}

func (m *match) begin(entries []sim.Entry[Input]) {
	m.ctx.Begin(&m.world, sim.Frame[World, Input]{
		Tick: m.tick, TickRate: TickRate, Seed: 1, Entries: entries, Past: m.past, Emit: m.emit, Local: m.local,
	})
}

func (m *match) player(p sim.PlayerID) *Player {
	pl, ok := m.world.Players.Of(p)
	if !ok {
		panic("no such player")
	}
	return pl
}

// put places a player at a point, looking along an angle.
func (m *match) put(p sim.PlayerID, x, y, aim float32) *Player {
	pl := m.player(p)
	pl.Pos, pl.Vel, pl.Aim = sim.V(x, y), sim.Vec2{}, aim
	m.entries[p-1].Input.Aim = aim
	return pl
}

func (m *match) press(p sim.PlayerID, in Input) { m.entries[p-1].Input = in }

// step advances by n ticks with the inputs pressed, rounding to the grid of the wire as engines do.
func (m *match) step(n int) {
	for range n {
		m.tick++
		m.begin(m.entries)
		m.game.Step(&m.ctx, &m.world)
		settle(&m.world)
	}
}

// once presses an input for one tick and then lets go of everything but the aim.
func (m *match) once(p sim.PlayerID, in Input) {
	m.press(p, in)
	m.step(1)
	m.press(p, Input{Aim: in.Aim})
}

func settle(w *World) {
	for _, pl := range w.Players.All() {
		pl.Pos, pl.Vel = snap(pl.Pos, 32), snap(pl.Vel, 8)
	}
	for _, r := range w.Rockets.All() {
		r.Pos, r.Vel = snap(r.Pos, 32), snap(r.Vel, 8)
	}
}

func snap(v sim.Vec2, perUnit float64) sim.Vec2 {
	round := func(x float32) float32 { return float32(math.Round(float64(x)*perUnit) / perUnit) }
	return sim.V(round(v.X), round(v.Y))
}

// row is a row with all that is known of it.
type row struct {
	ID    sim.ID
	Owner sim.PlayerID
	Value any
}

// rows lists the whole world, or what one player owns when owner is not 0.
func rows(w *World, owner sim.PlayerID) (all []row) {
	all = appendRows(all, &w.Players, owner)
	return appendRows(all, &w.Rockets, owner)
}

func appendRows[T any](all []row, t *sim.Table[T], owner sim.PlayerID) []row {
	for id, v := range t.All() {
		if p := t.Owner(id); owner == 0 || p == owner {
			all = append(all, row{id, p, *v})
		}
	}
	return all
}

func mustEqual(t *testing.T, tick sim.Tick, got, want []row) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("tick %d: row %d differs:\n got %+v\nwant %+v", tick, i, got[i], want[i])
		}
	}
	if len(got) != len(want) {
		t.Fatalf("tick %d: %d rows, want %d", tick, len(got), len(want))
	}
}

// botMatch is a match played by bots.
type botMatch struct {
	*match
	bots []*Bot
}

func newBotMatch(n int, seed uint64) *botMatch {
	b := &botMatch{match: newMatch(n)}
	for i := range n {
		b.bots = append(b.bots, NewBot(seed*1000+uint64(i)))
	}
	return b
}

func (b *botMatch) think() {
	for i := range b.entries {
		p := b.entries[i].Player
		b.entries[i].Input = b.bots[i].Think(&b.world, p, b.tick+1)
	}
}

func (b *botMatch) play() {
	b.think()
	b.step(1)
}
