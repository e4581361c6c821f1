package main

import (
	"context"
	"fmt"
	"time"

	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/inpututil"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/demo/play/match"
	"github.com/halftick/halftick/demo/play/ui"
)

// app is the window: it reads keys and mouse, lets the match go on and draws it.
type app struct {
	ctx   context.Context // ends the window
	match *match.Match
	start time.Time
	drawn bool  // a frame has been drawn: the display works
	shot  *shot // nil when no screenshot was asked for

	canvas   canvas
	text     *lettering
	hud      hud
	stage    stage
	sets     map[setKey]*set // what is rendered once for each size
	panel    *ui.Panel
	switches switches
	hands    hands
	news     news
	effects  effects
	toast    toast
	link     connection
	help     bool
	stoodX   float32 // where on the screen the player was drawn last
	stoodY   float32
	width    int // of the window, pixels
	height   int
}

func newApp(ctx context.Context, m *match.Match, o options) (*app, error) {
	a := &app{ctx: ctx, match: m, start: time.Now(), sets: map[setKey]*set{}, help: o.help}
	text, err := newLettering(&a.canvas)
	if err != nil {
		return nil, fmt.Errorf("fonts: %w", err)
	}
	a.text = text
	a.hud = hud{c: &a.canvas, text: text, meters: newMeters(m.Spectates()), chat: chat{mute: m.Spectates()}}
	a.stage = stage{c: &a.canvas, text: text, ghosts: ghosts{on: true}}
	a.switches = switches{match: m, ghosts: &a.stage.ghosts.on, preset: o.preset}
	a.panel = ui.NewPanel(a.switches.rows())
	a.panel.Open = o.panel
	a.shot = newShot(o.screenshot, o.after)
	a.effects = effects{feed: &a.hud.feed, ghosts: &a.stage.ghosts}
	m.OnJoin(func(c *client.Client[arena.World, arena.Input]) { a.effects.listen(c, a.now) })
	a.width, a.height = ui.BaseWidth, ui.BaseHeight
	a.arrange()
	a.stoodX, a.stoodY = a.stage.cam.ToScreen(arena.Width/2, arena.Height/2)
	return a, nil
}

// LayoutF makes a pixel of the game a pixel of the screen, so that text is crisp at every size.
func (a *app) LayoutF(w, h float64) (float64, float64) {
	s := ebiten.Monitor().DeviceScaleFactor()
	a.width, a.height = max(64, int(w*s)), max(64, int(h*s))
	return float64(a.width), float64(a.height)
}

// Layout is required by ebiten.Game; LayoutF takes precedence.
func (a *app) Layout(w, h int) (int, int) { return w, h }

func (a *app) now() time.Duration { return time.Since(a.start) }

// arrange brings everything to the size of the window.
func (a *app) arrange() {
	l := ui.NewLayout(a.width, a.height, a.panel.Open)
	a.hud.layout = l
	a.panel.Place(l.Panel)
	a.stage.cam = ui.NewCamera(l.Px(l.Arena), arena.Width)
	a.stage.scale = l.Scale
}

// Update is one step of the window, 60 times a second. Time is read from the clock: a slow machine
// updates less often.
func (a *app) Update() error {
	if a.ctx.Err() != nil || a.shot.over(a.now()) {
		return ebiten.Termination
	}
	a.arrange()
	a.hands.mouse(a.panel, a.stage.cam.View, a.hud.layout.Scale)
	typing := a.keys()
	in := arena.Input{}
	if !typing {
		in = a.hands.play(!a.panel.Open, a.stoodX, a.stoodY)
	}
	a.match.Update(in)
	a.hud.meters.sample(a.now(), read(a.match))
	if news := a.link.watch(a.match.Standing()); news != "" {
		a.toast.say(a.now(), news)
	}
	s, ok := a.scene()
	if !ok {
		a.news = news{}
		return nil
	}
	a.effects.fade(s.now)
	a.stage.ghosts.watch(&s, a.match.At)
	a.news.watch(&a.hud.feed, &s)
	a.news.said(&a.hud.feed, s.now, a.match)
	return nil
}

// keys handles everything that is not play, and reports whether keys are being typed into the chat.
func (a *app) keys() (typing bool) {
	c := &a.hud.chat
	if c.open {
		c.add(ebiten.AppendInputChars(nil))
		if now, _ := struck(ebiten.KeyBackspace); now {
			c.erase()
		}
		switch {
		case inpututil.IsKeyJustPressed(ebiten.KeyEscape):
			c.take()
		case inpututil.IsKeyJustPressed(ebiten.KeyEnter):
			a.match.Say(c.take())
		}
		return true
	}
	switch {
	case inpututil.IsKeyJustPressed(ebiten.KeyEnter):
		c.open = !c.mute
	case inpututil.IsKeyJustPressed(ebiten.KeyTab):
		a.panel.Open = !a.panel.Open
	case inpututil.IsKeyJustPressed(ebiten.KeyF1):
		a.help = !a.help
	case inpututil.IsKeyJustPressed(ebiten.KeyEscape):
		a.help, a.panel.Open = false, a.panel.Open && a.help
	case inpututil.IsKeyJustPressed(ebiten.KeyF11):
		ebiten.SetFullscreen(!ebiten.IsFullscreen())
	}
	if row := panelKeys(a.panel); row != nil && !a.panel.Open {
		a.toast.show(a.now(), row)
	}
	return false
}

// scene returns the match as it is now, or false while there is none.
func (a *app) scene() (scene, bool) {
	view := a.match.View()
	auth, tick := a.match.Auth()
	if view == nil || auth == nil {
		return scene{}, false
	}
	return scene{now: a.now(), me: a.match.Me(), view: view, auth: auth, tick: tick, name: a.match.Name, effects: &a.effects}, true
}
