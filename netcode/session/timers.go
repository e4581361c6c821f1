package session

import "time"

// timers are the sessions of an endpoint that wait for a time, earliest first: a heap in which each has four below it. With the
// times in the heap itself and few levels, what a change of a deadline touches is mostly in the cache, which of the sessions
// it is not: BenchmarkDeadline.
type timers []timer

type timer struct {
	at   time.Duration
	conn *Conn // its index here is conn.timer
}

const timerArity = 4

// set moves a session to its next deadline, or takes it out when it has none.
func (t *timers) set(c *Conn, at time.Duration, ok bool) {
	h := *t
	i := c.timer
	switch {
	case !ok && i >= 0:
		t.remove(i)
	case ok && i < 0:
		*t = append(h, timer{at, c})
		t.up(len(h))
	case ok && at < h[i].at:
		h[i].at = at
		t.up(i)
	case ok && at > h[i].at:
		h[i].at = at
		t.down(i)
	}
}

// remove takes out what is at index i.
func (t *timers) remove(i int) {
	h := *t
	last := len(h) - 1
	h[i].conn.timer = -1
	moved := h[last]
	h[last] = timer{}
	*t = h[:last]
	if i < last {
		h[i] = moved
		t.down(i)
		t.up(moved.conn.timer)
	}
}

// up moves what is at index i towards the front until nothing before it is later.
func (t *timers) up(i int) {
	h := *t
	x := h[i]
	for i > 0 {
		above := (i - 1) / timerArity
		if h[above].at <= x.at {
			break
		}
		h[i] = h[above]
		h[i].conn.timer = i
		i = above
	}
	h[i] = x
	x.conn.timer = i
}

// down moves what is at index i away from the front until nothing behind it is earlier.
func (t *timers) down(i int) {
	h := *t
	x := h[i]
	for {
		first := timerArity*i + 1
		least := i
		earliest := x.at
		for k := first; k < min(first+timerArity, len(h)); k++ {
			if h[k].at < earliest {
				least, earliest = k, h[k].at
			}
		}
		if least == i {
			break
		}
		h[i] = h[least]
		h[i].conn.timer = i
		i = least
	}
	h[i] = x
	x.conn.timer = i
}
