package main

import (
	"syscall/js"

	"github.com/halftick/halftick/demo/play/match"
)

// leaveWithTab tells the server when the tab is closed: no frame follows in which the window could, and the player would stand about until the
// server has given it up.
func leaveWithTab(m *match.Match) {
	js.Global().Call("addEventListener", "pagehide", js.FuncOf(func(js.Value, []js.Value) any {
		m.Goodbye()
		return nil
	}))
}
