package session

import "time"

// recordWriter assembles one record: the bytes so far and the messages in them.
type recordWriter struct {
	buf       []byte // header and frames; grows up to limit
	limit     int    // where the tag must begin at the latest
	kinds     []Channel
	refs      []sentRef
	eliciting bool
	lastStart int // of the last message frame, -1 when something else is last
	lastSize  int // of its data
}

// fits reports whether a message frame fits.
func (w *recordWriter) fits(f *messageFrame) bool {
	return len(w.buf)+f.overhead(w.kinds[f.channel].Kind)+len(f.data) <= w.limit
}

// message writes a message frame, which fits.
func (w *recordWriter) message(f *messageFrame, receipt int32) {
	w.lastStart, w.lastSize = len(w.buf), len(f.data)
	w.buf = appendMessage(w.buf, w.kinds[f.channel].Kind, f)
	w.refs = append(w.refs, sentRef{channel: uint8(f.channel), fragment: f.index, id: f.id, receipt: receipt})
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
	w := c.startRecord(buf, prefix)
	c.writeAck(now, w)
	ackEnd := len(w.buf)
	if c.ping || c.ackOnly >= pingEvery || prefix > 0 && c.sent.eliciting == 0 {
		w.control(framePing)
		w.eliciting = true
	}
	if c.pacer.refill(now); !c.pacer.empty() {
		c.writeMessages(now, w)
	}
	if len(w.buf) == ackEnd && !(c.acks.due && c.acks.dueAt <= now) {
		return 0
	}
	return c.finishRecord(now, w, prefix, ackEnd)
}

func (c *Conn) startRecord(buf []byte, prefix int) *recordWriter {
	w := &c.ep.writer
	w.buf = appendHeader(buf[prefix:prefix], c.dir, c.id, c.sent.next)
	w.limit = MaxDatagram - prefix - tagSize
	w.kinds, w.refs, w.eliciting, w.lastStart = c.ep.cfg.Channels, w.refs[:0], false, -1
	return w
}

// writeAck writes an acknowledgement once per flush, and whenever there is something new to acknowledge.
func (c *Conn) writeAck(now time.Duration, w *recordWriter) {
	if c.acks.any && (c.acks.fresh || c.acks.writtenAt != now) {
		w.buf = c.acks.appendTo(w.buf, now)
	}
}

// finishRecord seals the record, accounts for it, and returns the size of the datagram.
func (c *Conn) finishRecord(now time.Duration, w *recordWriter, prefix, ackEnd int) int {
	p := sentPacket{at: now, eliciting: w.eliciting}
	if ackEnd > c.headerSize() {
		p.ackedUpTo = c.acks.largest + 1
		c.acks.written(now)
	}
	record := seal(c.key, c.dir, c.sent.next, w.finish())
	size := prefix + len(record)
	p.size = uint16(size)
	if c.sent.full() {
		c.giveUpOldest()
	}
	c.sent.push(p, w.refs)
	c.ackOnly++
	if w.eliciting {
		c.ping, c.ackOnly, c.spokeAt = false, 0, now
		c.asks(now)
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

// giveUpOldest takes the oldest packet for lost, to make room in the ring.
func (c *Conn) giveUpOldest() {
	if p := c.sent.packet(c.sent.base); p.fate == inFlight {
		c.sent.settle(p, lost)
		c.sent.lost++
		c.onLost(p, c.sent.base)
	}
	c.sent.trim(0)
}

// writeMessages fills the record from the channels, in the order of their numbers, reliable ones first.
func (c *Conn) writeMessages(now time.Duration, w *recordWriter) {
	for i := range c.out {
		if c.ep.cfg.Channels[i].Kind.Reliable() {
			c.writeReliable(i, w)
		}
	}
	for i := range c.out {
		if c.out[i].unreliable.pending() {
			c.writeUnreliable(now, i, w)
		}
	}
	if w.eliciting && !c.path.Carrier.Reliable() {
		c.writeRedundancy(w)
	}
}

// writeReliable writes what a reliable channel has to send, in the order of its messages.
func (c *Conn) writeReliable(channel int, w *recordWriter) {
	r := &c.out[channel].reliable
	for id, some := r.toSend(0); some; id, some = r.toSend(id) {
		m := r.message(id)
		f := messageFrame{channel: channel, id: uint16(id), data: m.data}
		if n := fragmentsOf(len(m.data)); n > 1 {
			f.index, f.count = lowestBit(m.need), uint8(n)
			f.data = fragment(m.data, int(f.index))
		}
		if !w.fits(&f) {
			return
		}
		if m.sent && m.lastPN != c.sent.next {
			c.stats.Retransmitted++
		}
		w.message(&f, 0)
		m.need &^= 1 << f.index
		m.lastPN = c.sent.next
		m.sent = m.sent || m.need == 0
	}
}

// writeUnreliable writes what an unreliable channel has to send, oldest first; what has waited past
// its deadline is dropped.
func (c *Conn) writeUnreliable(now time.Duration, channel int, w *recordWriter) {
	u := &c.out[channel].unreliable
	deadline := c.ep.cfg.Channels[channel].Deadline
	for u.pending() {
		m := u.front()
		if deadline > 0 && now-m.queuedAt > deadline {
			c.dropUnsent(u)
			continue
		}
		n := fragmentsOf(len(m.data))
		f := messageFrame{channel: channel, id: u.nextID, data: m.data}
		if n > 1 {
			f.index, f.count, f.data = uint8(m.fragment), uint8(n), fragment(m.data, m.fragment)
		}
		if !w.fits(&f) {
			return
		}
		w.message(&f, m.receipt)
		if m.fragment++; m.fragment == n {
			c.ep.buffers.put(u.pop().data)
		}
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
