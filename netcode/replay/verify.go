package replay

import (
	"context"
	"fmt"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// Report says what Verify found.
type Report struct {
	Verified int // ticks that were computed again, and came out the same to the last lane
	Skipped  int // ticks that cannot be: see Verify

	// First is the first difference, what was recorded first; nil when there is none.
	First *replica.Difference
}

func (r Report) String() string {
	if r.First != nil {
		return fmt.Sprintf("not the same match: %v (%d ticks before it are)", r.First, r.Verified)
	}
	return fmt.Sprintf("%d ticks computed again, all the same; %d skipped", r.Verified, r.Skipped)
}

// Verify computes every tick again, with the game as it is now and the inputs as they were, and compares each world with the one recorded. So it proves that the file was not
// altered and that Step is deterministic, or names the first row and field that differ.
//
// Skipped, up to the next keyframe, is what follows a tick in which something besides the game's functions changed the world (an RPC handler), or in
// which Step asked for the past of a player to whom only a part of the world was shown, or for one before a gap: that past is not in the file. The error is the context's, one of reading, or what is wrong
// with a block: also a hash that is not that of the world.
func (m *Match[W, I]) Verify(ctx context.Context) (Report, error) {
	v := verifier[W, I]{m: m, r: newReader(m), world: m.plan.NewWorld(), snap: m.plan.NewSnapshot()}
	for i := range m.parts {
		if err := v.part(ctx, &m.parts[i]); err != nil || v.report.First != nil {
			return v.report, err
		}
	}
	return v.report, nil
}

type verifier[W, I any] struct {
	m       *Match[W, I]
	r       *reader[W, I]
	world   *replica.World[W]
	snap    *replica.Snapshot
	ctx     sim.Ctx[W, I]
	entries []sim.Entry[I]
	frame   *loaded[I]
	lost    bool // the world is not that of the match, up to the next keyframe
	pasts   []*replica.World[W]
	asked   int
	report  Report
}

// part goes through a stretch without gaps.
func (v *verifier[W, I]) part(ctx context.Context, p *part) error {
	if err := v.r.start(p.from, p, v.world); err != nil {
		return err
	}
	v.lost = false
	for key := p.from; v.report.First == nil; {
		f, err := v.r.step()
		if err != nil || f == nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if f.hash != 0 && f.hash != v.r.world(f.Tick).Hash() {
			return fmt.Errorf("%w: the world of tick %d has another hash", ErrBlock, f.Tick)
		}
		if v.lost && v.r.key != key { // it can go on from here
			if err := v.r.readKey(v.r.key, v.world); err != nil {
				return err
			}
			v.lost = false
		}
		key = v.r.key
		v.tick(f)
	}
	return nil
}

// tick computes one tick again and compares.
func (v *verifier[W, I]) tick(f *loaded[I]) {
	v.lost = v.lost || f.Patched
	if !v.lost {
		v.compute(f)
	}
	if v.lost {
		v.report.Skipped++
		return
	}
	v.m.plan.Capture(v.snap, v.world)
	v.snap.Tick = f.Tick
	if d, differ := v.m.plan.FirstDifference(v.r.world(f.Tick), v.snap); differ {
		v.report.First = &d
		return
	}
	v.report.Verified++
}

func (v *verifier[W, I]) compute(f *loaded[I]) {
	g := v.m.game
	for _, p := range f.Leaves {
		if v.begin(f, nil, nil); g.Leave != nil {
			g.Leave(&v.ctx, v.world.V, p)
		} else {
			v.world.DespawnOwned(p)
		}
	}
	for _, p := range f.Joins {
		if v.begin(f, nil, nil); g.Join != nil {
			g.Join(&v.ctx, v.world.V, p)
		}
	}
	v.entries = v.entries[:0]
	for _, e := range f.Entries {
		v.entries = append(v.entries, sim.Entry[I]{Player: e.Player, Input: e.Input})
	}
	v.frame, v.asked = f, 0
	v.begin(f, v.entries, v.past)
	g.Step(&v.ctx, v.world.V)
}

func (v *verifier[W, I]) begin(f *loaded[I], entries []sim.Entry[I], past func(sim.PlayerID) sim.Past[W]) {
	h := &v.m.head
	v.ctx.Begin(v.world.V, sim.Frame[W, I]{Tick: f.Tick, TickRate: h.TickRate, Seed: h.Seed, Entries: entries, Past: past})
}

// past is the world as a player saw it, by what the recorder knew of the server's limits.
func (v *verifier[W, I]) past(p sim.PlayerID) sim.Past[W] {
	now := sim.Past[W]{World: v.world.V}
	lag := 0
	for i := range v.frame.Entries {
		if e := &v.frame.Entries[i]; e.Player == p {
			lag = int(e.Lag)
		}
	}
	if lag == 0 {
		return now
	}
	a, b, fraction, ok := replica.Around(func(t sim.Tick) *replica.Snapshot {
		v.lost = v.lost || t.Before(v.r.first) // the server may have had it
		if t == v.frame.Tick {
			return nil // did not exist yet
		}
		return v.r.world(t)
	}, v.frame.Tick, lag, v.m.head.SendEvery)
	if v.frame.Partial || !ok {
		v.lost = true
		return now
	}
	if v.asked == len(v.pasts) {
		v.pasts = append(v.pasts, v.m.plan.NewWorld())
	}
	w := v.pasts[v.asked]
	v.asked++
	v.m.plan.Interpolate(w, a, b, fraction)
	return sim.Past[W]{World: w.V, Lag: float32(lag) / replica.ViewUnits}
}
