package main

import (
	"slices"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/demo/play/ui"
	"github.com/halftick/halftick/netcode/sim"
)

// How long effects can be seen.
const (
	beamLife  = 333 * time.Millisecond
	blastLife = 400 * time.Millisecond
	sparkLife = 250 * time.Millisecond
)

// maxEffects is how many of each kind are kept. The oldest gives way.
const maxEffects = 256

// effects is what was heard lately and can still be seen. The client says when: others' effects come with the world in which they are
// drawn, the player's own at once.
type effects struct {
	beams  []beam
	blasts []blast
	sparks []spark
	feed   *ui.Feed
	ghosts *ghosts
}

// moment is when something happened on the screen, and its name, by which it is taken back.
type moment struct {
	key  sim.EventKey
	born time.Duration
}

type (
	beam struct {
		moment
		shot arena.Shot
	}
	blast struct {
		moment
		at sim.Vec2
	}
	spark struct {
		moment
		at     sim.Vec2
		damage uint8
	}
)

// left returns how much of a life is left, 0 to 1.
func (m *moment) left(now, life time.Duration) float32 {
	return max(0, 1-float32(now-m.born)/float32(life))
}

// listen begins to hear what a client does, in a new session.
func (e *effects) listen(c *client.Client[arena.World, arena.Input], now func() time.Duration) {
	when := func(i client.EventInfo) moment { return moment{i.EventKey, now() - i.Age} }
	client.On(c, arena.ShotEvent, func(s arena.Shot, i client.EventInfo) {
		e.beams = keep(e.beams, beam{when(i), s})
		if i.Source == c.Player() {
			e.ghosts.shot(i.Tick, s.Lag)
		}
	})
	client.OnCancel(c, arena.ShotEvent, func(_ arena.Shot, i client.EventInfo) {
		e.beams = slices.DeleteFunc(e.beams, func(b beam) bool { return b.key == i.EventKey })
	})
	client.On(c, arena.BoomEvent, func(b arena.Boom, i client.EventInfo) { e.blasts = keep(e.blasts, blast{when(i), b.At}) })
	client.OnCancel(c, arena.BoomEvent, func(_ arena.Boom, i client.EventInfo) {
		e.blasts = slices.DeleteFunc(e.blasts, func(b blast) bool { return b.key == i.EventKey })
	})
	client.On(c, arena.HurtEvent, func(h arena.Hurt, i client.EventInfo) { e.sparks = keep(e.sparks, spark{when(i), h.At, h.Damage}) })
	client.On(c, arena.DeathEvent, func(d arena.Death, i client.EventInfo) { e.feed.Add(now(), obituary(d, i.Source)) })
}

// keep adds one at the end.
func keep[T any](all []T, one T) []T {
	if len(all) == maxEffects {
		all = slices.Delete(all, 0, 1)
	}
	return append(all, one)
}

// fade forgets what can be seen no more.
func (e *effects) fade(now time.Duration) {
	e.beams = slices.DeleteFunc(e.beams, func(b beam) bool { return b.left(now, beamLife) == 0 })
	e.blasts = slices.DeleteFunc(e.blasts, func(b blast) bool { return b.left(now, blastLife) == 0 })
	e.sparks = slices.DeleteFunc(e.sparks, func(k spark) bool { return k.left(now, sparkLife) == 0 })
}

// obituary words a death.
func obituary(d arena.Death, by sim.PlayerID) ui.Line {
	switch {
	case by == d.Whom || by == 0:
		return ui.Line{Who: uint8(d.Whom), Text: "blew up"}
	case d.Weapon == arena.Rail:
		return ui.Line{Who: uint8(by), Text: "railed", Whom: uint8(d.Whom)}
	}
	return ui.Line{Who: uint8(by), Text: "blew up", Whom: uint8(d.Whom)}
}
