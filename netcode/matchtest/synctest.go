package matchtest

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// SyncOptions are how SyncTest plays.
type SyncOptions[W, I any] struct {
	Seed    uint64
	Players int // join one after the other, a tick apart; zero means 2. The last one leaves half-way
	Ticks   int // zero means 600
	Back    int // how many ticks are run again after each tick; zero means 8

	// Play draws the input of player p, given the world before the tick, which must not be changed. Nil means that everybody gives the
	// zero input.
	Play func(r *rand.Rand, w *W, p sim.PlayerID) I
}

// SyncTest plays a game with random inputs, and after each tick goes back some ticks and runs them again from the world of
// then, with the same inputs. It returns nil when each tick came out as before, events included, and else an error that names the tick, the table, the row, the
// field and both values. What makes them differ is state outside of the world, chance of the game's own, the order of a map or the clock.
//
// It runs on one machine: what differs between CPUs it cannot see, which package netvet can.
func SyncTest[W, I any](g *sim.Game[W, I], o SyncOptions[W, I]) error {
	s, err := newSync(g, o)
	if err != nil {
		return err
	}
	for t := 1; t <= s.o.Ticks; t++ {
		s.play(t)
		if err := s.again(t); err != nil {
			return err
		}
	}
	return nil
}

// synced is the state of a SyncTest. The worlds of the newest ticks lie in a ring:
//
//	t-back-1 ...  t-back ... t-1  t        played once, forward
//	              +--------------->        played again, in world replay, and compared tick by tick
type synced[W, I any] struct {
	g      *sim.Game[W, I]
	o      SyncOptions[W, I]
	plan   *replica.Plan[W]
	codec  *replica.Inputs[I]
	rate   int
	rand   *rand.Rand
	ring   []moment[W, I] // by tick
	replay *replica.World[W]
	got    *replica.Snapshot
	events []byte // what happened in the tick that is computed
	ctx    sim.Ctx[W, I]
}

// moment is a tick: what went in and what came out.
type moment[W, I any] struct {
	inputs []sim.Entry[I]
	world  *replica.World[W]
	lanes  *replica.Snapshot
	events []byte // see note
}

// pastTicks is how far back Ctx.Past lies.
const pastTicks = 2

func newSync[W, I any](g *sim.Game[W, I], o SyncOptions[W, I]) (*synced[W, I], error) {
	if err := g.Validate(); err != nil {
		return nil, err
	}
	plan, err := replica.NewPlan[W]()
	if err != nil {
		return nil, err
	}
	codec, err := replica.NewInputs[I]()
	if err != nil {
		return nil, err
	}
	o.Players, o.Ticks, o.Back = cmp.Or(o.Players, 2), cmp.Or(o.Ticks, 600), cmp.Or(o.Back, 8)
	if o.Players < 0 || o.Players > sim.MaxPlayers || o.Ticks < 0 || o.Back < 0 {
		return nil, fmt.Errorf("matchtest: SyncTest with %d players, %d ticks, %d back", o.Players, o.Ticks, o.Back)
	}
	s := &synced[W, I]{g: g, o: o, plan: plan, codec: codec, rand: rand.New(rand.NewPCG(o.Seed, 3)),
		ring: make([]moment[W, I], o.Back+pastTicks+1), replay: plan.NewWorld(), got: plan.NewSnapshot()}
	s.rate, _ = g.Rates()
	for i := range s.ring {
		s.ring[i] = moment[W, I]{world: plan.NewWorld(), lanes: plan.NewSnapshot()}
	}
	if g.Init != nil {
		g.Init(s.at(0).world.V)
	}
	plan.Capture(s.at(0).lanes, s.at(0).world)
	return s, nil
}

func (s *synced[W, I]) at(t int) *moment[W, I] { return &s.ring[t%len(s.ring)] }

// play computes tick t for the first time.
func (s *synced[W, I]) play(t int) {
	m, before := s.at(t), s.at(t-1).world
	m.inputs = m.inputs[:0]
	for p := 1; p <= s.o.Players; p++ {
		if !s.present(p, t) {
			continue
		}
		var in I
		if s.o.Play != nil {
			in = s.o.Play(s.rand, before.V, sim.PlayerID(p))
		}
		s.codec.Quantise(&in)
		m.inputs = append(m.inputs, sim.Entry[I]{Player: sim.PlayerID(p), Input: in})
	}
	s.plan.Copy(m.world, before)
	s.run(t, m.world, m.lanes)
	m.events = append(m.events[:0], s.events...)
}

// present reports whether player p is in the match in tick t: it joined in tick p, and the last one leaves half-way.
func (s *synced[W, I]) present(p, t int) bool {
	return t >= p && (p < s.o.Players || p == 1 || t < s.leaves())
}

func (s *synced[W, I]) leaves() int { return max(s.o.Ticks/2, s.o.Players+1) }

// run makes world, which is that of tick t-1, the one of tick t, as a server does: leaves, joins, Step, the grid.
func (s *synced[W, I]) run(t int, world *replica.World[W], lanes *replica.Snapshot) {
	f := sim.Frame[W, I]{Tick: sim.Tick(t), TickRate: s.rate, Seed: s.o.Seed, Emit: s.note}
	s.events = s.events[:0]
	s.ctx.Begin(world.V, f)
	if last := s.o.Players; last > 1 && t == s.leaves() {
		if s.g.Leave != nil {
			s.g.Leave(&s.ctx, world.V, sim.PlayerID(last))
		} else {
			world.DespawnOwned(sim.PlayerID(last))
		}
	}
	if t <= s.o.Players && s.g.Join != nil {
		s.g.Join(&s.ctx, world.V, sim.PlayerID(t))
	}
	f.Entries = s.at(t).inputs
	if t > pastTicks {
		past := sim.Past[W]{World: s.at(t - pastTicks).world.V, Lag: pastTicks}
		f.Past = func(sim.PlayerID) sim.Past[W] { return past }
	}
	s.ctx.Begin(world.V, f)
	s.g.Step(&s.ctx, world.V)
	s.plan.Capture(lanes, world)
	lanes.Tick = sim.Tick(t)
}

// note appends an event, in a form that is equal when the events are.
func (s *synced[W, I]) note(e sim.Emission) {
	s.events = fmt.Appendf(s.events, "%s by %d to %d: %x\n", e.Event.Name(), e.Source, e.To, e.Body)
}

// again goes back from tick t and computes what followed once more.
func (s *synced[W, I]) again(t int) error {
	from := max(t-s.o.Back, 0)
	s.plan.Copy(s.replay, s.at(from).world)
	for k := from + 1; k <= t; k++ {
		s.run(k, s.replay, s.got)
		if d, differ := s.plan.FirstDifference(s.at(k).lanes, s.got); differ {
			return fmt.Errorf("matchtest: seed %d: run again from tick %d with the same inputs, %v", s.o.Seed, from, d)
		}
		if first := s.at(k).events; !bytes.Equal(first, s.events) {
			return fmt.Errorf("matchtest: seed %d: run again from tick %d with the same inputs, tick %d: events %q != %q", s.o.Seed, from, k, first, s.events)
		}
	}
	return nil
}
