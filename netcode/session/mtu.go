package session

import "time"

// mtuState is how large records may be on the path in use. Each path carries MaxDatagram; how much more is found out by trying,
// since nobody who says so can be believed (DPLPMTUD, RFC 8899): a record of zeros that is acknowledged has passed. A session tries when it
// has use for larger records, and so that trying stays a small share of what it sends.
//
//	              24 KiB in full records             acknowledged
//	base size ------------------------> searching <----------------+
//	  ^                                  | |    |                  |
//	  | another path, black hole         | |    +--- the next size +
//	  +----------------------------------+ |    |                  |
//	  |                    nothing between |    +------------------+
//	  |                what passed and what|       lost 3 times
//	  +---------------------------- settled|
//	                                 |  ^--+
//	                                 +-----> searching, after 10 min
//
// The zero value knows that MaxDatagram passes.
type mtuState struct {
	best    uint8         // index into mtuSizes of the largest that passed
	tooLong uint8         // how many of mtuSizes, from the largest on, are known not to pass
	losses  uint8         // of the probe of the next size, in a row
	flying  bool          // a probe is on its way
	full    uint16        // bytes of full records since the last probe left
	again   time.Duration // when all sizes count as unknown once more; 0 while searching

	holes    uint8         // records above MaxDatagram lost in a row, while none below was
	holeSize uint16        // the smallest of them
	holeAt   time.Duration // when the first of them was sent
	seenAt   time.Duration // when that was taken for lost
	passedAt time.Duration // when the newest small record was sent that was acknowledged
	ask      bool          // a small record is to find out whether it passes where large ones seem not to
	asked    uint8         // how often, since a large one was acknowledged
}

// mtuSizes are the sizes that are told apart: what IPv6 or IPv4 and UDP leave of the MTUs that are met with: 1280 (IPv6's
// least), tunnels, 1400, 1420 (WireGuard), 1492 (PPPoE), 1500.
var mtuSizes = [...]uint16{MaxDatagram, 1232, 1252, 1280, 1312, 1344, 1372, 1392, 1400, 1424, 1444, MaxRecordSize}

// size returns the largest record that may leave.
func (m *mtuState) size() int { return int(mtuSizes[m.best]) }

// next returns the size to try, at most most; 0 when the search is over. Most paths carry the largest, so it
// comes first; then halves.
func (m *mtuState) next(most int) int {
	top := len(mtuSizes) - 1 - int(m.tooLong)
	for top > 0 && int(mtuSizes[top]) > most {
		top--
	}
	switch {
	case top <= int(m.best):
		return 0
	case m.tooLong == 0:
		return int(mtuSizes[top])
	}
	return int(mtuSizes[(int(m.best)+top+1)/2])
}

// filled notes that a record of a size had no room for all that there was to send.
func (m *mtuState) filled(now time.Duration, size int) {
	m.full = uint16(min(int(m.full)+size, mtuProbeEvery))
	if m.again > 0 && m.again <= now {
		m.again, m.tooLong, m.losses = 0, 0, 0
	}
}

// due returns the size of the probe that may leave now, 0 for none.
func (m *mtuState) due(most int) int {
	if m.full < mtuProbeEvery || m.flying || m.again > 0 {
		return 0
	}
	return m.next(most)
}

// sent notes that a probe leaves.
func (m *mtuState) sent() { m.flying, m.full = true, 0 }

// passed notes that a probe of a size was acknowledged.
func (m *mtuState) passed(now time.Duration, size, most int) {
	m.flying = false
	for int(m.best) < len(mtuSizes)-1-int(m.tooLong) && int(mtuSizes[m.best+1]) <= size {
		m.best++
		m.losses = 0
	}
	m.settle(now, most)
}

// failed notes that a probe of a size was lost. Chance loses some: only after mtuTries the size is too large.
func (m *mtuState) failed(now time.Duration, size, most int) {
	m.flying = false
	if m.losses++; m.losses < mtuTries {
		return
	}
	m.exclude(size)
	m.settle(now, most)
}

// exclude takes a size and all above for too large.
func (m *mtuState) exclude(size int) {
	for int(m.tooLong) < len(mtuSizes)-1 && int(mtuSizes[len(mtuSizes)-1-int(m.tooLong)]) >= size {
		m.tooLong++
	}
	m.losses = 0
}

// settle ends the search when there is nothing left to try.
func (m *mtuState) settle(now time.Duration, most int) {
	if m.next(most) == 0 {
		m.again = now + mtuSearchEvery
	}
}

// acked notes that a record came through that was sent at a time.
func (m *mtuState) acked(size uint16, sentAt time.Duration) {
	switch {
	case size <= MaxDatagram:
		m.passedAt = max(m.passedAt, sentAt)
	default:
		m.asked = 0
		if size >= m.holeSize {
			m.holes, m.holeSize = 0, 0
		}
	}
}

