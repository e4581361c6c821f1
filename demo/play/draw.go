package main

import (
	"fmt"

	"github.com/hajimehoshi/ebiten/v2"

	"github.com/halftick/halftick/client"
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
		_ = a.hud.drawHelp(a.match.Spectates())
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
		if !a.match.Auto() && !a.match.Spectates() {
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
		if trouble := a.link.now.Notice(); trouble != "" {
			return trouble, colBad
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

// drawToast says what the latest key has switched or what the connection has done, and below it that the server is silent, or has
// no use for the player's inputs.
func (a *app) drawToast(view ui.Rect) {
	x, y, u := view.X+view.W/2, view.Y+18*a.hud.layout.Scale, a.hud.layout.Scale
	if left := a.toast.left(a.now()); left > 0 {
		a.text.shadowed(bold, 15, a.toast.text, x, y, colAccent.fade(min(1, left*3)))
	}
	if a.match.Phase() != match.Playing {
		return
	}
	if a.link.now.State == client.Stalled {
		a.text.shadowed(bold, 15, a.link.now.Notice(), x, y+24*u, colBad)
	} else if trouble := a.match.Stats().InputTrouble; trouble != client.NoTrouble {
		a.text.shadowed(bold, 15, trouble.String(), x, y+24*u, colWarn)
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
	title, about := a.obstacle()
	if title == "" {
		return
	}
	u := a.hud.layout.Scale
	w := min(view.W-20*u, 430*u)
	lines := a.text.wrap(regular, 12, about, w-30*u)
	below, t := a.proceeding()
	hgt := (44 + 16*float32(len(lines))) * u
	if below != "" {
		hgt += 30 * u
	}
	box := ui.Rect{X: view.X + (view.W-w)/2, Y: view.Y + (view.H-hgt)/2, W: w, H: hgt}
	x, y := box.X+w/2, box.Y+22*u
	a.canvas.frame(box, colPanel, colLine)
	a.text.draw(bold, 17, title, x, y, centre, colText)
	for _, line := range lines {
		y += 16 * u
		a.text.draw(regular, 12, line, x, y+6*u, centre, colDim)
	}
	a.text.draw(bold, 12, below, x, box.Bottom()-16*u, centre, t)
}

// proceeding says what goes on about an obstacle, or what the player can do, and in which colour.
func (a *app) proceeding() (string, tint) {
	switch a.match.Phase() {
	case match.Ended:
		return "R connects again", colAccent
	case match.Playing:
		return a.link.now.Progress(), colWarn
	}
	return "", colDim
}

// obstacle says what keeps the match from going on, and more about it; nothing while it goes on, or may any moment.
func (a *app) obstacle() (title, about string) {
	switch s := a.link.now; {
	case a.match.Phase() == match.Ended:
		return "Not connected", a.match.Reason()
	case a.match.Phase() == match.Connecting:
		if trying := a.match.Trying(); trying != "" {
			return "Connecting", a.match.Where() + ": " + trying
		}
		return "Connecting", a.match.Where()
	case s.State == client.Redialing:
		return "Connection lost", s.Reasons()
	}
	return "", ""
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
