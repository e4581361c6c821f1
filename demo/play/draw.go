package main

import (
	"github.com/hajimehoshi/ebiten/v2"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/demo/play/match"
	"github.com/halftick/halftick/demo/play/ui"
)

// Draw draws one frame.
func (a *app) Draw(screen *ebiten.Image) {
	a.arrange()
	a.text.begin(a.hud.layout.Scale)
	s := a.set()
	a.canvas.begin(screen, s.atlas)
	if a.help {
		screen.Fill(colGround.rgba())
		a.hud.drawHelp()
	} else {
		a.drawMatch(screen, s)
	}
	a.canvas.flush()
	a.drawn = true
	a.shot.take(screen, a.now())
}

// drawMatch draws the arena and everything around it.
func (a *app) drawMatch(screen *ebiten.Image, s *set) {
	screen.DrawImage(s.backdrop, &ebiten.DrawImageOptions{Blend: ebiten.BlendCopy})
	view := snap(a.stage.cam.View)
	sc, ok := a.scene()
	a.canvas.clip(view)
	if ok {
		a.stage.draw(&sc)
		a.drawCrosshair(view, &sc)
	}
	a.drawNotice(view)
	a.canvas.unclip()

	state, dot := a.state()
	a.hud.drawState(state, dot)
	a.hud.drawCharts()
	if ok {
		a.hud.drawBoard(&sc)
		a.hud.drawTools(&sc)
		a.hud.drawFeed(&sc)
	}
	if a.panel.Open {
		a.hud.drawPanel(a.panel)
	}
}

// state says in a line how things stand, and in which colour.
func (a *app) state() (string, tint) {
	switch a.match.Phase() {
	case match.Playing:
		return "connected, " + a.match.Where(), colGood
	case match.Ended:
		return "not connected", colBad
	}
	return "connecting to " + a.match.Where(), colWarn
}

// drawNotice says in the middle of the arena what keeps the match from going on.
func (a *app) drawNotice(view ui.Rect) {
	title, about := "", ""
	switch a.match.Phase() {
	case match.Connecting:
		title, about = "Connecting", a.match.Where()
	case match.Ended:
		title, about = "Disconnected", a.match.Reason()+"  -  press R to connect again"
	default:
		return
	}
	u := a.hud.layout.Scale
	x, y := view.X+view.W/2, view.Y+view.H/2
	w := min(view.W-20*u, max(260*u, a.text.width(regular, 12, about)+40*u))
	a.canvas.frame(ui.Rect{X: x - w/2, Y: y - 34*u, W: w, H: 68 * u}, colPanel.fade(0.97), colLine)
	a.text.draw(bold, 17, title, x, y-12*u, centre, colText)
	a.text.draw(regular, 12, a.text.fit(regular, 12, about, w-16*u), x, y+13*u, centre, colDim)
}

// drawCrosshair draws the aim where the mouse is over the arena, with the rail gun's recovery around it.
func (a *app) drawCrosshair(view ui.Rect, s *scene) {
	if !view.Contains(a.hands.x, a.hands.y) {
		return
	}
	a.canvas.at(a.canvas.atlas.cross, a.hands.x, a.hands.y, colWhite)
	if own, ok := s.view.Players.Of(s.me); ok && own.Alive() && own.Rail > 0 {
		ready := 1 - float32(own.Rail)/arena.RailCooldown
		a.canvas.at(level(&a.canvas.atlas.gauge, ready), a.hands.x, a.hands.y, colAccent.fade(0.8))
	}
}
