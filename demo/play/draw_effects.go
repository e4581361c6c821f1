package main

import (
	"math"

	"github.com/halftick/halftick/demo/arena"
)

// drawBeams draws rail shots: a white core within a glow of the shooter's colour, which thins out.
func (g *stage) drawBeams(s *scene) {
	g.c.glow(true)
	for i := range s.effects.beams {
		b := &s.effects.beams[i]
		life := b.left(s.now, beamLife)
		col := s.colorOf(b.key.Source)
		x0, y0 := g.point(b.shot.From)
		x1, y1 := g.point(b.shot.To)
		g.drawBeam(x0, y0, x1, y1, 15*g.cam.Scale*(0.4+0.6*life), col.fade(0.75*life*life))
		g.drawBeam(x0, y0, x1, y1, 4*g.cam.Scale*(0.5+0.5*life), colWhite.fade(life*life))
		spot := 26 * g.cam.Scale * (0.6 + life)
		if b.shot.Hit != 0 {
			spot *= 1.7
		}
		g.c.size(g.c.atlas.glow, x1, y1, spot, col.mix(colWhite, 0.4).fade(life))
	}
	g.c.glow(false)
}

func (g *stage) drawBeam(x0, y0, x1, y1, width float32, t tint) {
	beam := g.c.atlas.beam
	angle := float32(math.Atan2(float64(y1-y0), float64(x1-x0)))
	g.c.sprite(beam, (x0+x1)/2, (y0+y1)/2, angle, hypot(x1-x0, y1-y0)/beam.W, width/beam.H, t)
}

// drawRockets draws shells with a flame behind.
func (g *stage) drawRockets(s *scene) {
	for id, r := range s.view.Rockets.All() {
		x, y := g.point(r.Pos)
		v := r.Vel.Unit()
		col := s.colorOf(s.view.Rockets.Owner(id))
		angle := float32(math.Atan2(float64(v.Y), float64(v.X)))
		g.c.glow(true)
		g.c.size(g.c.atlas.glow, x-v.X*9*g.cam.Scale, y-v.Y*9*g.cam.Scale, 26*g.cam.Scale, colWarn.fade(0.9))
		g.c.glow(false)
		g.c.sprite(g.c.atlas.shell, x, y, angle, 1.25, 1.25, colBlack.fade(0.6))
		g.c.sprite(g.c.atlas.shell, x, y, angle, 1, 1, col.mix(colWhite, 0.35))
	}
}

// drawBlasts draws explosions: a flash, then a wave that runs out to the radius in which it hurts.
func (g *stage) drawBlasts(s *scene) {
	g.c.glow(true)
	for i := range s.effects.blasts {
		b := &s.effects.blasts[i]
		x, y := g.point(b.at)
		left := b.left(s.now, blastLife)
		age := 1 - left
		col := s.colorOf(b.key.Source)
		k := 0.25 + 0.75*(1-left*left)
		g.c.sprite(g.c.atlas.wave, x, y, 0, k, k, col.mix(colWarn, 0.4).fade(0.8*left))
		flash := 2.2 * arena.BlastRadius * g.cam.Scale * (0.5 + 0.5*age)
		g.c.size(g.c.atlas.glow, x, y, flash, colWarn.mix(colWhite, left).fade(left*left))
	}
	g.c.glow(false)
}

// drawSparks draws where somebody was hurt: the more, the larger.
func (g *stage) drawSparks(s *scene) {
	g.c.glow(true)
	for i := range s.effects.sparks {
		k := &s.effects.sparks[i]
		x, y := g.point(k.at)
		left := k.left(s.now, sparkLife)
		size := g.cam.Scale * (14 + 0.5*float32(k.damage)) * (1.4 - 0.4*left)
		g.c.size(g.c.atlas.glow, x, y, size, colBad.mix(colWhite, left).fade(left))
	}
	g.c.glow(false)
}
