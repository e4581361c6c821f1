package session

import "time"

// writeRedundancy adds to a record what the peer may be missing. In silence, or when the newest packets were
// lost in a row, that is all it can hold; else what each channel's Redundancy asks for.
func (c *Conn) writeRedundancy(now time.Duration, w *recordWriter) {
	silence := c.loss.probes > 0 || c.weather.dark()
	scattered := c.loss.probes == 0 && c.weather.scattered(now, c.sent.lossOut)
	if silence && now < c.loss.repeatedAt+granularity {
		return // of several records that leave together the first will do
	}
	if silence {
		c.loss.repeatedAt = now
	}
	coded := false
	for k := range c.out {
		i := (k + int(c.sent.next)) % len(c.out) // channels take turns with the coded frame
		ch := &c.ep.cfg.Channels[i]
		switch {
		case !ch.Kind.Reliable() || ch.Kind == Bulk:
		case silence && !(scattered && ch.Redundancy == 0):
			c.writeUnheardOf(i, w)
		case ch.Redundancy > 0:
			c.writeRepeats(now, i, ch.Redundancy, w)
		default:
			coded = c.writeRemedy(now, i, w, coded)
		}
	}
}

// writeRemedy adds what helps a channel whose redundancy adapts to the losses. A record has one coded frame at most; writeRemedy
// reports whether it has it.
func (c *Conn) writeRemedy(now time.Duration, channel int, w *recordWriter, coded bool) bool {
	ch := &c.ep.cfg.Channels[channel]
	help := c.weather.remedy(now, c.sent.lossOut)
	if ch.Redundancy == Frugal {
		help = nothing
	}
	switch help {
	case copying:
		c.writeCopies(now, channel, w)
	case coding:
		if coded || ch.Kind == ReliableLatest {
			c.writeRepeats(now, channel, 1, w)
		} else {
			return c.writeCoded(now, channel, w)
		}
	case nothing:
		if !c.weather.outages() {
			c.writeEncores(channel, w)
		}
	}
	return coded
}

// mayRepeat reports whether a message is in flight, small, and not in this record.
func (c *Conn) mayRepeat(m *reliableMessage) bool {
	return m.missing != 0 && m.need == 0 && m.lastPN != c.sent.next && len(m.data) <= maxRepeatSize
}

// writeRepeats repeats the newest small messages in flight, so that one loss costs no round trip.
// While nothing is known to be missing, what must have been answered just now, if it came, is left out: a moment
// later it will be known.
func (c *Conn) writeRepeats(now time.Duration, channel, left int, w *recordWriter) {
	budget := maxRepeatBytes
	answer := now - c.rtt.rtt() // what was sent then is being answered now
	r := &c.out[channel].reliable
	for id := r.next; left > 0 && id > r.base; {
		id--
		m := r.message(id)
		answered := m.firstAt <= answer+granularity && m.firstAt > answer-c.lateAfter()
		if !c.mayRepeat(m) || answered && c.weather.streak == 0 {
			continue
		}
		if budget -= len(m.data); budget < 0 || !c.affords(len(m.data)) || !c.repeat(channel, id, m, w) {
			return
		}
		left--
	}
}

// writeCopies keeps small messages in several records at a time, as many as copies says. What was not acknowledged in time goes out
// again, oldest first.
//
//	sent first  |<--------------------- round trip -------------------->|<- one beat ->|
//	            now: copies are added         it is being answered: wait   doubtful       again, in each record
//
// Doubtful is what was not acknowledged though none of its records is known to be lost: likely the acknowledgement is. It shares a
// coded frame with a copy of a younger one, for nothing.
func (c *Conn) writeCopies(now time.Duration, channel int, w *recordWriter) {
	r := &c.out[channel].reliable
	due := now - c.rtt.rtt() - c.lateAfter() // what was sent by then ought to be acknowledged
	most, budget := c.copies(), maxRepeatBytes
	joins := len(w.refs) > 0                                // this record is not sent for these copies alone
	justLeft := joins && now < c.sentAt+c.sent.beat.gap*3/4 // the record before has just left, for such copies
	var doubtful *reliableMessage
	var doubtfulID uint64
	for id := r.base; id < r.next; id++ {
		m := r.message(id)
		late := m.firstAt <= due
		switch {
		case !c.mayRepeat(m) || !late && (int(m.copies) >= most || !joins), justLeft && m.lastPN+1 == c.sent.next:
			continue
		case late && joins && !m.missed && m.firstAt > due-c.sent.beat.gap && c.ep.cfg.Channels[channel].Kind != ReliableLatest:
			doubtful, doubtfulID = m, id
			continue
		}
		if budget -= len(m.data); budget < 0 || !c.affords(len(m.data)) {
			return
		}
		f := codedFrame{channel: channel, id: uint16(id), distance: uint8(id - doubtfulID)}
		if doubtful != nil && !late && id-doubtfulID <= codedSpan && w.coded(&f, m.data, doubtful.data) {
			m.copies++
			doubtful = nil
		} else if !c.repeat(channel, id, m, w) {
			return
		}
	}
}

