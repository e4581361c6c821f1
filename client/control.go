package client

import (
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// control takes in a message of the control channel.
func (c *Client[W, I]) control(now time.Duration, b []byte) {
	m, err := replica.ParseControl(b)
	if err != nil {
		c.count.malformed++
		return
	}
	switch m := m.(type) {
	case replica.Welcome:
		c.welcome(m)
	case replica.Joined:
		c.roster.joined(m)
	case replica.Left:
		c.roster.left(m)
	case replica.Said:
		c.chat.said(m, c.roster.players[m.Player].Name)
	case replica.Resume:
		c.resume(m)
	case replica.Audience:
		c.crowd.audience = m
	case replica.Room:
		c.room = Room{Name: m.Name, Code: m.Code}
	case replica.ProbeEcho:
		c.probes.echo(now, m.N)
	default: // what only a client says
		c.count.malformed++
	}
}

// welcome begins the match. A second one is ignored.
func (c *Client[W, I]) welcome(m replica.Welcome) {
	if c.entered || (m.Player == 0) != c.crowd.watch || m.TickRate <= 0 || m.SendEvery <= 0 {
		c.count.malformed++
		return
	}
	c.entered, c.me, c.events.me, c.events.rate = true, m.Player, m.Player, float64(m.TickRate)
	c.clock.rate = float64(m.TickRate)
	c.view.rate, c.view.sendEvery = c.clock.rate, float64(m.SendEvery)
	c.snaps.every = int64(m.SendEvery)
	c.past.me, c.past.joined = m.Player, int64(m.Tick)
	c.past.cap = rewindUnits(m.RewindCap, m.TickRate)
	c.past.beyond = c.view.ticks(maxExtrapolation)
	c.pred.begin(m)
	c.since = c.now
	c.log.Info("in the match", "player", m.Player, "tick", m.Tick, "transport", c.conn.Path().Carrier.String())
}

// sendControl sends what is due on the control channel. What does not fit now is tried again later.
func (c *Client[W, I]) sendControl(now time.Duration) {
	if !c.greeted {
		c.greeted = c.send(now, c.hello()) == nil
	}
	if !c.entered {
		return
	}
	if n, due := c.probes.due(now); due {
		if err := c.send(now, replica.Probe{N: n}); err != nil {
			c.probes.unsend(n)
		}
	}
}

func (c *Client[W, I]) send(now time.Duration, m replica.Control) error {
	c.buf = replica.AppendControl(c.buf[:0], m)
	return c.conn.Send(now, replica.ChanControl, c.buf)
}

// Say sends a line of chat, at most 200 bytes; the rest is cut off. It reaches everyone, oneself
// included, by Said. Errors: a *ClosedError, that the match has not begun, or that a spectator is not heard.
func (c *Client[W, I]) Say(text string) (err error) {
	c.locked(func(now time.Duration) {
		switch {
		case c.err != nil:
			err = c.err
		case c.crowd.watch:
			err = errSpectator
		case !c.entered:
			err = errNotWelcome
		default:
			err = c.send(now, replica.Say{Text: text})
		}
	})
	return err
}

// Said returns the lines of chat since the last call, at most 64; older ones are dropped.
func (c *Client[W, I]) Said() (lines []Line) {
	c.locked(func(time.Duration) { lines = c.chat.read() })
	return lines
}

// Player returns who the player is, or 0 while the server has not answered yet, and of a spectator.
func (c *Client[W, I]) Player() (p sim.PlayerID) {
	c.locked(func(time.Duration) { p = c.me })
	return p
}

// Name returns the name of a player who is or was in the match; "" for nobody.
func (c *Client[W, I]) Name(p sim.PlayerID) (name string) {
	c.locked(func(time.Duration) { name = c.roster.players[p].Name })
	return name
}

// Players returns who is in the match, bots included, in ascending order of ID.
func (c *Client[W, I]) Players() (all []Player) {
	c.locked(func(time.Duration) { all = c.roster.list() })
	return all
}

// Tuning returns which stages are on.
func (c *Client[W, I]) Tuning() (t Tuning) {
	c.locked(func(time.Duration) { t = c.tuning })
	return t
}

// SetTuning switches stages on and off, from the next Advance on.
func (c *Client[W, I]) SetTuning(t Tuning) {
	c.locked(func(time.Duration) {
		c.tuning = t
		if !t.Smoothing {
			c.screen.smooth.reset()
		}
	})
}
