package session

import (
	"encoding/binary"
	"slices"
	"time"
)

// Path validation (RFC 9000 section 8.2): who answers eight random bytes that were sent to an address, in an
// authentic record from there, is there.

// pathProbe is the validation of one path under way.
type pathProbe struct {
	path    Path
	data    uint64 // of the PATH_CHALLENGE to path
	oldData uint64 // of the one to the path in use, when its host is another
	askOld  bool
	left    int           // challenges to path still to be sent
	at      time.Duration // when the next is due
	askedAt time.Duration // when the last left
	until   time.Duration // when the validation is given up
	credit  int           // bytes received from path less bytes sent there
	free    bool          // credit does not matter: we chose the path ourselves
	copied  []byte        // the record that left last for the path in use, while it is to go to path too
}

// pathAnswer is a PATH_RESPONSE that waits to be sent.
type pathAnswer struct {
	to   Path
	data uint64
}

// aside reports whether something waits that does not depend on the path in use.
func (r *roaming) aside() bool { return len(r.answers) > 0 || r.probe != nil }

// Probe asks the server over another path whether that works both ways, while the session stays where it is. The
// answer is seen by Probed. Three challenges are sent, probeInterval apart. The error is ErrNoPath.
func (c *Conn) Probe(now time.Duration, to Path) error {
	if !c.mayTravel(to) || to == c.path && !c.roam.adrift {
		return ErrNoPath
	}
	c.ep.claim(to, c)
	if c.route(to) == nil {
		c.addRoute(route{path: to})
	}
	c.route(to).proved = false
	c.startProbe(now, to)
	c.roam.probe.free = true
	c.markReady()
	c.ep.schedule(c)
	return nil
}

// Probed reports whether a path has answered a Probe since.
func (c *Conn) Probed(p Path) bool {
	r := c.route(p)
	return r != nil && r.proved
}

func (c *Conn) startProbe(now time.Duration, to Path) {
	p := c.roam.probe
	if p == nil {
		p = new(pathProbe)
		c.roam.probe = p
	}
	// "a PATH_CHALLENGE frame containing an unpredictable payload" (RFC 9000 section 8.2.1)
	*p = pathProbe{
		copied: p.copied[:0],
		path:   to, data: c.ep.random.Uint64(), oldData: c.ep.random.Uint64(),
		left: challengeTries, at: now, until: now + challengeTries*challengeInterval,
	}
}

// challenge starts the validation of the address that the client's newest record came from. Only the newest such
// address is asked.
func (c *Conn) challenge(now time.Duration, from Path, size int) {
	if p := c.roam.probe; p != nil && p.path == from {
		c.markReady() // there may be credit now
		return
	}
	if inner(from) && !inner(c.path) { // we would send where the sender itself may not (RFC 9000 section 21.5.6)
		c.ep.stats.MovesRefused++
		return
	}
	if !c.roam.adrift && !c.mayMove(now) {
		return
	}
	c.startProbe(now, from)
	p := c.roam.probe
	p.credit, p.at = size, now+c.copyComesIn(now, size)
	c.markReady()
	p.askOld = c.path.Carrier == UDP && c.path.Addr.Addr() != from.Addr.Addr() && !c.roam.adrift
}

// copyComesIn returns how long the first challenge waits for a record that is to be copied (transmitCopied), unless that comes sooner. What
// the client's first record pays for is a challenge or, if the next is as small as the last, one of the game's records, for which the player waits.
func (c *Conn) copyComesIn(now time.Duration, credit int) time.Duration {
	s := &c.sent
	for pn := s.next; pn > s.base; pn-- {
		p := s.packet(pn - 1)
		if now-p.at > slowestBeat || p.refs > 0 && int(p.size) > credit {
			break
		}
		if p.refs > 0 {
			return slowestBeat
		}
	}
	return 0
}

// challengeDue reports whether a challenge may leave to the path that is validated: no more bytes go there than came.
func (c *Conn) challengeDue(now time.Duration) bool {
	p := c.roam.probe
	return p != nil && p.left > 0 && p.at <= now && c.challengeAllowed()
}

func (c *Conn) challengeAllowed() bool {
	p := c.roam.probe
	return p.free || p.credit >= c.headerSize()+pathFrameSize+tagSize
}

// probeDeadline returns when the validation under way has something to do.
func (c *Conn) probeDeadline() (at time.Duration, ok bool) {
	p := c.roam.probe
	if p == nil {
		return 0, false
	}
	if p.left > 0 && c.challengeAllowed() {
		return min(p.at, p.until), true
	}
	return p.until, true
}

// advanceProbe gives up a validation that got no answer.
func (c *Conn) advanceProbe(now time.Duration) {
	if p := c.roam.probe; p != nil && p.until <= now {
		c.refuseMove()
	}
}