// copies returns in how many records at a time a message travels where many are lost: so many that few messages wait until it is
// known that all of them were. Those are also the ones behind it, the more the longer the round trip is.
func (c *Conn) copies() int {
	waiting := 1.0
	if k := &c.sent.beat; k.rapid() {
		waiting += float64(c.rtt.rtt()) / float64(k.gap)
	}
	chance := c.sent.lossOut
	n := 1
	for ; n < maxRepeats && chance*max(1, waiting-float64(n-1)) > mostLate; n++ {
		chance *= c.sent.lossOut
	}
	return n
}

// writeEncores repeats, once, small messages that were sent again in another record: when that is lost too, and what else
// is lost costs a round trip, the second loss costs none.
func (c *Conn) writeEncores(channel int, w *recordWriter) {
	r := &c.out[channel].reliable
	for r.encores.len() > 0 {
		id := *r.encores.front()
		if id >= r.base {
			m := r.message(id)
			if m.missing != 0 && m.lastPN == c.sent.next {
				return // this record is the one it was sent again in
			}
			if c.mayRepeat(m) && !c.repeat(channel, id, m, w) {
				return
			}
		}
		r.encores.pop()
	}
}

// writeUnheardOf answers silence: while no acknowledgement comes, each record
// repeats the oldest small messages in flight, so that the first one to pass after an outage
// delivers them all. When they are too many for one, those come first that the record before did not carry.
func (c *Conn) writeUnheardOf(channel int, w *recordWriter) {
	r := &c.out[channel].reliable
	left := maxFlush
	for _, again := range []bool{false, true} {
		for id := r.base; left > 0 && id < r.next; id++ {
			m := r.message(id)
			if !c.mayRepeat(m) || again != (m.lastPN+1 == c.sent.next) {
				continue
			}
			if !c.repeat(channel, id, m, w) {
				return
			}
			left--
		}
	}
}

// repeat writes a message that is in flight once more, if it fits.
func (c *Conn) repeat(channel int, id uint64, m *reliableMessage, w *recordWriter) bool {
	f := m.frame(channel, id)
	if !w.fits(&f) {
		return false
	}
	c.writeSent(channel, m, &f, w)
	c.stats.Repeated++
	return true
}

// writeCoded adds the exclusive or of the two newest small messages in flight; or repeats them when they are very small, or
// there is one only. It reports whether the record has a coded frame now.
func (c *Conn) writeCoded(now time.Duration, channel int, w *recordWriter) bool {
	r := &c.out[channel].reliable
	var newest *reliableMessage
	var newestID uint64
	for id := r.next; id > r.base && id+codedSpan > r.next; {
		id--
		m := r.message(id)
		switch {
		case !c.mayRepeat(m):
		case newest == nil:
			newest, newestID = m, id
		case max(len(m.data), len(newest.data)) <= smallMessage:
			c.writeRepeats(now, channel, 2, w)
			return false
		case !c.affords(max(len(m.data), len(newest.data))):
			return false
		default:
			return w.coded(&codedFrame{channel: channel, id: uint16(newestID), distance: uint8(newestID - id)}, newest.data, m.data)
		}
	}
	if newest != nil && c.affords(len(newest.data)) {
		c.repeat(channel, newestID, newest, w)
	}
	return false
}
