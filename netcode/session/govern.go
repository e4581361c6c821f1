package session

import "time"

// governed reports whether the rate follows what the path delivers. A reliable carrier has a control of its own.
func (c *Conn) governed() bool {
	return c.ep.cfg.Congestion == DelayBased && !c.path.Carrier.Reliable()
}

// startFlow forgets what was learned of a path and its rate.
func (c *Conn) startFlow(now time.Duration) {
	rate := c.ep.cfg.Rate
	c.flow = newCongestion(rate)
	c.pacer = newPacer(float64(rate), paceBurst, now)
	if c.governed() {
		c.pacer = newPacer(c.flow.pace, minBurst, now)
	}
}

// mayWrite reports whether messages may leave now, and whether Bulk may too. Bulk waits while the session is ahead
// of its rate or has enough in flight; the others leave all the same, up to a debt, so that a game does not
// wait behind a download. When they leave Bulk nothing for long they wait as well. A probe waits for nothing.
func (c *Conn) mayWrite(now time.Duration) (some, all bool) {
	c.pacer.refill(now)
	some, all = c.pacer.allows()
	if c.turns.waited >= bulkPatience {
		some = all
	}
	c.held, c.full = !all, !c.room()
	return some || c.probing, all && !c.full || c.probing
}

// room reports whether more may be in flight.
func (c *Conn) room() bool {
	return !c.governed() || c.sent.bytes < c.flow.window(&c.rtt, c.peerDelay)
}

// affords reports whether n bytes may be spent on repeating what has probably arrived: not much ahead of the rate.
func (c *Conn) affords(n int) bool { return c.pacer.tokens+maxDebt/2 >= float64(n) }

// govern sets the rate after an acknowledgement of packets up to largest, acked bytes of them new, that the peer
// held back for delay.
func (c *Conn) govern(now, delay time.Duration, acked int, largest uint64) {
	if !c.governed() {
		return
	}
	c.flow.record = c.mtu.size()
	c.flow.onAck(now, news{now - delay, acked, largest, c.sent.next, c.rtt.rtt() + c.peerDelay}, &c.rtt)
	c.pacer.set(now, c.flow.pace)
	if c.full && c.room() {
		c.markReady()
	}
}

// SendBudget returns how many bytes an application that sends on a beat may queue now, so that they leave
// within 20 ms and nothing builds up. It is 0 or less when as much waits already; the session then
// knows that there would be more to send, and finds out whether the path takes it.
func (c *Conn) SendBudget(now time.Duration) int {
	c.pacer.refill(now)
	n := int(c.pacer.tokens + c.pacer.rate*budgetTime.Seconds())
	for i := range c.out {
		n -= c.out[i].unreliable.bytes
	}
	if n <= 0 {
		c.flow.wanted(now)
	}
	return n
}
