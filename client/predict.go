package client

import (
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// predictor runs the game ahead of the server, for the rows that the tables' predict tags name: the player's own, if they say
// nothing. Its world is at tick: those rows as predicted, all else as in the newest snapshot.
type predictor[W, I any] struct {
	game    *sim.Game[W, I]
	plan    *replica.Plan[W]
	cmds    *commands[I]
	past    *past[W]
	neutral I // quantised zero input

	me   sim.PlayerID
	seed uint64
	rate int

	world *replica.World[W]
	tick  int64
	valid bool // false: world means nothing and the next tick starts from a snapshot

	results results
	events  *events

	ctx     sim.Ctx[W, I]
	entries [1]sim.Entry[I]
	frame   sim.Frame[W, I]

	replay      replay[W]
	resimulated uint64 // ticks stepped again
	capped      uint64 // ticks left out by maxReplay
	spread      uint64 // replays that took more than one frame
}

// advance predicts one more tick, on top of the newest snapshot auth of tick a.
func (p *predictor[W, I]) advance(tick int64, auth *replica.Snapshot, a int64) {
	if !p.valid || tick != p.tick+1 {
		p.restart(tick, auth, a)
		return
	}
	p.step(p.world, tick, auth, a)
	p.tick, p.results.newest = tick, tick
	p.replay.since++
}

// drop gives the prediction up: the next one starts from a snapshot.
func (p *predictor[W, I]) drop() { p.valid, p.replay.running = false, false }

// step computes a tick in a world that is at the one before.
func (p *predictor[W, I]) step(w *replica.World[W], tick int64, auth *replica.Snapshot, a int64) {
	in, view := p.neutral, uint16(0)
	if cmd := p.cmds.effective(tick); cmd != nil {
		in, view = cmd.Input, cmd.View
	}
	p.entries[0] = sim.Entry[I]{Player: p.me, Input: in}
	p.past.begin(tick, view, w.V)
	p.events.step(tick)
	p.frame.Tick, p.frame.Entries, p.frame.Ahead = sim.Tick(tick), p.entries[:], int(max(0, tick-a))
	p.ctx.Begin(w.V, p.frame)
	p.game.Step(&p.ctx, w.V)
	p.plan.Capture(p.results.hold(tick), w)
	p.plan.RestoreUnpredicted(w, auth, p.me)
}

// begin sets who the player is and what the match is like.
func (p *predictor[W, I]) begin(w replica.Welcome) {
	p.me, p.seed, p.rate = w.Player, w.Seed, w.TickRate
	p.frame.TickRate, p.frame.Seed, p.frame.Past, p.frame.Local = p.rate, p.seed, p.past.of, p.me
}

func newPredictor[W, I any](g *sim.Game[W, I], plan *replica.Plan[W], cmds *commands[I], past *past[W], ev *events, b budget) predictor[W, I] {
	p := predictor[W, I]{game: g, plan: plan, cmds: cmds, past: past, events: ev, world: plan.NewWorld()}
	p.replay = replay[W]{world: plan.NewWorld(), budget: b}
	p.frame.Emit = ev.predicted
	for i := range p.results.ring {
		p.results.ring[i].after = plan.NewSnapshot()
	}
	return p
}

// results is the world after each of the newest predicted ticks, of which only predicted rows mean anything.
type results struct {
	ring   [historyTicks]result
	newest int64 // of the line that is shown
}

type result struct {
	tick  int64
	known bool
	after *replica.Snapshot
}

// hold returns the place for the result of a tick.
func (r *results) hold(tick int64) *replica.Snapshot {
	e := &r.ring[uint64(tick)%historyTicks]
	e.tick, e.known, e.after.Tick = tick, true, sim.Tick(tick)
	return e.after
}

// of returns the result of a tick, or nil.
func (r *results) of(tick int64) *replica.Snapshot {
	if e := &r.ring[uint64(tick)%historyTicks]; e.known && e.tick == tick {
		return e.after
	}
	return nil
}

// pair returns the results of the tick before the newest and of the newest, as far as they are known.
func (r *results) pair() (from, to *replica.Snapshot) {
	from, to = r.of(r.newest-1), r.of(r.newest)
	if from == nil {
		from = to
	}
	return from, to
}
