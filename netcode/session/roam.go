package session

import (
	"errors"
	"slices"
	"time"
)

// A session outlives its paths. Which one its records travel on is the client's choice: it says so by sending its
// newest record there. The server follows
//
//	to a carrier whose own handshake proves the address (TCP): at once
//	to a path that it had proved a moment ago:                 at once
//	to another UDP address:                                    when that has answered a PATH_CHALLENGE (validate.go)
//
// so that whoever copies or forwards a client's packets gets hold of the session until the client's next packet at most.

// roaming is what a session knows of paths besides the one in use. The zero value knows of none.
type roaming struct {
	routes  []route
	probe   *pathProbe    // of a path that is not proved yet; nil when there is none
	answers []pathAnswer  // newest last, at most maxAnswers
	adrift  bool          // the path in use has ended, there is no other
	movedAt time.Duration // when the path in use was taken
	credit  time.Duration // of moves, as a time: see mayMove
	show    bool          // the next record is as large as any, so that the server may answer with as much at once
}

// route is a path that a session may travel and does not travel now.
type route struct {
	path    Path
	blocked bool
	home    time.Duration // until then the server returns there without asking
	proved  bool          // at a client: it answered a PATH_CHALLENGE
}

// ErrNoPath is returned by Use and Probe when the session cannot travel that way.
var ErrNoPath = errors.New("session: not a path for this session: it is taken by another, or the session is not established here by dialling")

// Use makes the session of a client travel over another path to the same server, from its next record on; the
// server follows. What was in flight is sent again there, and reliable channels go on exactly once. On the path
// in use already it asks for an answer at once, for when the client's own address may have changed. The next record on UDP is
// of MaxDatagram bytes: so much may then come back before the server has proved the address. The error is ErrNoPath.
func (c *Conn) Use(now time.Duration, to Path) error {
	if !c.mayTravel(to) {
		return ErrNoPath
	}
	if c.path != to || c.roam.adrift {
		c.move(now, to)
	}
	c.ping, c.roam.show = true, to.Carrier == UDP
	c.markReady()
	c.ep.schedule(c)
	return nil
}

// showPath fills a record that shows the server another address.
func (c *Conn) showPath(w *recordWriter) {
	c.roam.show = false
	if most := min(w.limit, MaxDatagram-tagSize); len(w.buf) < most {
		w.control(framePadding)
		at := len(w.buf)
		w.buf = w.buf[:most]
		clear(w.buf[at:])
	}
}

// mayTravel reports whether a client may send this session's records to a path.
func (c *Conn) mayTravel(to Path) bool {
	if c.dir != toServer || !c.Opened() || c.state >= closing {
		return false
	}
	old := c.ep.byPath[to]
	return old == nil || old == c || old.state == over || old.path != to
}

// arrivedFrom looks at where an authentic record came from: the newest one, unless it only probes the path, says
// where its sender is.
func (c *Conn) arrivedFrom(now time.Duration, from Path, newest, probing bool, size int) {
	if c.dir == toServer || c.state == over {
		return
	}
	p := c.roam.probe
	if p != nil && p.path == from {
		p.credit += size
	}
	switch {
	case !newest || probing:
	case from == c.path && !c.roam.adrift:
		if p != nil { // the client is still here: somebody else sent a copy
			c.refuseMove()
		}
	case c.isHome(now, from) || from.Carrier != UDP && (c.roam.adrift || c.mayMove(now)):
		c.move(now, from)
		c.ping = true
		c.markReady()
	case from.Carrier == UDP:
		c.challenge(now, from, size)
	}
}

// copied looks at an authentic record that was received before. When the newest came a second time from where the
// client was a moment ago, then the first was a copy that had overtaken it.
func (c *Conn) copied(now time.Duration, from Path, pn uint64) {
	if c.dir == toServer || c.state == over || pn != c.acks.largest {
		return
	}
	if from == c.path && c.roam.probe != nil {
		c.refuseMove()
		return
	}
	if from != c.path && c.isHome(now, from) {
		left := c.path
		c.move(now, from)
		c.forgetHome(left)
		c.ping = true
		c.ep.stats.MovesUndone++
		c.markReady()
		c.ep.schedule(c)
	}
}

// refuseMove gives up the validation of a path.
func (c *Conn) refuseMove() {
	c.roam.probe = nil
	c.ep.stats.MovesRefused++
}

// isHome reports whether the session was on a path a moment ago.
func (c *Conn) isHome(now time.Duration, p Path) bool {
	r := c.route(p)
	return r != nil && now < r.home
}

