package session

import (
	"cmp"
	"time"
)

// What the driver tells of its carriers, and asks about them.

// SetBlocked tells that a stream carrier takes nothing more for now, or does again. Meanwhile
// nothing is written for it; newest-wins and deadlines go on.
func (e *Endpoint) SetBlocked(p Path, blocked bool) {
	c := e.byPath[p]
	if c == nil {
		return
	}
	if p != c.path {
		if r := c.route(p); r != nil {
			r.blocked = blocked
		}
		return
	}
	c.blocked = blocked
	if !blocked {
		c.markReady()
	}
	e.schedule(c)
}

// Gone tells that a stream carrier has ended. A session that travelled on it waits for its client to come back over
// another, for IdleTimeout at most; one that is not established yet, or was closing, ends.
func (e *Endpoint) Gone(now time.Duration, p Path) {
	c := e.byPath[p]
	switch {
	case c == nil:
	case p != c.path:
		c.dropRoute(p)
	case c.state == over:
		c.leaveAll()
	case c.state == established:
		c.strand(now)
	default:
		c.finish(now, cmp.Or(c.closeErr, &CloseError{Code: CloseCarrier}))
	}
}

// Established reports whether the session on a path was opened and is not over.
func (e *Endpoint) Established(p Path) bool {
	c := e.byPath[p]
	return c != nil && c.Opened() && c.path == p
}

// Over reports whether no session on a path lives, and whether the last one was ended by its peer, who then
// has nothing more to hear.
func (e *Endpoint) Over(p Path) (over, byPeer bool) {
	c := e.byPath[p]
	if c == nil {
		return true, false
	}
	why, _ := c.Err().(*CloseError)
	return why != nil, why != nil && why.Remote
}

// vacate makes a path free for a new session, unless another travels there.
func (e *Endpoint) vacate(p Path) bool {
	switch old := e.byPath[p]; {
	case old == nil:
	case old.state == over:
		e.forget(old)
	case old.path != p:
		old.dropRoute(p)
	default:
		return false
	}
	return true
}

// replaced ends the session whose client has dialled again from the same address, which proves it.
func (e *Endpoint) replaced(now time.Duration, p Path) {
	if e.vacate(p) {
		return
	}
	old := e.byPath[p]
	old.finish(now, &CloseError{Code: CloseCarrier, Reason: "the client dialled again"})
	e.forget(old)
}

// claim gives a path to a session, which has proved it. Another one that travelled there is not there any more: its
// address was given to somebody else.
func (e *Endpoint) claim(p Path, c *Conn) {
	if old := e.byPath[p]; old != c && !e.vacate(p) {
		old.strand(e.now)
	}
	e.byPath[p] = c
}
