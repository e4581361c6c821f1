package main

import (
	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/demo/play/ui"
	"github.com/halftick/halftick/netcode/sim"
)

// nameSize is the height of the letters over the arena, in logical units.
const nameSize = 11

// drawNames writes the name under each player, or above where there is no room below. A name that would
// cover another moves on by a line.
func (g *stage) drawNames(s *scene) {
	g.taken = g.taken[:0]
	if own, ok := s.view.Players.Of(s.me); ok && own.Alive() {
		g.drawName(s, own, s.me)
	}
	for id, p := range s.view.Players.All() {
		if owner := s.view.Players.Owner(id); p.Alive() && owner != s.me {
			g.drawName(s, p, owner)
		}
	}
}

func (g *stage) drawName(s *scene, p *arena.Player, owner sim.PlayerID) {
	f, t := regular, colText.fade(0.9)
	if owner == s.me {
		f, t = bold, colWhite
	}
	name := s.name(owner)
	w, h := g.text.width(f, nameSize, name), 13*g.scale
	x, y := g.point(p.Pos)
	step := arena.PlayerRadius*g.cam.Scale*1.35 + 8*g.scale
	if y+step+h > g.cam.View.Bottom() {
		step, h = -step, -h
	}
	y += step
	x = min(max(x, g.cam.View.X+w/2+3), g.cam.View.Right()-w/2-3)
	place := ui.Rect{X: x - w/2, Y: y - abs(h)/2, W: w, H: abs(h)}
	for range len(g.taken) {
		if !g.covers(place) {
			break
		}
		y, place.Y = y+h, place.Y+h
	}
	g.taken = append(g.taken, place)
	g.text.shadowed(f, nameSize, name, x, y, t)
}

// covers reports whether a place is taken by a name already.
func (g *stage) covers(r ui.Rect) bool {
	for _, o := range g.taken {
		if r.Overlaps(o) {
			return true
		}
	}
	return false
}