func (c *Conn) forgetHome(p Path) {
	if r := c.route(p); r != nil {
		r.home = 0
	}
}

// mayMove takes one of the moves to new paths that a session has: maxMoves at once, another per moveEvery.
func (c *Conn) mayMove(now time.Duration) bool {
	next := max(c.roam.credit, now) + moveEvery
	if next-now > maxMoves*moveEvery {
		c.ep.stats.MovesRefused++
		return false
	}
	c.roam.credit = next
	return true
}

// move makes the session travel over another path.
func (c *Conn) move(now time.Duration, to Path) {
	from, adrift := c.path, c.roam.adrift
	blocked := false
	if r := c.route(to); r != nil {
		blocked = r.blocked
		c.dropRoute(to)
	}
	if !adrift && from != to {
		c.addRoute(route{path: from, blocked: c.blocked, home: now + pathMemory})
	}
	c.ep.claim(to, c)
	if c.dir == toClient {
		c.ep.networks.leave(from)
		c.ep.networks.enter(to)
	}
	c.path, c.blocked = to, blocked
	c.roam.adrift, c.roam.probe, c.roam.movedAt = false, nil, now
	c.restart.at, c.mtu = now, mtuState{}
	if from.Addr.Addr() != to.Addr.Addr() {
		c.pathChanged(now)
	}
	if from.Carrier != to.Carrier {
		c.loss = lossState{}
		c.startFlow(now)
	}
	c.repack(now)
	c.acks.fresh = c.acks.any // what was acknowledged on the old path may not have arrived
	c.stats.Moves++
	c.ep.stats.Moves++
	c.tell(Event{Kind: Moved, Conn: c})
}

// pathChanged forgets what was measured on another network path. "On confirming a peer's ownership of its new
// address, an endpoint MUST immediately reset the congestion controller and round-trip time estimator ... unless the
// only change in the peer's address is its port number" (RFC 9000 section 9.4).
func (c *Conn) pathChanged(now time.Duration) {
	c.rtt = rttState{}
	c.startFlow(now)
}

// repack takes everything in flight for lost, once, so that it is sent again on the new path. It is no sign of congestion.
func (c *Conn) repack(now time.Duration) {
	share := c.sent.lossOut
	for pn := c.sent.base; pn < c.sent.next; pn++ {
		if p := c.sent.packet(pn); p.fate == inFlight {
			c.sent.settle(p, lost)
			c.onLost(p, pn)
		}
	}
	c.sent.lossOut = share
	c.flow.begin(now, c.sent.next)
	c.loss.probes, c.loss.timer = 0, false
}

func (c *Conn) route(p Path) *route {
	for i := range c.roam.routes {
		if c.roam.routes[i].path == p {
			return &c.roam.routes[i]
		}
	}
	return nil
}

// addRoute remembers a path; the oldest gives way when there are too many.
func (c *Conn) addRoute(r route) {
	c.dropRoute(r.path)
	if len(c.roam.routes) >= maxRoutes {
		c.dropRoute(c.roam.routes[0].path)
	}
	c.roam.routes = append(c.roam.routes, r)
	c.ep.byPath[r.path] = c
}

func (c *Conn) dropRoute(p Path) {
	i := slices.IndexFunc(c.roam.routes, func(r route) bool { return r.path == p })
	if i < 0 {
		return
	}
	c.roam.routes = slices.Delete(c.roam.routes, i, i+1)
	if c.ep.byPath[p] == c && (p != c.path || c.roam.adrift) {
		delete(c.ep.byPath, p)
		c.ep.stats.PathsLeft++
	}
}

// leaveAll gives up every path, the one in use included.
func (c *Conn) leaveAll() {
	for len(c.roam.routes) > 0 {
		c.dropRoute(c.roam.routes[0].path)
	}
	if c.ep.byPath[c.path] == c {
		delete(c.ep.byPath, c.path)
	}
	c.roam = roaming{}
}

// strand leaves a session without a path, until its client comes back on another or IdleTimeout ends it.
func (c *Conn) strand(now time.Duration) {
	if c.ep.byPath[c.path] == c {
		delete(c.ep.byPath, c.path)
	}
	c.roam.adrift, c.blocked, c.roam.probe = true, true, nil
	c.stall(now)
	c.ep.schedule(c)
}

// Adrift reports whether the session's path has ended and it waits for another: see Use.
func (c *Conn) Adrift() bool { return c.roam.adrift }
