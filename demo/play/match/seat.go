package match

import (
	"fmt"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/simnet"
)

// arenaClient is the client of this game.
type arenaClient = client.Client[arena.World, arena.Input]

// seat holds the player's place in a match. now is the time since the match began.
type seat interface {
	update(now time.Duration, in arena.Input) error
	view() *arena.World
	client() *arenaClient
	condition(up, down simnet.Conditions)
	close()
}

// View returns the world to be drawn now, borrowed until the next call; nil before there is one.
func (m *Match) View() *arena.World {
	if m.seat == nil {
		return nil
	}
	return m.seat.view()
}

// Auth returns the newest world that the server sent, borrowed until the next call, and its tick; nil
// before there is one.
func (m *Match) Auth() (*arena.World, sim.Tick) {
	if m.seat == nil {
		return nil, 0
	}
	c := m.seat.client()
	return c.Auth(), c.Stats().AuthTick
}

// At returns the server's world of a tick in the past, if it is still known; see client.Client.At.
func (m *Match) At(tick float64) (*arena.World, bool) {
	if m.seat == nil {
		return nil, false
	}
	return m.seat.client().At(tick)
}

// Name returns what a player is called.
func (m *Match) Name(p sim.PlayerID) string {
	if m.seat != nil {
		if name := m.seat.client().Name(p); name != "" {
			return name
		}
	}
	return fmt.Sprintf("player %d", p)
}

// Stats returns the client's figures, zero while there is none.
func (m *Match) Stats() client.Stats {
	if m.seat == nil {
		return client.Stats{}
	}
	return m.seat.client().Stats()
}

// Said returns the chat lines since the last call.
func (m *Match) Said() []client.Line {
	if m.seat == nil {
		return nil
	}
	return m.seat.client().Said()
}

// Say sends a line of chat. What cannot be sent is dropped: the player sees that it does not appear.
func (m *Match) Say(text string) {
	if m.phase == Playing && text != "" {
		_ = m.seat.client().Say(text)
	}
}

// Tuning returns which stages of guessing and hiding are on.
func (m *Match) Tuning() client.Tuning { return m.tuning }

// SetTuning switches them, now and after a reconnect.
func (m *Match) SetTuning(t client.Tuning) {
	m.tuning = t
	if m.seat != nil {
		m.seat.client().SetTuning(t)
	}
}

// Link returns the simulated conditions of each direction.
func (m *Match) Link() (up, down simnet.Conditions) { return m.link.conditions() }

// SetLink changes them from the next datagram on.
func (m *Match) SetLink(up, down simnet.Conditions) {
	m.link.set(up, down)
	if m.seat != nil {
		m.seat.condition(up, down)
	}
}

// Auto reports whether a bot plays for the player; SetAuto makes it so.
func (m *Match) Auto() bool      { return m.opt.Auto }
func (m *Match) SetAuto(on bool) { m.opt.Auto = on }

// Transport returns how the next connection is made.
func (m *Match) Transport() string { return m.opt.Transport.String() }

// ShiftTransport chooses the next or the previous transport for the next connection.
func (m *Match) ShiftTransport(dir int) {
	m.opt.Transport = netcode.Transport((int(m.opt.Transport) + dir + 3) % 3)
}
