package server

import (
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// viewUnits is the number of units of Command.View, and of an input's margin, in a tick.
const viewUnits = replica.ViewUnits

// rewinder puts the whole world back to what a player saw. It computes a world when Step asks for
// it, at most one per player and tick.
type rewinder[W any] struct {
	plan      *replica.Plan[W]
	history   *history
	cap       int // of a rewind, in 1/32 tick
	sendEvery int // ticks per snapshot
	recall    *replica.Recall
	beyond    float32 // ticks for which a client moves rows on of which it has nothing newer

	worlds []*replica.World[W] // scratch, grown to the most rewinds of any tick so far
	used   int
	memo   [sim.MaxPlayers + 1]rewound[W]
	count  uint64 // worlds rewound since the start
	capped uint64 // of them, moved by a limit
}

type rewound[W any] struct {
	known bool
	seen  bool // of what the player was sent, which was less than the world
	past  sim.Past[W]
}

// capUnits converts the longest rewind to 1/32 tick; it is at most what history can hold.
func capUnits(d time.Duration, tickRate int) int {
	if d <= 0 {
		return 0
	}
	u := int(int64(d) * int64(tickRate) * viewUnits / int64(time.Second))
	return min(u, (historyTicks-1)*viewUnits)
}

// begin forgets the worlds of the tick before.
func (r *rewinder[W]) begin() {
	r.used = 0
	clear(r.memo[:])
}

// past returns the world as player p saw it, view units before tick t, which is being computed from
// the world now. joined is the first tick that p was part of.
func (r *rewinder[W]) past(p sim.PlayerID, f *replica.Feed, shown replica.SnapshotAck, t sim.Tick, view uint16, joined sim.Tick, now *W) sim.Past[W] {
	m := &r.memo[p]
	if m.known {
		return m.past
	}
	m.known = true
	lag := clampLag(int(view), r.cap, t.Sub(joined), r.history.count)
	if lag != int(view) {
		r.capped++
	}
	if lag == 0 {
		m.past = sim.Past[W]{World: now}
		return m.past
	}
	m.seen = !f.Plain()
	m.past = sim.Past[W]{World: r.rewind(f, shown, t, lag, m.seen), Lag: float32(lag) / viewUnits}
	return m.past
}

// clampLag limits a rewind, in 1/32 tick, to the cap, to the ticks since the player joined and to
// the ticks kept. Zero is the present. The world between the last tick and the one being computed
// does not exist yet: a smaller lag than one tick becomes one tick where the limits allow it, and
// the present where not.
func clampLag(view, cap, sinceJoin, kept int) int {
	most := max(0, min(cap, sinceJoin*viewUnits, kept*viewUnits))
	switch {
	case view == 0 || most < viewUnits:
		return 0
	case view < viewUnits:
		return viewUnits
	}
	return min(view, most)
}

// rewind blends the two worlds around the moment lag units before tick t. To a client that was sent less than the world it
// shows what the client was sent.
func (r *rewinder[W]) rewind(f *replica.Feed, shown replica.SnapshotAck, t sim.Tick, lag int, seen bool) *W {
	if seen {
		back := (lag + viewUnits - 1) / viewUnits
		at := replica.Moment{Tick: t - sim.Tick(back), Part: float32(back*viewUnits-lag) / viewUnits}
		w := r.scratch()
		r.plan.Past(w, r.recall, f, r.history.ring[:], at, shown, r.sendEvery, r.beyond)
		r.count++
		return w.V
	}
	a, b, fraction, _ := replica.Around(r.history.at, t, lag, r.sendEvery)
	w := r.scratch()
	r.plan.Interpolate(w, a, b, fraction)
	r.count++
	return w.V
}

func (r *rewinder[W]) scratch() *replica.World[W] {
	if r.used == len(r.worlds) {
		r.worlds = append(r.worlds, r.plan.NewWorld())
	}
	r.used++
	return r.worlds[r.used-1]
}
