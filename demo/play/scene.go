package main

import (
	"math"
	"time"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/demo/play/ui"
	"github.com/halftick/halftick/netcode/sim"
)

// scene is the match as it is to be drawn in one frame. The worlds are borrowed until the frame ends.
type scene struct {
	now  time.Duration
	me   sim.PlayerID
	view *arena.World // what the player sees: own rows predicted, others interpolated
	auth *arena.World // the newest state from the server
	tick sim.Tick     // of auth
	name func(sim.PlayerID) string

	effects *effects
}

// stage draws scenes into the rectangle of the arena. It remembers what has moved lately, for trails.
type stage struct {
	c      *canvas
	text   *lettering
	cam    ui.Camera
	scale  float32 // pixels per logical unit
	trails trails
	ghosts ghosts
	taken  []ui.Rect // by names, in this frame
}

// draw draws everything that moves. The level is drawn before, by the app.
func (g *stage) draw(s *scene) {
	g.trails.update(s)
	g.drawTrails()
	g.drawBeams(s)
	g.drawRockets(s)
	g.drawPlayers(s)
	g.drawBlasts(s)
	g.drawSparks(s)
	g.ghosts.draw(g, s)
}

// point returns the pixel of a place in the world.
func (g *stage) point(p sim.Vec2) (x, y float32) { return g.cam.ToScreen(p.X, p.Y) }

// colorOf returns the colour of a player, white for one that is not there.
func (s *scene) colorOf(p sim.PlayerID) tint {
	if row, ok := s.view.Players.Of(p); ok {
		return playerTint(row.Color)
	}
	return colWhite
}

// drawPlayers draws the others first, so that nobody covers the player.
func (g *stage) drawPlayers(s *scene) {
	for id, p := range s.view.Players.All() {
		if owner := s.view.Players.Owner(id); owner != s.me {
			g.drawPlayer(s, p, owner)
		}
	}
	if own, ok := s.view.Players.Of(s.me); ok {
		g.drawPlayer(s, own, s.me)
	}
	g.drawNames(s)
}

// drawPlayer draws a body: shadow, ball, aim, ring of health.
func (g *stage) drawPlayer(s *scene, p *arena.Player, owner sim.PlayerID) {
	if !p.Alive() {
		return
	}
	c, a := g.c, g.c.atlas
	x, y := g.point(p.Pos)
	r, col := arena.PlayerRadius*g.cam.Scale, playerTint(p.Color)
	c.size(a.glow, x+0.2*r, y+0.35*r, 3.6*r, colBlack.fade(0.75))
	if owner == s.me {
		c.size(a.glow, x, y, 6*r, col.fade(0.30))
	}
	full := float32(p.Health) / arena.MaxHealth
	c.at(a.health[gaugeSteps], x, y, colBlack.fade(0.45))
	c.at(level(&a.health, full), x, y, healthTint(full))
	sin, cos := math.Sincos(float64(p.Aim))
	c.sprite(a.barrel, x+1.25*r*float32(cos), y+1.25*r*float32(sin), p.Aim, 1, 1, col.mix(colWhite, 0.5))
	c.at(a.ball, x, y, col)
	if owner == s.me {
		c.at(a.rim, x, y, colWhite)
	}
	if p.Shield > 0 {
		c.sprite(a.shield, x, y, float32(s.now.Seconds()*1.5), 1, 1, colWhite.fade(0.25+0.6*float32(p.Shield)/arena.ShieldTicks))
	}
}

// healthTint goes from green over amber to vermilion; the length of the ring says the same.
func healthTint(full float32) tint {
	if full > 0.5 {
		return colWarn.mix(colGood, full*2-1)
	}
	return colBad.mix(colWarn, full*2)
}
