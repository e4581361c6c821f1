package client

import (
	"errors"
	"time"

	"github.com/halftick/halftick/netcode/replica"
)

// ackEvery is how often a spectator says what it has while nothing new comes, in case that was lost.
const ackEvery = 100 * time.Millisecond

// crowd is what a client knows of those who watch.
type crowd struct {
	watch    bool // this one does, and has no player
	audience replica.Audience
	said     time.Duration // when it last said what it has
}

// errSpectator is returned to those who only watch and want to be heard.
var errSpectator = errors.New("client: a spectator is not heard")

// Audience is who else is watching.
type Audience struct {
	Spectators int           // oneself included, as of the last second or so
	Delay      time.Duration // how long after it happened they are told anything
}

// Audience returns how many are watching the match: also to those who play.
func (c *Client[W, I]) Audience() (a Audience) {
	c.locked(func(time.Duration) { a = Audience(c.crowd.audience) })
	return a
}

// acknowledge tells the server, for one who only watches, which snapshots are here.
func (c *Client[W, I]) acknowledge(now time.Duration, fresh bool) {
	if !c.crowd.watch || c.snaps.count == 0 || !fresh && now-c.crowd.said < ackEvery {
		return
	}
	c.crowd.said = now
	c.buf = c.inputs.Append(c.buf[:0], c.snaps.ack(), nil)
	_ = c.conn.Send(now, replica.ChanInput, c.buf) // the next one says it again
}
