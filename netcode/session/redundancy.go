package session

import "time"

// writeRedundancy adds to a record what the peer may be missing: after a probe the oldest messages of
// which nothing is known, else what each channel's Redundancy asks for.
func (c *Conn) writeRedundancy(now time.Duration, w *recordWriter) {
	silence := c.loss.probes > 0
	if silence && now < c.loss.repeatedAt+granularity {
		return // of several records that leave together the first will do
	}
	for i := range c.out {
		if silence {
			c.loss.repeatedAt = now
			c.writeUnheardOf(i, w)
		} else {
			c.writeRepeats(i, w)
		}
	}
}

// writeRepeats repeats the newest small messages in flight, so that one loss costs no round trip.
func (c *Conn) writeRepeats(channel int, w *recordWriter) {
	left, budget := c.ep.cfg.Channels[channel].Redundancy, maxRepeatBytes
	r := &c.out[channel].reliable
	for id := r.next; left > 0 && id > r.base; {
		id--
		m := r.message(id)
		if m.missing == 0 || m.need != 0 || m.lastPN == c.sent.next || len(m.data) > maxRepeatSize {
			continue
		}
		if budget -= len(m.data); budget < 0 || !c.repeat(channel, id, m, w) {
			return
		}
		left--
	}
}

// writeUnheardOf answers silence: since a probe went out and no acknowledgement has come, each record
// repeats the oldest small messages in flight, so that the first one to pass after an outage
// delivers them all. When they are too many for one, those come first that the record before did not carry.
func (c *Conn) writeUnheardOf(channel int, w *recordWriter) {
	r := &c.out[channel].reliable
	left := maxFlush
	for _, again := range []bool{false, true} {
		for id := r.base; left > 0 && id < r.next; id++ {
			m := r.message(id)
			if m.missing == 0 || m.need != 0 || m.lastPN == c.sent.next || len(m.data) > maxRepeatSize ||
				again != (m.lastPN+1 == c.sent.next) {
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
