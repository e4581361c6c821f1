package server

import "time"

// schedule says when ticks are due. Deadlines are absolute, tick n is due at start + n/rate, so
// neither a late wake-up nor a rate that does not divide a second makes the rate drift.
type schedule struct {
	start time.Duration
	rate  int
	done  int64 // ticks run since start
}

// next returns when the next tick is due.
func (s *schedule) next() time.Duration {
	n := s.done
	whole, part := n/int64(s.rate), n%int64(s.rate)
	return s.start + time.Duration(whole)*time.Second + time.Duration(part)*time.Second/time.Duration(s.rate)
}

// due returns how many ticks to run now, at most maxCatchUp, and marks them as run. When more are
// owed, the schedule is moved so that the following tick is due within one period, and skipped is the
// time given up.
func (s *schedule) due(now time.Duration) (ticks int, skipped time.Duration) {
	for ticks < maxCatchUp && s.next() <= now {
		s.done++
		ticks++
	}
	if late := now - s.next(); late >= 0 {
		period := time.Second / time.Duration(s.rate)
		skipped = (late/period + 1) * period
		s.start += skipped
	}
	return ticks, skipped
}
