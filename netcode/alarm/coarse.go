package alarm

import (
	"sync"
	"time"
)

// coarse is an alarm by a timer of the runtime.
type coarse struct {
	timer  *time.Timer
	closed chan struct{}
	once   sync.Once
}

func newCoarse() *coarse {
	c := &coarse{timer: time.NewTimer(time.Hour), closed: make(chan struct{})}
	c.timer.Stop()
	return c
}

func (c *coarse) wait() (rang bool) {
	select {
	case <-c.timer.C:
		return true
	case <-c.closed:
		return false
	}
}

func (c *coarse) close() {
	c.once.Do(func() {
		c.timer.Stop()
		close(c.closed)
	})
}
