package main

import (
	"time"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode/sim"
)

// Bounds of the trails.
const (
	trailLife  = 450 * time.Millisecond
	maxPuffs   = 600 // the oldest puffs give way
	puffEvery  = 12 * time.Millisecond
	dashPuffs  = 240 * time.Millisecond
	dashWeight = 0.45
)

// puff is a spot that a rocket or a dashing player left behind.
type puff struct {
	pos  sim.Vec2
	at   time.Duration
	life time.Duration
	body bool // of a dash: the silhouette of the player
	col  tint
}

// trails remembers where rockets and dashing players were. It is for the eye only: it follows what was
// drawn, with all corrections and jumps, so a jerky path leaves a jerky trail.
type trails struct {
	puffs []puff
	last  time.Duration
}

// update adds the puffs of this frame and forgets the faded ones.
func (t *trails) update(s *scene) {
	if s.now-t.last < puffEvery {
		return
	}
	t.last = s.now
	keep := t.puffs[:0]
	for _, p := range t.puffs {
		if s.now-p.at < p.life {
			keep = append(keep, p)
		}
	}
	t.puffs = keep[max(0, len(keep)-maxPuffs):]
	for id, r := range s.view.Rockets.All() {
		col := s.colorOf(s.view.Rockets.Owner(id))
		t.puffs = append(t.puffs, puff{pos: r.Pos.Sub(r.Vel.Unit().Mul(10)), at: s.now, life: trailLife, col: col})
	}
	for _, p := range s.view.Players.All() {
		if p.Dashing() {
			t.puffs = append(t.puffs, puff{pos: p.Pos, at: s.now, life: dashPuffs, body: true, col: playerTint(p.Color)})
		}
	}
}

func (g *stage) drawTrails() {
	g.c.glow(true)
	for _, p := range g.trails.puffs {
		left := 1 - float32(g.trails.last-p.at)/float32(p.life)
		x, y := g.point(p.pos)
		if p.body {
			g.c.at(g.c.atlas.ball, x, y, p.col.fade(left*dashWeight))
			continue
		}
		d := arena.RocketRadius * g.cam.Scale * (5.5 - 2.5*left)
		g.c.size(g.c.atlas.glow, x, y, d, p.col.mix(colWarn, left).fade(0.55*left*left))
	}
	g.c.glow(false)
}
