package session

import "time"

// Close ends the session. What was queued on reliable channels is still delivered, for at most
// Config.Linger; then the peer is told the code and the reason (cut to 128 bytes), and the Closed
// event follows here. A second Close, and one of a session that is over, does nothing.
func (c *Conn) Close(now time.Duration, code CloseCode, reason string) {
	if c.state >= lingering {
		return
	}
	c.closeErr = &CloseError{Code: code, Reason: reason[:min(len(reason), maxCloseReason)]}
	if c.state == dialing {
		c.finish(now, c.closeErr)
		return
	}
	c.state = lingering
	c.lingerUntil = now + max(0, c.ep.cfg.Linger)
	if c.ep.cfg.Linger < 0 || c.settled() {
		c.startClosing(now)
	}
	c.markReady()
	c.ep.schedule(c)
}

// settled reports whether every reliable message was acknowledged and nothing else waits.
func (c *Conn) settled() bool {
	for i := range c.out {
		if c.out[i].reliable.pending() || c.out[i].unreliable.pending() {
			return false
		}
	}
	return true
}

// startClosing begins to send CLOSE: several times, since nothing acknowledges it; once where nothing is lost.
func (c *Conn) startClosing(now time.Duration) {
	c.state = closing
	c.closeAt = now
	c.closeLeft = closeRepeats
	if c.path.Carrier.Reliable() {
		c.closeLeft = 1
	}
	c.markReady()
	c.ep.schedule(c)
}

// finish ends the session here and now, tells the application why, and gives its memory back. The
// session's id is remembered for drainTime, so that late packets meet silence.
func (c *Conn) finish(now time.Duration, why *CloseError) {
	if c.state == over {
		return
	}
	c.ep.lose(now, c, why.Code)
	c.state = over
	c.closeErr = why
	c.closeAt = now + drainTime
	for i := range c.out {
		c.releaseChannel(i)
	}
	c.partials.reset(&c.ep.buffers)
	for i := range c.receipts.list {
		if r := &c.receipts.list[i]; r.parts > 0 && !r.lost {
			c.tell(Event{Kind: Lost, Conn: c, Token: r.token})
		}
	}
	c.receipts = receipts{}
	c.key, c.dial, c.restart.shake = nil, dialState{}, nil // nobody can read the session from memory any more
	c.acks.due, c.loss.timer, c.ping, c.roam.probe = false, false, false, nil
	c.ep.finished(c)
	c.tell(Event{Kind: Closed, Conn: c, Err: why})
	c.ep.schedule(c)
}

// Abandon ends the session here and now, without a word to the peer: there is no way to it any more.
func (c *Conn) Abandon(now time.Duration) { c.finish(now, &CloseError{Code: CloseCarrier}) }

// releaseChannel gives back what a channel holds; who asked for a receipt learns that the message is lost.
func (c *Conn) releaseChannel(i int) {
	out, in := &c.out[i], &c.in[i]
	for out.unreliable.pending() {
		c.dropUnsent(&out.unreliable)
	}
	for id := out.reliable.base; id < out.reliable.next; id++ {
		if m := out.reliable.message(id); m.missing != 0 {
			c.giveUp(m.data, m.receipt, m.token)
		}
	}
	for out.reliable.waiting.len() > 0 {
		m := out.reliable.waiting.pop()
		c.giveUp(m.data, m.receipt, m.token)
	}
	out.reliable = reliableOut{}
	in.reliable.reset(&c.ep.buffers)
	in.latest.reset(&c.ep.buffers)
}

// giveUp takes back the data of a reliable message that is not sent any more.
func (c *Conn) giveUp(data []byte, receipt bool, token uint64) {
	if receipt {
		c.tell(Event{Kind: Lost, Conn: c, Token: token})
	}
	c.ep.buffers.put(data)
}

// onClose takes the peer's CLOSE.
func (c *Conn) onClose(now time.Duration, f closeFrame) {
	if c.state == over {
		return
	}
	c.finish(now, &CloseError{Code: f.code, Remote: true, Reason: string(f.reason)})
}
