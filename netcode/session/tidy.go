package session

import "time"

// What grew with traffic shrinks without: a server has room for thousands of sessions that say nothing, each of
// which may have been busy once.

// tidyAfter is how long a session carries no message before it gives its rings back.
const tidyAfter = 4 * time.Second

// tidyEvery is how often an endpoint lets go of what it has not needed since.
const tidyEvery = 10 * time.Second

// carries notes that a record carries a message.
func (c *Conn) carries(now time.Duration) { c.carriedAt, c.untidy = now, true }

// idle runs when a record came: without messages for long, the rings go. A server that only answers pings is told
// by nobody that its answers came, and forgets them by itself.
func (c *Conn) idle(now time.Duration) {
	if now-c.carriedAt < tidyAfter {
		return
	}
	c.trim(now)
	if !c.untidy {
		return
	}
	c.untidy = false
	c.sent.shrink()
	for i := range c.out {
		r := &c.out[i].reliable
		if r.base == r.next {
			r.ring = nil
		}
		r.again.shrink()
		r.encores.shrink()
		r.waiting.shrink()
		c.out[i].unreliable.queue.shrink()
	}
	for i := range c.in {
		c.in[i].reliable.shrink()
		c.in[i].decoder = nil // what it knows is of no use after so long
	}
	if len(c.receipts.free) == len(c.receipts.list) {
		c.receipts = receipts{}
	}
}

// shrink gives the ring back when it is empty. Places go on.
func (q *fifo[T]) shrink() {
	if q.len() == 0 {
		q.ring = nil
	}
}

// shrink makes the rings as small as they begin when what is in flight fits.
func (s *sentState) shrink() {
	s.carried = 0
	if s.next-s.base <= firstPackets && len(s.packets) > firstPackets {
		s.movePackets(firstPackets)
	}
	if s.refNext-s.refBase <= firstRefs && len(s.refs) > firstRefs {
		s.moveRefs(firstRefs)
	}
}

// shrink gives the ring back when nothing is held that came early.
func (r *reliableIn) shrink() {
	for i := range r.ring {
		if !r.ring[i].empty() {
			return
		}
	}
	r.ring = nil
}

// tidy lets go of what was not needed since it ran last.
func (e *Endpoint) tidy(now time.Duration) {
	if now < e.tidyAt {
		return
	}
	e.tidyAt = now + tidyEvery
	e.buffers.tidy(len(e.conns) > 0)
	e.events.tidy()
}

// tidy leaves to the garbage collector the buffers that lay idle all the time. While there are sessions some are kept, as what is needed
// at once differs from one time to the next, and would be allocated anew each time.
func (p *buffers) tidy(sessions bool) {
	for i, size := range bufferSizes {
		keep := len(p.free[i]) - p.idle[i]
		if sessions {
			keep = min(keep+keep/4+spareBytes/size, len(p.free[i]))
		}
		clear(p.free[i][keep:])
		p.free[i] = p.free[i][:keep]
		p.idle[i] = keep
	}
}

// tidy shrinks the ring when it has been far too large.
func (q *eventQueue) tidy() {
	if q.size == 0 && len(q.ring) > max(16, 4*q.most) {
		q.ring, q.head = nil, 0
	}
	q.most = q.size
}
