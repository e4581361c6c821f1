package main

import (
	"time"

	"github.com/halftick/halftick/demo/play/match"
	"github.com/halftick/halftick/demo/play/ui"
	"github.com/halftick/halftick/netcode/sim"
)

// news tells the feed who comes and goes: it compares the server's state with the one before.
type news struct {
	present map[sim.PlayerID]bool
}

// watch adds a line for each player that comes or goes after the first look.
func (n *news) watch(f *ui.Feed, s *scene) {
	if s.auth.Players.Len() == 0 { // nothing has come from the server yet
		*n = news{}
		return
	}
	first := n.present == nil
	if first {
		n.present = map[sim.PlayerID]bool{}
	}
	for who := range n.present {
		if _, still := s.auth.Players.Of(who); !still {
			delete(n.present, who)
			f.Add(s.now, ui.Line{Who: uint8(who), Text: "left"})
		}
	}
	for id := range s.auth.Players.All() {
		who := s.auth.Players.Owner(id)
		if !n.present[who] && !first {
			f.Add(s.now, ui.Line{Who: uint8(who), Text: "joined"})
		}
		n.present[who] = true
	}
}

// said adds the chat lines that are new.
func (n *news) said(f *ui.Feed, now time.Duration, m *match.Match) {
	for _, l := range m.Said() {
		f.Add(now, ui.Line{Who: uint8(l.Player), Text: l.Text, Chat: true})
	}
}
