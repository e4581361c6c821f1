package simnet

import "time"

// clock is real time since its epoch, for what runs in front of real sockets.
type clock struct{ epoch time.Time }

func newClock() clock { return clock{time.Now()} }

func (c clock) now() time.Duration { return time.Since(c.epoch) }

// forever is a time to sleep that does not end by itself.
const forever = time.Duration(-1)

// sleeper lets one goroutine at a time wait for a time or for a wake, whichever is first. A wake while
// nobody sleeps ends the next sleep.
type sleeper struct {
	timer *time.Timer
	woken chan struct{}
}

func newSleeper() sleeper {
	t := time.NewTimer(0)
	t.Stop()
	return sleeper{t, make(chan struct{}, 1)}
}

func (s *sleeper) wake() {
	select {
	case s.woken <- struct{}{}:
	default: // one is enough
	}
}

// closed reports whether a channel that is only ever closed is.
func closed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// sleep waits for d, or until wake or done.
func (s *sleeper) sleep(d time.Duration, done <-chan struct{}) {
	if d >= 0 {
		s.timer.Reset(d)
		defer s.timer.Stop()
	}
	select {
	case <-s.timer.C:
	case <-s.woken:
	case <-done:
	}
}