// lost notes that a record was lost that was sent at a time. A small one says that the path is bad altogether.
func (m *mtuState) lost(now time.Duration, size uint16, sentAt time.Duration) {
	switch {
	case size <= MaxDatagram:
		if sentAt >= m.holeAt {
			m.holes, m.holeSize = 0, 0
		}
	case int(size) > m.size(): // it left before the session fell back
	case m.holes == 0:
		m.holes, m.holeSize, m.holeAt, m.seenAt = 1, size, sentAt, now
	default:
		m.holes = min(m.holes+1, mtuHoles)
		m.holeSize = min(m.holeSize, size)
	}
}

// blackHole reports whether the path swallows large records and lets small ones pass: it has changed without a word. What
// was only late has come within patience.
func (m *mtuState) blackHole(now, patience time.Duration) bool {
	return m.holes >= mtuHoles && m.passedAt > m.holeAt && now-m.seenAt >= patience
}

// fall goes back to the size that every path carries, and lets the search begin below what was swallowed.
func (m *mtuState) fall() {
	m.best, m.again, m.full = 0, 0, 0
	m.exclude(int(m.holeSize))
	m.holes, m.holeSize = 0, 0
}

// mostRecord returns the largest record that carrier and peer take.
func (c *Conn) mostRecord() int {
	if c.path.Carrier.Reliable() || c.ep.unprobed[c.path.Carrier] {
		return MaxDatagram
	}
	return int(c.peerMost)
}

// SetProbing says whether records on a carrier of datagrams may grow beyond MaxDatagram, as the path allows, which is so at first. It
// must be off where the system would cut larger datagrams into fragments instead of losing them.
func (e *Endpoint) SetProbing(on Carrier, probing bool) { e.unprobed[on] = !probing }

// mtuProbe writes a probe of the path's size when one is due: a question, and zeros. Its loss is no news of anything else, and
// nothing in it has to be sent again.
func (c *Conn) mtuProbe(now time.Duration, buf []byte) int {
	size := c.mtu.due(c.mostRecord())
	if size == 0 || c.state != established || c.loss.probes > 0 || c.roam.probe != nil {
		return 0
	}
	if _, all := c.mayWrite(now); !all {
		return 0
	}
	w := c.startRecord(buf, 0)
	w.control(framePing, framePadding)
	at := len(w.buf)
	w.buf = w.buf[:size-tagSize]
	clear(w.buf[at:])
	w.eliciting, w.sizing = true, true
	c.mtu.sent()
	c.stats.SizeProbes++
	return c.finishRecord(now, w, 0, c.headerSize())
}

// doubtSize decides whether to ask, when a probe for silence is due and large records are unanswered. Not for long: a peer may
// answer questions, and have no room for messages of any size.
func (c *Conn) doubtSize() {
	if m := &c.mtu; m.best > 0 && m.asked < mtuAsks && c.sent.largerThan(MaxDatagram) {
		m.ask = true
		m.asked++
	}
}

// mtuAsk writes a small record of nothing but a question, when large ones are not answered.
func (c *Conn) mtuAsk(now time.Duration, buf []byte) int {
	c.mtu.ask = false
	w := c.startRecord(buf, 0)
	w.control(framePing)
	w.eliciting = true
	ping, probing := c.ping, c.probing // what else is to be sent still is
	n := c.finishRecord(now, w, 0, c.headerSize())
	c.ping, c.probing = ping, probing
	return n
}

// sizeAcked takes what the arrival of a record says of the path's size.
func (c *Conn) sizeAcked(now time.Duration, p *sentPacket) {
	switch {
	case p.at < c.roam.movedAt: // on another path
	case p.sizing:
		c.mtu.passed(now, int(p.size), c.mostRecord())
	default:
		c.mtu.acked(p.size, p.at)
	}
}

// sizeLost takes what the loss of a record says of the path's size.
func (c *Conn) sizeLost(now time.Duration, p *sentPacket) {
	if p.at < c.roam.movedAt {
		return
	}
	if p.sizing {
		c.mtu.failed(now, int(p.size), c.mostRecord())
		return
	}
	c.mtu.lost(now, p.size, p.at)
}

// leaveBlackHole falls back when large records are swallowed. What was in flight is cut again as it is sent again.
func (c *Conn) leaveBlackHole(now time.Duration) {
	if c.mtu.best > 0 && c.mtu.blackHole(now, c.rtt.probeTimeout(0)) {
		c.mtu.fall()
		c.stats.BlackHoles++
		c.markReady()
	}
}
