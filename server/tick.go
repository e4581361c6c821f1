package server

import (
	"runtime/debug"
	"time"

	"github.com/halftick/halftick/netcode/sim"
)

// Poll takes in what the sessions brought: commands go to their player's buffer, the rest waits for
// the next Tick. Tick does the same first. A driver that also calls it after each Endpoint.Receive lets
// the server tell clients to a fraction of a tick how early their inputs arrive.
func (s *Server[W, I]) Poll(now time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped() {
		return
	}
	defer s.rescue(s.present.tick + 1)
	s.poll(now)
}

// Tick computes exactly one tick: sessions' events, leaves and joins, the inputs due, Step, and the
// snapshots, which wait in Endpoint for the caller to transmit. It allocates nothing in steady
// state. After a panic in the game's code it does nothing more: see Err.
func (s *Server[W, I]) Tick(now time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped() {
		return
	}
	t := s.present.tick + 1
	defer s.rescue(t)
	s.melt(now)
	s.poll(now)
	s.expire(now)
	s.emit.begin(t, now)
	s.leaves(now, t)
	s.joins(now, t)
	s.calls(now, t)
	s.step.run(s, present{tick: t, at: now, period: s.period})
	snap := s.history.push(t)
	s.plan.Capture(snap, s.world)
	s.record(t, snap)
	s.present = present{tick: t, at: now, period: s.period}
	s.lookAround()
	s.events(now)
	s.broadcast(now)
	s.show(now)
	s.sample()
}

// stopped reports whether there are to be no more ticks.
func (s *Server[W, I]) stopped() bool { return s.failed != nil || s.frozen }

// rescue, deferred, turns a panic into the server's end: the game is broken, the process is not.
func (s *Server[W, I]) rescue(t sim.Tick) {
	v := recover()
	if v == nil {
		return
	}
	s.failed = &PanicError{Tick: t, Value: v, Stack: debug.Stack()}
	s.endRecording()
	s.cfg.Logger.Error("the game panicked; its ticks have stopped", "tick", t, "panic", v)
}

// stepper calls the game's Step with everything it is to know.
type stepper[W, I any] struct {
	ctx     sim.Ctx[W, I]
	entries []sim.Entry[I]
	neutral I
	past    func(sim.PlayerID) sim.Past[W] // bound once, so that a tick allocates no closure
	emit    func(sim.Emission)             // likewise
}

func newStepper[W, I any](s *Server[W, I]) stepper[W, I] {
	st := stepper[W, I]{past: s.pastOf, emit: s.emit.take}
	s.codec.Quantise(&st.neutral)
	return st
}

// run executes tick p.tick.
func (st *stepper[W, I]) run(s *Server[W, I], p present) {
	st.entries = st.entries[:0]
	for _, pl := range s.roster.active {
		st.entries = append(st.entries, sim.Entry[I]{Player: pl.id, Input: s.inputOf(pl, p)})
	}
	s.rewind.begin()
	st.ctx.Begin(s.world.V, sim.Frame[W, I]{Tick: p.tick, TickRate: s.tickRate, Seed: s.cfg.Seed, Entries: st.entries, Past: st.past, Emit: st.emit})
	s.game.Step(&st.ctx, s.world.V)
}

// inputOf returns what pl does in tick p.tick, checked by the game and on the grid that both sides share.
func (s *Server[W, I]) inputOf(pl *player[W, I], p present) I {
	prev := pl.inputs.current
	if pl.think != nil {
		pl.inputs.current = pl.think(s.world.V, pl.id, p.tick)
	} else {
		pl.inputs.next(p, s.step.neutral)
	}
	in := &pl.inputs.current
	s.codec.Quantise(in)
	if s.game.Check != nil {
		*in = s.game.Check(pl.id, prev, *in)
		s.codec.Quantise(in)
	}
	return *in
}

// pastOf is the Past of the tick being computed.
func (s *Server[W, I]) pastOf(p sim.PlayerID) sim.Past[W] {
	pl := s.roster.byID[p]
	if pl == nil || pl.think != nil {
		return sim.Past[W]{World: s.world.V}
	}
	return s.rewind.past(p, pl.feed, pl.inputs.shown, s.present.tick+1, pl.inputs.view, pl.joined, s.world.V)
}

// outside prepares a context for Join and Leave, which happen before tick t's Step: no inputs, no past.
func (st *stepper[W, I]) outside(s *Server[W, I], t sim.Tick) *sim.Ctx[W, I] {
	st.ctx.Begin(s.world.V, sim.Frame[W, I]{Tick: t, TickRate: s.tickRate, Seed: s.cfg.Seed, Emit: st.emit})
	return &st.ctx
}
