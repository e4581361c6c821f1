package main

import (
	"fmt"
	"time"

	"github.com/halftick/halftick/demo/play/ui"
	"github.com/halftick/halftick/netcode/sim"
)

// toastLife is how long a notice about a key stays.
const toastLife = 2500 * time.Millisecond

// toast says what a key of the panel has just done, for when the panel itself is closed.
type toast struct {
	text string
	at   time.Duration
}

// show words what became of a row.
func (t *toast) show(now time.Duration, r *ui.Row) {
	t.at, t.text = now, r.Label
	switch {
	case r.Kind == ui.Toggle && r.On():
		t.text += " on"
	case r.Kind == ui.Toggle:
		t.text += " off"
	case r.Show != nil:
		t.text += ": " + r.Show()
	}
}

// left returns how much of the notice is left, 0 to 1.
func (t *toast) left(now time.Duration) float32 {
	if t.text == "" {
		return 0
	}
	return max(0, 1-float32(now-t.at)/float32(toastLife))
}

// quietAfter is how long nothing may come from the server before the player is told.
const quietAfter = 1500 * time.Millisecond

// silence watches for the server to fall silent. What is on the screen then is a guess.
type silence struct {
	tick sim.Tick      // newest that was heard of
	at   time.Duration // when
}

// hear takes in the newest tick that is known.
func (s *silence) hear(now time.Duration, newest sim.Tick) {
	if newest != s.tick || s.at == 0 {
		s.tick, s.at = newest, now
	}
}

// notice says that the server is silent, or nothing.
func (s *silence) notice(now time.Duration) string {
	if quiet := now - s.at; s.at > 0 && quiet > quietAfter {
		return fmt.Sprintf("no word from the server for %.0f s", quiet.Seconds())
	}
	return ""
}
