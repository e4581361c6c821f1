package main

import (
	"math"

	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/inpututil"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/demo/play/ui"
)

// caps maps keys to what is printed on them, as the panel names them.
var caps = map[ebiten.Key]string{
	ebiten.KeyDigit1: "1", ebiten.KeyDigit2: "2", ebiten.KeyDigit3: "3", ebiten.KeyDigit4: "4", ebiten.KeyDigit5: "5",
	ebiten.KeyDigit6: "6", ebiten.KeyDigit9: "9", ebiten.KeyDigit0: "0", ebiten.KeyMinus: "-", ebiten.KeyEqual: "=",
	ebiten.KeyBracketLeft: "[", ebiten.KeyBracketRight: "]", ebiten.KeySemicolon: ";", ebiten.KeyQuote: "'",
	ebiten.KeyComma: ",", ebiten.KeyPeriod: ".", ebiten.KeyP: "P", ebiten.KeyO: "O", ebiten.KeyG: "G",
	ebiten.KeyB: "B", ebiten.KeyT: "T", ebiten.KeyR: "R",
}

// Key repeat, in updates: a held key acts again after repeatAfter, then every repeatEvery.
const (
	repeatAfter = 24
	repeatEvery = 4
)

// hands is what keyboard and mouse are doing to the game.
type hands struct {
	x, y     float32 // of the mouse, pixels
	captured bool    // the mouse button went down on the panel
	over     bool    // the mouse is over the arena
}

// held reports whether any of the keys is down.
func held(keys ...ebiten.Key) bool {
	for _, k := range keys {
		if ebiten.IsKeyPressed(k) {
			return true
		}
	}
	return false
}

// struck reports whether a key acts now: it went down, or it is held for long.
func struck(k ebiten.Key) (now, held bool) {
	if inpututil.IsKeyJustPressed(k) {
		return true, false
	}
	n := inpututil.KeyPressDuration(k)
	held = n > repeatAfter && n%repeatEvery == 0
	return held, held
}

// play reads what the player does in this tick; from is where the player stands on the screen.
func (h *hands) play(arrows bool, fromX, fromY float32) arena.Input {
	var in arena.Input
	axis := func(less, more ebiten.Key, arrowLess, arrowMore ebiten.Key) (v int8) {
		if held(less) || arrows && held(arrowLess) {
			v--
		}
		if held(more) || arrows && held(arrowMore) {
			v++
		}
		return v
	}
	in.Dx = axis(ebiten.KeyA, ebiten.KeyD, ebiten.KeyArrowLeft, ebiten.KeyArrowRight)
	in.Dy = axis(ebiten.KeyW, ebiten.KeyS, ebiten.KeyArrowUp, ebiten.KeyArrowDown)
	in.Aim = float32(math.Atan2(float64(h.y-fromY), float64(h.x-fromX)))
	in.Dash = held(ebiten.KeySpace, ebiten.KeyShiftLeft)
	if h.over && !h.captured {
		in.Fire = ebiten.IsMouseButtonPressed(ebiten.MouseButtonLeft)
		in.AltFire = ebiten.IsMouseButtonPressed(ebiten.MouseButtonRight) || held(ebiten.KeyE)
	}
	return in
}

// mouse follows the mouse and lets the panel have what is meant for it. Over the arena the crosshair
// stands in for the cursor.
func (h *hands) mouse(p *ui.Panel, view ui.Rect, scale float32) {
	x, y := ebiten.CursorPosition()
	moved := float32(x) != h.x || float32(y) != h.y
	h.x, h.y = float32(x), float32(y)
	lx, ly := h.x/scale, h.y/scale
	if over := view.Contains(h.x, h.y); over != h.over {
		h.over = over
		ebiten.SetCursorMode(map[bool]ebiten.CursorModeType{true: ebiten.CursorModeHidden, false: ebiten.CursorModeVisible}[over])
	}
	switch {
	case inpututil.IsMouseButtonJustPressed(ebiten.MouseButtonLeft):
		h.captured = p.Press(lx, ly)
	case inpututil.IsMouseButtonJustReleased(ebiten.MouseButtonLeft):
		p.Release()
		h.captured = false
	case h.captured:
		p.Drag(lx)
	case moved:
		p.Hover(lx, ly)
	}
	if _, wheel := ebiten.Wheel(); wheel != 0 {
		p.Wheel(lx, ly, int(math.Copysign(1, wheel)))
	}
}

// panelKeys lets the keys of the panel act, and the arrows while it is open. It returns the row that one
// of the former worked, or nil.
func panelKeys(p *ui.Panel) (worked *ui.Row) {
	for k, name := range caps {
		if now, held := struck(k); now && p.Key(name, held) {
			worked = &p.Rows[p.Focus]
		}
	}
	if !p.Open {
		return worked
	}
	for k, act := range map[ebiten.Key]func(){
		ebiten.KeyArrowUp:    func() { p.Move(-1) },
		ebiten.KeyArrowDown:  func() { p.Move(+1) },
		ebiten.KeyArrowLeft:  func() { p.Step(-1) },
		ebiten.KeyArrowRight: func() { p.Step(+1) },
	} {
		if now, _ := struck(k); now {
			act()
		}
	}
	return worked
}
