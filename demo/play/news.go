package main

import (
	"time"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/demo/play/match"
	"github.com/halftick/halftick/demo/play/ui"
	"github.com/halftick/halftick/netcode/sim"
)

// news tells the feed what happened: it compares the server's state with the one before.
type news struct {
	deaths map[sim.PlayerID]uint16
}

// watch adds a line for each death, and for each player that comes or goes after the first look.
func (n *news) watch(f *ui.Feed, s *scene) {
	if s.auth.Players.Len() == 0 { // nothing has come from the server yet
		*n = news{}
		return
	}
	first := n.deaths == nil
	if first {
		n.deaths = map[sim.PlayerID]uint16{}
	}
	for who := range n.deaths {
		if _, still := s.auth.Players.Of(who); !still {
			delete(n.deaths, who)
			f.Add(s.now, ui.Line{Who: uint8(who), Text: "left"})
		}
	}
	for id, p := range s.auth.Players.All() {
		who := s.auth.Players.Owner(id)
		before, known := n.deaths[who]
		n.deaths[who] = p.Deaths
		if !known && !first {
			f.Add(s.now, ui.Line{Who: uint8(who), Text: "joined"})
		}
		if known && p.Deaths > before {
			f.Add(s.now, obituary(s, who, p.Killer))
		}
	}
}

// obituary words a death.
func obituary(s *scene, who, killer sim.PlayerID) ui.Line {
	if killer == who || killer == 0 {
		return ui.Line{Who: uint8(who), Text: "blew up"}
	}
	verb := "blew up"
	for id, b := range s.auth.Beams.All() {
		if b.Hit == who && s.auth.Beams.Owner(id) == killer && b.Life > arena.BeamTicks-6 {
			verb = "railed"
		}
	}
	return ui.Line{Who: uint8(killer), Text: verb, Whom: uint8(who)}
}

// said adds the chat lines that are new.
func (n *news) said(f *ui.Feed, now time.Duration, m *match.Match) {
	for _, l := range m.Said() {
		f.Add(now, ui.Line{Who: uint8(l.Player), Text: l.Text, Chat: true})
	}
}
