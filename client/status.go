package client

import (
	"time"

	"github.com/halftick/halftick/netcode/session"
)

// State is how a client stands with its server.
type State uint8

// The states. A game shows Stalled and Redialing, and goes on drawing.
const (
	Joining   State = iota // the server has not let the player in yet
	Playing                // in the match
	Stalled                // in the match, but the server does not answer; the match goes on when it does
	Redialing              // the session was lost or the server restarted: the client dials again, and then joins anew
	Over                   // for good: see Err
)

func (s State) String() string {
	return [...]string{"joining", "playing", "no answer", "dialling again", "over"}[s]
}

// Status is how a client stands with its server, and since when.
type Status struct {
	State    State
	For      time.Duration // how long it has been so; of Stalled, since the server's last answer
	Sessions int           // so far, the present one included; more than one after the server restarted or a session was lost
	Returned bool          // the present session has the player of an earlier one, with all that was its own
	Attempts int           // of Redialing: how often the server was dialled
	Last     error         // of Redialing: why the latest attempt failed; nil before
	Why      error         // of Redialing and Over: why the last session ended
}

// Status returns how the client stands with its server. Call it once per frame, to tell the player.
func (c *Client[W, I]) Status() (s Status) {
	c.locked(func(now time.Duration) { s = c.statusAt(now) })
	return s
}

func (c *Client[W, I]) statusAt(now time.Duration) Status {
	s := Status{State: Playing, For: now - c.since, Sessions: c.sessions, Returned: c.returned}
	silent, stalled := c.conn.Stalled()
	switch {
	case c.err != nil:
		s.State, s.Why = Over, c.err
	case c.lost != nil:
		s.State, s.Why = Redialing, c.lost
		r := c.host.Redial()
		s.Attempts, s.Last = r.Attempts, r.Last
	case stalled:
		s.State, s.For = Stalled, now-silent
	case !c.entered:
		s.State = Joining
	}
	return s
}

// ended takes the end of a session: for good, unless the host dials again.
func (c *Client[W, I]) ended(now time.Duration, why error) {
	c.since = now
	c.finish()
	if c.redials == nil || !c.redials(why) {
		c.end(why)
		return
	}
	c.lost = closedError(why)
	c.log.Warn("session lost, dialling again", "why", c.lost.Reason)
}

// finish settles what only a session could bring: no view will come to the events that wait, no answer to the calls.
func (c *Client[W, I]) finish() {
	c.events.flush()
	c.calls.fail(ErrLost, &c.events.due)
}

// wait looks, after a session was lost, whether there is a new one.
func (c *Client[W, I]) wait(now time.Duration) {
	if conn := c.host.Conn(); conn != c.conn && conn.Opened() {
		c.rejoin(now, conn)
		return
	}
	for _, ok := c.ep.Event(); ok; _, ok = c.ep.Event() {
		// Of dials, one of which may stand already and be the host's in a moment. A server says nothing before a Hello.
	}
	if r := c.host.Redial(); !r.Active && r.Err != nil {
		c.end(r.Err)
	}
}

// rejoin begins anew in a new session: nothing of the old match is known to hold, though the server may give the player back what it had.
func (c *Client[W, I]) rejoin(now time.Duration, conn *session.Conn) {
	c.before = c.stats()
	c.conn, c.lost, c.since = conn, nil, now
	c.sessions++
	c.begin()
	c.log.Info("new session", "after", c.sessions-1, "transport", conn.Path().Carrier.String())
}

// quiet logs silences of the server.
func (c *Client[W, I]) quiet(ev *session.Event) {
	if ev.Kind == session.Stalled {
		c.log.Warn("the server does not answer", "for", ev.Silence)
	} else {
		c.log.Info("the server answers again", "after", ev.Silence)
	}
}

// add makes the counters of s those of two sessions.
func (s *Stats) add(o *Stats) {
	s.BytesUp += o.BytesUp
	s.BytesDown += o.BytesDown
	s.PacketsUp += o.PacketsUp
	s.PacketsDown += o.PacketsDown
	s.ClockJumps += o.ClockJumps
	s.TicksSkipped += o.TicksSkipped
	s.Corrections += o.Corrections
	s.Resimulated += o.Resimulated
	s.ReplayCapped += o.ReplayCapped
	s.ReplaysSpread += o.ReplaysSpread
	s.MissedInputs += o.MissedInputs
	s.LateInputs += o.LateInputs
	s.EarlyInputs += o.EarlyInputs
	s.Snapshots += o.Snapshots
	s.SnapshotsLost += o.SnapshotsLost
	s.SnapshotsStale += o.SnapshotsStale
	s.SnapshotsUnusable += o.SnapshotsUnusable
	s.SnapshotsMalformed += o.SnapshotsMalformed
	s.ReliableSent += o.ReliableSent
	s.ReliableDelivered += o.ReliableDelivered
	s.ReliableLost += o.ReliableLost
	s.ReliableSurplus += o.ReliableSurplus
}
