package client

import (
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// Player is someone in the match.
type Player struct {
	ID   sim.PlayerID
	Name string // chosen by the player, made safe to show by the server
	Bot  bool   // played by the server
}

// roster knows who is in the match. The zero roster is empty.
type roster struct {
	present [sim.MaxPlayers + 1]bool
	players [sim.MaxPlayers + 1]Player
}

func (r *roster) joined(m replica.Joined) {
	r.present[m.Player] = m.Player != 0
	r.players[m.Player] = Player{m.Player, m.Name, m.Bot}
}

// left keeps the name: it may still be asked for, by a score or a chat line.
func (r *roster) left(m replica.Left) { r.present[m.Player] = false }

// others returns how many are present besides me.
func (r *roster) others(me sim.PlayerID) (n int) {
	for p, present := range r.present {
		if present && sim.PlayerID(p) != me {
			n++
		}
	}
	return n
}

// list returns everyone who is present, in ascending order of ID.
func (r *roster) list() []Player {
	var all []Player
	for p := range r.players {
		if r.present[p] {
			all = append(all, r.players[p])
		}
	}
	return all
}
