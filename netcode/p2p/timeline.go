package p2p

import (
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// timeline is the world of the newest tick, and those that a wrong guess may lead back to.
//
//	saves   tick-n ... tick-1  tick     each as Step left it, snapped to its lanes, server fields included
type timeline[W, I any] struct {
	game *sim.Game[W, I]
	plan *replica.Plan[W]
	rate int
	seed uint64

	world *replica.World[W]   // of tick
	saves []*replica.World[W] // by tick modulo their number
	tick  int64
	ctx   sim.Ctx[W, I]
	snap  *replica.Snapshot // scratch: makes both ends of every field's grid meet
	emit  func(sim.Emission)
}

// newTimeline returns the world of tick 0, in which everybody has joined. back is how many ticks may be taken back.
func newTimeline[W, I any](g *sim.Game[W, I], plan *replica.Plan[W], seed uint64, players, back int, emit func(sim.Emission)) *timeline[W, I] {
	l := &timeline[W, I]{game: g, plan: plan, seed: seed, world: plan.NewWorld(), snap: plan.NewSnapshot(), emit: emit}
	l.rate, _ = g.Rates()
	for range back + 2 {
		l.saves = append(l.saves, plan.NewWorld())
	}
	if g.Init != nil {
		g.Init(l.world.V)
	}
	for p := range players {
		if l.begin(1, nil); g.Join != nil {
			g.Join(&l.ctx, l.world.V, sim.PlayerID(p+1))
		}
	}
	l.save()
	return l
}

// begin prepares the context for a call in a tick.
func (l *timeline[W, I]) begin(tick int64, entries []sim.Entry[I]) {
	l.ctx.Begin(l.world.V, sim.Frame[W, I]{Tick: sim.Tick(tick), TickRate: l.rate, Seed: l.seed, Entries: entries, Emit: l.emit})
}

// step computes the next tick. Those in leaving go before it.
func (l *timeline[W, I]) step(entries []sim.Entry[I], leaving []sim.PlayerID) {
	l.tick++
	for _, p := range leaving {
		if l.begin(l.tick, nil); l.game.Leave != nil {
			l.game.Leave(&l.ctx, l.world.V, p)
		} else {
			l.world.DespawnOwned(p)
		}
	}
	l.begin(l.tick, entries)
	l.game.Step(&l.ctx, l.world.V)
	l.save()
}

// save snaps the world to its lanes and keeps it.
func (l *timeline[W, I]) save() {
	l.plan.Capture(l.snap, l.world)
	l.plan.Copy(l.at(l.tick), l.world)
}

// at returns the saved world of a tick that may be taken back.
func (l *timeline[W, I]) at(tick int64) *replica.World[W] { return l.saves[tick%int64(len(l.saves))] }

// back takes the world of an earlier tick.
func (l *timeline[W, I]) back(tick int64) {
	l.tick = tick
	l.plan.Copy(l.world, l.at(tick))
}

// capture records a saved tick in dst.
func (l *timeline[W, I]) capture(dst *replica.Snapshot, tick int64) {
	l.plan.Capture(dst, l.at(tick))
	dst.Tick = sim.Tick(tick)
}