// transmitAside writes a record that does not go where the session travels, or need not: an answer to a challenge, or one.
func (c *Conn) transmitAside(now time.Duration, buf []byte) (int, Path) {
	if c.state != established && c.state != lingering {
		return 0, c.path
	}
	switch r := &c.roam; {
	case r.probe != nil && len(r.probe.copied) > 0:
		return c.sendCopy(buf), r.probe.path
	case len(r.answers) > 0:
		a := r.answers[0]
		r.answers = slices.Delete(r.answers, 0, 1)
		return c.writePathFrame(now, buf, framePathResponse, a.data), a.to
	case c.challengeDue(now):
		p := r.probe
		p.left--
		p.askedAt, p.at = now, now+challengeInterval
		n := c.writePathFrame(now, buf, framePathChallenge, p.data)
		p.credit -= n
		return n, p.path
	case r.probe != nil && r.probe.askOld:
		r.probe.askOld = false
		return c.writePathFrame(now, buf, framePathChallenge, r.probe.oldData), c.path
	}
	return 0, c.path
}

// copyRoom returns how large a record may be to be sent to the path that is validated as well, 0 for none at all. Most likely
// the client is there, behind a NAT that has given it another port, and what goes to the old one is lost. No more bytes go there
// than came, challenges first. Who only copies the client's packets takes nothing away: a record is taken once.
func (c *Conn) copyRoom(now time.Duration) int {
	p := c.roam.probe
	if p == nil || p.free || p.left > 0 && p.at <= now || c.state != established && c.state != lingering {
		return 0
	}
	return p.credit
}

// transmitCopied writes the next record for the path in use, and keeps it for the one that is validated. The first is as small as
// that takes, so that what is small does not wait for credit beside what is large.
func (c *Conn) transmitCopied(now time.Duration, buf []byte) (n int) {
	room := c.copyRoom(now)
	if room >= leastCopy {
		c.ep.writer.most = room
		n = c.transmitInUse(now, buf)
		c.ep.writer.most = 0
	}
	if n == 0 {
		n = c.transmitInUse(now, buf)
	}
	if p := c.roam.probe; p != nil && n > 0 && c.ep.writer.eliciting {
		if n <= room {
			p.copied = append(p.copied[:0], buf[:n]...)
		}
		if p.left == challengeTries {
			p.at = now // the challenge has waited for this record
		}
		c.markReady()
	}
	return n
}

// sendCopy writes the record that copyAside kept.
func (c *Conn) sendCopy(buf []byte) int {
	p := c.roam.probe
	n := copy(buf, p.copied)
	p.copied = p.copied[:0]
	p.credit -= n
	c.stats.PacketsCopied++
	return n
}

// writePathFrame writes a record of one frame, which nobody acknowledges: its loss is repaired by the next.
func (c *Conn) writePathFrame(now time.Duration, buf []byte, kind byte, data uint64) int {
	w := c.startRecord(buf, 0)
	w.control(pathFrame(kind, data)...)
	return c.finishRecord(now, w, 0, c.headerSize())
}

// takeChallenge takes a PATH_CHALLENGE. "On receiving a PATH_CHALLENGE frame, an endpoint MUST respond by echoing the
// data contained in the PATH_CHALLENGE frame in a PATH_RESPONSE frame", "on the network path where the
// PATH_CHALLENGE frame was received" (RFC 9000 section 8.2.2).
func (c *Conn) takeChallenge(from Path, data uint64) {
	r := &c.roam
	if len(r.answers) >= maxAnswers {
		r.answers = slices.Delete(r.answers, 0, 1)
	}
	r.answers = append(r.answers, pathAnswer{from, data})
	c.markReady()
}

// takeResponse takes a PATH_RESPONSE.
func (c *Conn) takeResponse(now time.Duration, from Path, data uint64) {
	p := c.roam.probe
	switch {
	case p == nil:
	case c.dir == toClient && from == c.path && data == p.oldData:
		c.refuseMove() // the client is where it was
	case from != p.path || data != p.data:
	case c.dir == toServer:
		c.roam.probe = nil
		if r := c.route(from); r != nil {
			r.proved = true
		}
	default:
		once, trip := p.left == challengeTries-1, now-p.askedAt
		c.move(now, from)
		if once && !c.rtt.sampled { // an answer that waited for nothing, to the only question
			c.rtt.update(now, trip, 0)
		}
		c.ping = true
		c.markReady()
	}
}

// onlyPath reports whether a record has PATH frames alone. "A packet containing only probing frames is a probing
// packet" (RFC 9000 section 9.1): it says nothing of where the session should travel.
func onlyPath(payload []byte) bool {
	for len(payload) > 0 {
		if payload[0] != framePathChallenge && payload[0] != framePathResponse {
			return false
		}
		payload = payload[pathFrameSize:]
	}
	return true
}

// pathFrame returns a PATH frame.
func pathFrame(kind byte, data uint64) []byte {
	return binary.LittleEndian.AppendUint64([]byte{kind}, data)
}

// parsePath reads the data of a PATH frame and returns the number of bytes the frame takes, 0 when it is malformed.
func parsePath(b []byte) (data uint64, n int) {
	if len(b) < pathFrameSize {
		return 0, 0
	}
	return binary.LittleEndian.Uint64(b[1:]), pathFrameSize
}
