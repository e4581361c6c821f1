package session

import (
	"time"

	"github.com/halftick/halftick/netcode/secure"
)

// receive takes a record that was addressed to this session: header, tag, number, frames.
func (c *Conn) receive(now time.Duration, from Path, h recordHeader, record []byte) {
	if c.state == over {
		c.ep.drop(DropNoSession)
		return
	}
	pn := extend(h.pn16, 16, c.acks.largest)
	reason, fresh := c.acks.check(pn)
	if !fresh && (pn != c.acks.largest || from == c.path && c.roam.probe == nil) {
		c.ep.drop(reason)
		return
	}
	payload, ok := c.key.opener.Open(now, c.ep.plain[:0], record, h.size, pn)
	switch {
	case !ok:
		c.ep.drop(DropDamaged)
		return
	case !fresh:
		c.ep.drop(reason)
		c.copied(now, from, pn)
		return
	}
	eliciting, ok := parseFrames(payload, c.ep.cfg.Channels)
	if !ok {
		c.ep.drop(DropMalformed)
		return
	}
	if reason, ok := c.accepts(payload); !ok {
		c.ep.drop(reason)
		return
	}
	newest := !c.acks.any || pn > c.acks.largest
	c.acks.receive(now, pn, eliciting, c.ep.cfg.AckDelay, c.lateAfter())
	c.heardAt = now
	c.stats.PacketsReceived++
	c.stats.BytesReceived += uint64(len(record))
	c.arrivedFrom(now, from, newest, onlyPath(payload), len(record))
	c.establish(now)
	c.takeFrames(now, from, payload, pn, newest)
	if eliciting && c.carriedAt != now {
		c.acks.expect(now, now) // a question with nothing to wait for
	}
	c.idle(now)
	if c.acks.overdue(now) {
		c.markReady()
	}
	c.ep.schedule(c)
}

// establish tells the application, once, that the session stands.
func (c *Conn) establish(now time.Duration) {
	if c.opened || c.state > established {
		return
	}
	c.opened, c.state = true, established
	c.dial.ticket, c.dial.refuse = nil, secure.RefuseKey{}
	c.ep.stats.Opened++
	c.ep.stats.Sessions++
	c.tell(Event{Kind: Opened, Conn: c})
}

// accepts reports whether there is room for every message of a record. A record is taken whole or not
// at all: one that is not taken is not acknowledged, so the sender tries again.
func (c *Conn) accepts(payload []byte) (DropReason, bool) {
	full := c.backlogged()
	var last lastID
	fresh := 0
	for b := payload; len(b) > 0; {
		n, f := nextMessage(b, c.ep.cfg.Channels, &last)
		if f.data != nil {
			if full {
				return DropBacklog, false
			}
			if !c.hasRoom(&f, &fresh) {
				return DropWindow, false
			}
			if c.hold.exhausted(f.channel) {
				return DropBacklog, false
			}
		}
		b = b[n:]
	}
	return 0, true
}

// backlogged reports whether the application has to take events before more are made.
func (c *Conn) backlogged() bool {
	return c.pendingEvents >= maxEventsPerConn || c.pendingBytes >= maxEventBytes
}

// hasRoom reports whether a message frame lies within its channel's window. fresh counts the new keys of its record.
func (c *Conn) hasRoom(f *messageFrame, fresh *int) bool {
	ch, in := &c.ep.cfg.Channels[f.channel], &c.in[f.channel]
	switch {
	case ch.Kind == ReliableLatest:
		return in.latest.accepts(f, c.acks.largest, fresh)
	case ch.Kind.Reliable():
		return in.reliable.accepts(ch, f)
	}
	return true
}

// nextMessage returns the size of the first frame of b, which parses, and the frame when it is a message.
func nextMessage(b []byte, channels []Channel, last *lastID) (n int, f messageFrame) {
	switch t := b[0]; {
	case t < 0x40:
		f, n = parseMessage(b, channels, last)
	case isAck(t):
		_, n = parseAck(b)
	case t == framePing:
		n = 1
	case t == framePathChallenge || t == framePathResponse:
		_, n = parsePath(b)
	case t == frameCoded:
		_, n = parseCoded(b, channels)
	case t == frameHold:
		n = holdSize
	case t == framePadding:
		n = len(b)
	default:
		_, n = parseClose(b)
	}
	return n, f
}

