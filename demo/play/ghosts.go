package main

import (
	"time"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode/sim"
)

// pastLife is how long the outlines of a rewind stay after a shot.
const pastLife = 1200 * time.Millisecond

// ghosts are outlines of what only the server knows. Yellow, dashed: where the newest state from the
// server has the player. Pink: where the others stood in the world in which the server judged the
// player's last rail shot.
type ghosts struct {
	on    bool
	fired sim.Tick // of the own shot that was heard last, once heard
	heard bool
	fresh bool // it has not been looked up yet
	at    time.Duration
	past  []sim.Vec2
	lag   float32 // ticks
	known bool    // whether the client still had that world
}

// lookup is how the past is asked for; client.Client.At.
type lookup func(tick float64) (*arena.World, bool)

// shot is told that the player has fired, in a tick, and how far back that was judged.
func (h *ghosts) shot(tick sim.Tick, lag float32) {
	h.fired, h.lag, h.heard, h.fresh = tick, lag, true, true
}

// watch asks, after a shot, for the world that it was judged in.
func (h *ghosts) watch(s *scene, at lookup) {
	if !h.fresh {
		return
	}
	h.fresh, h.at, h.past = false, s.now, h.past[:0]
	past, ok := at(float64(h.fired) - float64(h.lag))
	if h.known = ok; !ok {
		return
	}
	for id, p := range past.Players.All() {
		if past.Players.Owner(id) != s.me && p.Alive() {
			h.past = append(h.past, p.Pos)
		}
	}
}

// rewound returns how far back the last shot was judged, in milliseconds, and whether it is still shown.
func (h *ghosts) rewound(now time.Duration) (ms float32, ok bool) {
	return h.lag * 1000 / arena.TickRate, h.on && h.heard && now-h.at < pastLife
}

func (h *ghosts) draw(g *stage, s *scene) {
	if !h.on {
		return
	}
	if left := 1 - float32(s.now-h.at)/float32(pastLife); left > 0 && h.heard {
		for _, p := range h.past {
			x, y := g.point(p)
			g.c.at(g.c.atlas.dashed, x, y, colPast.fade(min(1, left*1.5)))
		}
	}
	own, ok := s.auth.Players.Of(s.me)
	if !ok || !own.Alive() {
		return
	}
	x, y := g.point(own.Pos)
	if drawn, ok := s.view.Players.Of(s.me); ok && drawn.Alive() {
		dx, dy := g.point(drawn.Pos)
		g.c.line(x, y, dx, dy, 1.2*g.scale, colTruth.fade(0.6))
	}
	g.c.at(g.c.atlas.dashed, x, y, colTruth.fade(0.95))
}
