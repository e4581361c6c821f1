package main

import (
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/play/match"
	"github.com/halftick/halftick/demo/play/ui"
)

// toastLife is how long a notice of a key stays, newsLife one of the connection, which nobody was waiting for.
const (
	toastLife = 2500 * time.Millisecond
	newsLife  = 6 * time.Second
)

// toast says what a key of the panel has just done, for when the panel itself is closed, or what the connection has.
type toast struct {
	text string
	at   time.Duration
	life time.Duration
}

// show words what became of a row.
func (t *toast) show(now time.Duration, r *ui.Row) {
	t.at, t.text, t.life = now, r.Label, toastLife
	switch {
	case r.Kind == ui.Toggle && r.On():
		t.text += " on"
	case r.Kind == ui.Toggle:
		t.text += " off"
	case r.Show != nil:
		t.text += ": " + r.Show()
	}
}

// say words something else.
func (t *toast) say(now time.Duration, text string) { t.at, t.text, t.life = now, text, newsLife }

// left returns how much of the notice is left, 0 to 1.
func (t *toast) left(now time.Duration) float32 {
	if t.text == "" {
		return 0
	}
	return max(0, 1-float32(now-t.at)/float32(t.life))
}

// connection watches how the player's place stands with the server.
type connection struct {
	now    match.Standing
	before match.Standing // of the newest session that was played in
}

// watch takes in how it stands now, and returns what is news of it, or nothing.
func (c *connection) watch(s match.Standing) (news string) {
	c.now = s
	if s.Why != "" { // for when it is over
		c.before.Why = s.Why
	}
	if s.State != client.Playing {
		return ""
	}
	news = s.News(c.before)
	c.before = s
	return news
}
