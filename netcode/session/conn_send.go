package session

import "time"

// recordWriter assembles one record: the bytes so far and the messages in them.
type recordWriter struct {
	buf       []byte // header and frames; grows up to limit
	limit     int    // where the tag must begin at the latest
	kinds     []Channel
	refs      []sentRef
	eliciting bool
	hold      uint8 // the round of HOLD in it
	lastStart int   // of the last message frame, -1 when something else is last
	lastSize  int   // of its data
	last      lastID
	cut       int  // bytes of a fragment that a record has room for
	crowded   bool // something did not fit
	bulkHeld  bool // Bulk waits for the rate
	most      int  // bytes of a record at most, 0: what the path carries
	sizing    bool // it is a probe of the path's size (mtu.go)
}

// fits reports whether a message frame fits.
func (w *recordWriter) fits(f *messageFrame) bool {
	if len(w.buf)+f.overhead(w.kinds[f.channel].Kind, &w.last)+len(f.data) <= w.limit {
		return true
	}
	w.crowded = true
	return false
}

// message writes a message frame, which fits. of is as in sentRef.
func (w *recordWriter) message(f *messageFrame, of int32) {
	w.lastStart, w.lastSize = len(w.buf), len(f.data)
	w.buf = appendMessage(w.buf, w.kinds[f.channel].Kind, f, &w.last)
	w.refs = append(w.refs, sentRef{channel: uint8(f.channel), fragment: f.index, id: uint16(f.id), of: of})
	w.eliciting = true
}

// control writes a frame that is no message.
func (w *recordWriter) control(frame ...byte) {
	w.buf = append(w.buf, frame...)
	w.lastStart = -1
}

// finish leaves out the length of the last message, which extends to the end of the record.
func (w *recordWriter) finish() []byte {
	if w.lastStart >= 0 {
		w.buf = dropLength(w.buf, w.lastStart, w.lastSize)
		w.lastStart = -1
	}
	return w.buf
}

// transmit writes the session's next datagram into buf and returns its size, 0 when there is nothing to
// send, and where it goes.
func (c *Conn) transmit(now time.Duration, buf []byte) (int, Path) {
	if n, to := c.transmitAside(now, buf); n > 0 {
		return n, to
	}
	to := c.path
	if c.blocked {
		return 0, to
	}
	if c.roam.probe != nil {
		return c.transmitCopied(now, buf), to
	}
	return c.transmitInUse(now, buf), to
}

// transmitInUse writes the next datagram for the path in use.
func (c *Conn) transmitInUse(now time.Duration, buf []byte) int {
	switch c.state {
	case dialing:
		return c.transmitInit(now, buf)
	case closing:
		return c.transmitClose(now, buf)
	case over:
		return 0
	}
	if n := c.transmitRestart(now, buf); n > 0 {
		return n
	}
	prefix := 0
	if c.unconfirmed() {
		prefix = c.appendConfirm(buf)
	}
	return c.transmitRecord(now, buf, prefix)
}

// unconfirmed reports whether the server may not know yet that the session exists.
func (c *Conn) unconfirmed() bool { return !c.acks.any && c.dir == toServer }

// transmitRecord writes a record behind prefix bytes of buf: an acknowledgement if there is any, then
// control frames, lost and new reliable messages, unreliable ones, repetitions.
func (c *Conn) transmitRecord(now time.Duration, buf []byte, prefix int) int {
	if c.sent.farAhead() && now < c.sentAt+aheadEvery {
		return 0
	}
	if c.mtu.ask {
		return c.mtuAsk(now, buf)
	}
	if n := c.mtuProbe(now, buf); n > 0 {
		return n
	}
	w := c.startRecord(buf, prefix)
	c.writeAck(now, w)
	ackEnd := len(w.buf)
	c.writeHold(w)
	start := len(w.buf)
	if c.ping || c.ackOnly >= pingEvery || prefix > 0 && c.sent.eliciting == 0 {
		w.control(framePing)
		w.eliciting = true
	}
	var some, all bool
	if some, all = c.mayWrite(now); some {
		w.bulkHeld = !all
		c.writeMessages(now, w)
		if w.crowded && len(w.buf) == start && !(c.acks.due && c.acks.dueAt <= now) {
			// What has no room beside a long acknowledgement goes without it.
			w = c.startRecord(buf, prefix)
			ackEnd = len(w.buf)
			c.writeHold(w)
			start = len(w.buf)
			c.writeMessages(now, w)
		}
	}
	if all && !c.pending() {
		c.flow.idle(now)
	}
	if len(w.buf) == start && !c.acks.overdue(now) && !c.hold.due {
		return 0
	}
	c.hold.due = false
	if w.crowded && w.most == 0 {
		c.mtu.filled(now, len(w.buf))
	}
	if c.roam.show {
		c.showPath(w)
	}
	return c.finishRecord(now, w, prefix, ackEnd)
}

func (c *Conn) startRecord(buf []byte, prefix int) *recordWriter {
	w := &c.ep.writer
	w.buf = appendHeader(buf[prefix:prefix], c.dir, c.id, c.sent.next)
	w.limit = c.mtu.size() - prefix - tagSize
	w.kinds, w.refs, w.eliciting, w.hold, w.lastStart = c.ep.cfg.Channels, w.refs[:0], false, 0, -1
	w.last, w.crowded, w.sizing = lastID{}, false, false
	w.cut = max(minFragment, w.limit-len(w.buf)-fragmentReserve)
	if w.most > 0 {
		w.limit = min(w.limit, w.most-prefix-tagSize)
	}
	return w
}