// takeFrames acts on the frames of a record that was accepted.
func (c *Conn) takeFrames(now time.Duration, from Path, b []byte, pn uint64, newest bool) {
	var last lastID
	for len(b) > 0 && c.state != over {
		n := 1
		switch t := b[0]; {
		case t < 0x40:
			var f messageFrame
			f, n = parseMessage(b, c.ep.cfg.Channels, &last)
			c.takeMessage(now, &f)
		case isAck(t):
			var f ackFrame
			f, n = parseAck(b)
			c.takeAck(now, f, newest)
		case t == frameCoded:
			var f codedFrame
			f, n = parseCoded(b, c.ep.cfg.Channels)
			c.takeCoded(&f)
		case t == frameHold:
			var held uint16
			held, n = parseHold(b, c.ep.cfg.Channels)
			c.takeHold(now, pn, held)
		case t == frameClose:
			var f closeFrame
			f, n = parseClose(b)
			c.onClose(now, f)
		case t == framePathChallenge:
			var data uint64
			data, n = parsePath(b)
			c.takeChallenge(from, data)
		case t == framePathResponse:
			var data uint64
			data, n = parsePath(b)
			c.takeResponse(now, from, data)
		case t == framePadding:
			n = len(b)
		}
		b = b[n:]
	}
}

// takeMessage hands a message frame to its channel, and on to the application what that completes.
func (c *Conn) takeMessage(now time.Duration, f *messageFrame) {
	c.carries(now)
	in, ch := &c.in[f.channel], &c.ep.cfg.Channels[f.channel]
	p := &c.ep.buffers
	switch ch.Kind {
	case ReliableOrdered, ReliableUnordered, Bulk:
		c.takeReliable(&in.reliable, ch, f)
		c.noteArrival(f)
	case ReliableLatest:
		if data, ok := in.latest.take(p, ch, f, c.acks.largest); ok {
			c.stats.ReliableDelivered++
			c.deliver(f.channel, f.key, data)
		}
	case Sequenced:
		if data, ok := c.whole(now, ch, f); ok {
			if in.sequenced.pass(uint16(f.id)) {
				c.deliver(f.channel, 0, data)
			} else {
				p.put(data)
			}
		}
	case Unreliable:
		if data, ok := c.whole(now, ch, f); ok {
			c.deliver(f.channel, 0, data)
		}
	}
}

// takeReliable delivers the message that a frame completes, or in order those that waited for it. It reports whether
// the message is there for the first time.
func (c *Conn) takeReliable(r *reliableIn, ch *Channel, f *messageFrame) (fresh bool) {
	data, ok := r.take(&c.ep.buffers, ch, f)
	if !ok {
		return false
	}
	ordered := ch.Kind != ReliableUnordered
	if ordered {
		r.keep(f, data)
	} else {
		c.stats.ReliableDelivered++
		c.deliver(f.channel, 0, data)
	}
	for data, ok = r.pop(); ok; data, ok = r.pop() {
		if ordered {
			c.stats.ReliableDelivered++
			c.deliver(f.channel, 0, data)
		}
	}
	return true
}

// whole returns the message that an unreliable frame completes, in a buffer of its own.
func (c *Conn) whole(now time.Duration, ch *Channel, f *messageFrame) ([]byte, bool) {
	if f.count == 0 {
		return c.ep.buffers.copyOf(f.data), true
	}
	return c.partials.add(now, &c.ep.buffers, f, ch.MaxMessage, &c.ep.stats.Drops)
}

func (c *Conn) deliver(channel int, key uint64, data []byte) {
	c.hold.delivered(channel, len(data))
	c.tell(Event{Kind: Message, Conn: c, Channel: channel, Key: key, Data: data})
}

// ackedNumber returns the number that an acknowledgement means. In the peer's newest record it is not below one that
// was acknowledged before. In one that was overtaken it may be, by any number of packets.
func (s *sentState) ackedNumber(low uint16, newest bool) uint64 {
	if newest {
		return s.largestAcked + uint64(low-uint16(s.largestAcked))
	}
	const above = 1 << 12
	most := s.largestAcked + above
	back := uint64(uint16(most) - low)
	if back > most {
		return s.next // none that was sent
	}
	return most - back
}

