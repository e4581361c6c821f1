package session

import (
	"container/heap"
	"time"
)

// timers are the sessions of an endpoint that wait for a time, earliest first: one heap, no goroutine.
type timers []*Conn

func (t timers) Len() int           { return len(t) }
func (t timers) Less(i, j int) bool { return t[i].wakeAt < t[j].wakeAt }
func (t timers) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].timer, t[j].timer = i, j
}

// Push implements heap.Interface.
func (t *timers) Push(x any) {
	c := x.(*Conn)
	c.timer = len(*t)
	*t = append(*t, c)
}

// Pop implements heap.Interface.
func (t *timers) Pop() any {
	last := len(*t) - 1
	c := (*t)[last]
	(*t)[last] = nil
	*t = (*t)[:last]
	c.timer = -1
	return c
}

// set moves a session to its next deadline, or takes it out when it has none.
func (t *timers) set(c *Conn, at time.Duration, ok bool) {
	switch {
	case !ok && c.timer >= 0:
		heap.Remove(t, c.timer)
	case ok && c.timer < 0:
		c.wakeAt = at
		heap.Push(t, c)
	case ok && c.wakeAt != at:
		c.wakeAt = at
		heap.Fix(t, c.timer)
	}
}