// writeAck writes an acknowledgement where the peer waits for one, or one is due; and in what breaks a silence, for
// the last one may have been lost, and a path to a new address is validated with no more bytes than came from there.
func (c *Conn) writeAck(now time.Duration, w *recordWriter) {
	if c.acks.wanted(now) || c.acks.any && c.loss.probes > 0 {
		w.buf = c.acks.appendTo(w.buf, now)
	}
}

// finishRecord seals the record, accounts for it, and returns the size of the datagram.
func (c *Conn) finishRecord(now time.Duration, w *recordWriter, prefix, ackEnd int) int {
	p := sentPacket{at: now, eliciting: w.eliciting, hold: w.hold, sizing: w.sizing}
	if ackEnd > c.headerSize() {
		p.ackedUpTo = c.acks.largest + 1
		c.acks.written(now)
	}
	record := c.key.sealer.Seal(now, w.finish(), c.headerSize(), c.sent.next)
	size := prefix + len(record)
	p.size = uint16(size)
	if c.sent.full() {
		c.giveUpOldest()
	}
	c.sent.push(p, w.refs)
	if len(w.refs) > 0 {
		c.carries(now)
	}
	c.sentAt = now
	if c.sent.next >= c.skipAt {
		c.skipNumber()
	}
	c.ackOnly++
	c.spokeAt = now
	if w.eliciting && !w.sizing {
		c.ping, c.ackOnly = false, 0
		c.asks(now)
		c.probing = false
		c.flow.onSent(now, c.sent.next-1, c.sent.eliciting == 1)
	}
	c.pacer.spend(size)
	c.stats.PacketsSent++
	c.stats.BytesSent += uint64(size)
	return size
}

// headerSize returns the bytes of header of the records that we send.
func (c *Conn) headerSize() int {
	if c.dir == toServer {
		return headerToServer
	}
	return headerToClient
}

// skipNumber leaves out a packet number, which a peer that acknowledges what it has not received cannot know.
func (c *Conn) skipNumber() {
	if c.sent.full() {
		c.giveUpOldest()
	}
	c.sent.skip()
	c.skipAt = c.ep.nextSkip(c.sent.skips, c.sent.next-1)
}

// giveUpOldest takes the oldest packet for lost, to make room in the ring.
func (c *Conn) giveUpOldest() {
	if p := c.sent.packet(c.sent.base); p.fate == inFlight {
		c.sent.settle(p, lost)
		c.onLost(p, c.sent.base)
	}
	c.sent.trim(0)
}

// writeReliable writes the next message or fragment of a reliable channel, if it has one that fits.
func (c *Conn) writeReliable(now time.Duration, channel int, w *recordWriter) {
	r, ch := &c.out[channel].reliable, &c.ep.cfg.Channels[channel]
	c.dropExpired(now, r, ch)
	c.relieve(channel)
	id, ok := r.toSend(ch, c.hold.holds(channel))
	switch {
	case !ok:
		return
	case id == r.next:
		if f := r.firstFrame(channel, w.cut); !w.fits(&f) {
			return
		}
		r.start(w.cut).firstAt = now
	}
	m := r.message(id)
	m.recut(w.cut)
	f := m.frame(channel, id)
	if !w.fits(&f) {
		return
	}
	if m.again {
		c.stats.Retransmitted++
		if r.encores.len() < maxEncores {
			r.encores.push(id)
		}
	}
	c.writeSent(channel, m, &f, w)
	m.need &^= 1 << f.index
	m.sent = m.sent || m.need == 0
}

// writeSent writes a frame, which fits, of a message that has an id.
func (c *Conn) writeSent(channel int, m *reliableMessage, f *messageFrame, w *recordWriter) {
	w.message(f, int32(m.cutting))
	m.lastPN = c.sent.next
	m.copies = min(m.copies+1, maxRepeats)
	if l := c.out[channel].reliable.latest; l != nil {
		l.written(m.key, c.sent.next)
	}
}

// writeUnreliable writes the oldest message of an unreliable channel, or its next fragment, if it fits; what
// has waited past its deadline is dropped.
func (c *Conn) writeUnreliable(now time.Duration, channel int, w *recordWriter) {
	u := &c.out[channel].unreliable
	deadline := c.ep.cfg.Channels[channel].Deadline
	for u.pending() {
		m := u.queue.front()
		if m.fragment == 0 {
			m.cut = cutFor(len(m.data), w.cut)
		}
		if deadline > 0 && now-m.queuedAt > deadline || m.cut > w.cut {
			c.dropUnsent(u)
			continue
		}
		f := m.frame(channel, u.nextID)
		if !w.fits(&f) {
			return
		}
		w.message(&f, m.receipt)
		if m.fragment == 0 && m.receipt != 0 {
			c.receipts.add(m.receipt, pieces(len(m.data), m.cut)-1)
		}
		if m.fragment++; m.fragment == pieces(len(m.data), m.cut) {
			c.ep.buffers.put(u.pop().data)
		}
		return
	}
}

// transmitClose writes a CLOSE when one is due; after the last the session is over.
func (c *Conn) transmitClose(now time.Duration, buf []byte) int {
	if now < c.closeAt {
		return 0
	}
	if c.closeLeft == 0 {
		c.finish(now, c.closeErr)
		return 0
	}
	prefix := 0
	if c.unconfirmed() {
		prefix = c.appendConfirm(buf)
	}
	w := c.startRecord(buf, prefix)
	c.writeAck(now, w)
	ackEnd := len(w.buf)
	w.buf = appendClose(w.buf, c.closeErr.Code, c.closeErr.Reason)
	c.closeLeft--
	c.closeAt = now + closeInterval
	if c.closeLeft == 0 && c.path.Carrier.Reliable() {
		c.closeAt = now
	}
	return c.finishRecord(now, w, prefix, ackEnd)
}
