package main

import (
	"fmt"

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
		_ = a.hud.drawHelp()
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
		a.remember(&sc)
		a.drawRewound(view, &sc)
		if !a.match.Auto() {
			a.drawCrosshair(view, &sc)
		}
	}
	a.drawToast(view)
	a.drawNotice(view)
	a.canvas.unclip()

	state, dot := a.state()
	a.hud.drawState(state, a.switches.off(), dot)
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
		if quiet := a.silence.notice(a.now()); quiet != "" {
			return quiet, colBad
		}
		if a.match.Auto() {
			return a.match.Where() + "; a bot plays for you (B)", colGood
		}
		return a.match.Where(), colGood
	case match.Ended:
		return "not connected", colBad
	}
	return "connecting to " + a.match.Where(), colWarn
}

// remember keeps where the player was drawn, which is what the mouse aims from.
func (a *app) remember(s *scene) {
	if p, ok := s.view.Players.Of(s.me); ok {
		a.stoodX, a.stoodY = a.stage.point(p.Pos)
	}
}

// drawToast says what the latest key has switched, and below it that the server is silent.
func (a *app) drawToast(view ui.Rect) {
	x, y, u := view.X+view.W/2, view.Y+18*a.hud.layout.Scale, a.hud.layout.Scale
	if left := a.toast.left(a.now()); left > 0 {
		a.text.shadowed(bold, 15, a.toast.text, x, y, colAccent.fade(min(1, left*3)))
	}
	if a.match.Phase() == match.Playing {
		a.text.shadowed(bold, 15, a.silence.notice(a.now()), x, y+24*u, colBad)
	}
}

// drawRewound says how far back the server judged the player's latest rail shot, while its outlines stand.
func (a *app) drawRewound(view ui.Rect, s *scene) {
	ms, ok := a.stage.ghosts.rewound(s.now)
	if !ok {
		return
	}
	what := fmt.Sprintf("your shot was judged %.0f ms in the past", ms)
	if ms == 0 {
		what = "your shot was judged in the present"
	}
	u := a.hud.layout.Scale
	a.text.shadowed(regular, 11, what, view.X+view.W/2, view.Bottom()-12*u, colPast)
}

// drawNotice says in the middle of the arena what keeps the match from going on.
func (a *app) drawNotice(view ui.Rect) {
	title, about := "", ""
	switch a.match.Phase() {
	case match.Connecting:
		title, about = "Connecting", a.match.Where()
	case match.Ended:
		title, about = "Not connected", a.match.Reason()
	default:
		return
	}
	u := a.hud.layout.Scale
	w := min(view.W-20*u, 430*u)
	lines := a.text.wrap(regular, 12, about, w-30*u)
	hgt := (74 + 16*float32(len(lines))) * u
	box := ui.Rect{X: view.X + (view.W-w)/2, Y: view.Y + (view.H-hgt)/2, W: w, H: hgt}
	x, y := box.X+w/2, box.Y+22*u
	a.canvas.frame(box, colPanel, colLine)
	a.text.draw(bold, 17, title, x, y, centre, colText)
	for _, line := range lines {
		y += 16 * u
		a.text.draw(regular, 12, line, x, y+6*u, centre, colDim)
	}
	if a.match.Phase() == match.Ended {
		a.text.draw(bold, 12, "R connects again", x, box.Bottom()-16*u, centre, colAccent)
	}
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
