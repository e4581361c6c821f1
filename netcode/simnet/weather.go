package simnet

import "time"

// weather says when a path is down: by the bursts of Conditions, which come and go by chance,
//
//	up ~ exp(Mean * (1-Share) / Share)
//	down ~ exp(Mean)
//
// and by outages that were scheduled. It runs in time, from time 0, whatever is sent.
type weather struct {
	chance  chance
	burst   Burst
	down    bool
	until   time.Duration // when down changes; meaningless while burst.Share is 0
	outages []window
}

// longUp bounds the mean time between bursts, so that the shortest of shares does not overflow it.
const longUp = 1000 * time.Hour

type window struct{ from, to time.Duration }

// set changes the bursts. The new ones begin at now, in either state, as if they had always been.
func (w *weather) set(now time.Duration, b Burst) {
	if b == w.burst {
		return
	}
	w.burst = b
	if b.Share > 0 {
		w.down = hits(w.chance.pcg.Uint64(), b.Share)
		w.until = now + w.stay()
	}
}

// stay draws how long the state at hand lasts.
func (w *weather) stay() time.Duration {
	mean := w.burst.Mean
	if !w.down {
		mean = time.Duration(min(float64(mean)*(1-w.burst.Share)/w.burst.Share, float64(longUp)))
	}
	return max(w.chance.exponential(mean), time.Microsecond)
}

// inBurst reports whether a burst is on at now, which does not go back.
func (w *weather) inBurst(now time.Duration) bool {
	if w.burst.Share == 0 {
		return false
	}
	for w.until <= now {
		w.down = !w.down
		w.until += w.stay()
	}
	return w.down
}

// outage schedules an outage from one time up to, not including, another.
func (w *weather) outage(from, to time.Duration) {
	if from < to {
		w.outages = append(w.outages, window{from, to})
	}
}

// inOutage reports whether an outage is on at now. It forgets those that are over.
func (w *weather) inOutage(now time.Duration) bool {
	kept := w.outages[:0]
	on := false
	for _, o := range w.outages {
		if now < o.to {
			kept = append(kept, o)
			on = on || o.from <= now
		}
	}
	w.outages = kept
	return on
}
