package session

import "time"

// stallState notices silence. The zero value waits for nothing.
type stallState struct {
	asked   bool          // something that asks for an answer left, and none came since
	askedAt time.Duration // when, or the last answer if that is later
	stalled bool          // Stalled was told
}

// Stalled reports whether the peer owes an answer for longer than Config.StallAfter, and since when.
func (c *Conn) Stalled() (since time.Duration, stalled bool) {
	return c.silence.askedAt, c.silence.stalled
}

// asks notes that something that asks for an answer leaves.
func (c *Conn) asks(now time.Duration) {
	if s := &c.silence; !s.asked {
		s.asked, s.askedAt = true, now
	}
}

// answered notes that the peer has acknowledged something that was not before.
func (c *Conn) answered(now time.Duration) {
	s := &c.silence
	if s.stalled {
		s.stalled = false
		c.tell(Event{Kind: Resumed, Conn: c, Silence: now - s.askedAt})
	}
	s.asked, s.askedAt = c.sent.eliciting > 0, now
}

// stallAt returns when the silence becomes a stall.
func (c *Conn) stallAt() (at time.Duration, ok bool) {
	after := c.ep.cfg.StallAfter
	if s := &c.silence; after < 0 || !s.asked || s.stalled || c.state != established {
		return 0, false
	}
	return c.silence.askedAt + after + c.rtt.rtt(), true
}

// stall tells, once, that the peer does not answer.
func (c *Conn) stall(now time.Duration) {
	s := &c.silence
	if s.stalled {
		return
	}
	c.asks(now)
	s.stalled = true
	c.stats.Stalls++
	c.tell(Event{Kind: Stalled, Conn: c, Silence: now - s.askedAt})
}