// takeAck settles the packets that the peer has, takes an RTT sample, and looks for losses. newest says whether the
// acknowledgement is in the peer's newest record.
func (c *Conn) takeAck(now time.Duration, f ackFrame, newest bool) {
	s := &c.sent
	largest := s.ackedNumber(f.largest16, newest)
	if largest >= s.next && !newest {
		return
	}
	if largest >= s.next {
		// "An endpoint MUST treat receipt of an acknowledgment for a packet it did not send as a
		// connection error" (RFC 9000 section 13.1)
		c.violation(now, "acknowledged a packet that was never sent")
		return
	}
	if at, ok := s.sentAt(largest); ok {
		c.loss.told(now, at, f.delay, &c.rtt)
	}
	sample, any, honest, before := time.Duration(-1), false, true, c.flow.delivered
	ok := f.each(largest, func(lo, hi uint64) {
		for pn := max(lo, s.base); pn <= hi && pn < s.next; pn++ {
			p := s.packet(pn)
			if p.fate == acked {
				continue
			}
			if p.fate == skipped {
				honest = false
				return
			}
			if pn == largest && p.fate == inFlight {
				sample = now - p.at
			}
			c.onAcked(now, p)
			any = true
		}
	})
	if !ok {
		c.violation(now, "acknowledged packets below zero")
		return
	}
	if !honest {
		c.violation(now, "acknowledged a packet number that was left out")
		return
	}
	c.key.sealer.Acked(largest)
	if !s.anyAcked || largest > s.largestAcked {
		s.acknowledged(largest)
		c.weather.acked(largest)
	}
	if sample >= 0 && f.delay < maxDelayField {
		c.rtt.update(now, sample, f.delay)
		c.flow.onSample(now, &c.rtt)
	}
	silence := c.loss.probes > 1
	if any {
		c.loss.probes = 0
	}
	c.detectLost(now)
	if any {
		c.answered(now) // of what is lost nobody waits for an answer
	}
	if any && silence {
		c.flow.afterSilence(now, s.next)
	}
	c.govern(now, f.delay, int(c.flow.delivered-before), s.largestAcked)
	if c.state == lingering && c.settled() {
		c.startClosing(now)
	}
}

// onAcked takes the arrival of one packet to its messages.
func (c *Conn) onAcked(now time.Duration, p *sentPacket) {
	late := p.fate == lost
	if late && !p.sizing {
		c.sent.spurious++
		if p.at >= c.roam.movedAt { // else it was not late, but on another path
			c.sent.lossOut = max(0, c.sent.lossOut-lossGain)
			c.loss.sawReordering(now)
		}
	}
	c.sent.settle(p, acked)
	c.flow.onAcked(p)
	c.sizeAcked(now, p)
	c.hold.acked(p.hold)
	if p.ackedUpTo > 0 {
		c.acks.prune(p.ackedUpTo - 1)
	}
	for i := p.firstRef; i < p.firstRef+uint64(p.refs); i++ {
		ref := c.sent.refs[i%uint64(len(c.sent.refs))]
		switch {
		case c.ep.cfg.Channels[ref.channel].Kind.Reliable():
			c.reliableAcked(ref)
		case ref.of != 0 && !late:
			c.settleReceipt(ref.of, 1, false)
		}
	}
}

func (c *Conn) reliableAcked(ref sentRef) {
	m, done := c.out[ref.channel].reliable.acked(ref)
	if !done {
		return
	}
	c.stats.ReliableAcked++
	if m.receipt {
		c.tell(Event{Kind: Acked, Conn: c, Token: m.token})
	}
	c.ep.buffers.put(m.data)
	c.relieve(int(ref.channel))
	c.markReady() // the window may have moved
}

// violation ends a session whose peer broke the protocol.
func (c *Conn) violation(now time.Duration, what string) {
	if c.state >= closing {
		return
	}
	c.closeErr = &CloseError{Code: CloseProtocol, Reason: what}
	c.startClosing(now)
}
