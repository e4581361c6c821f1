package session

import "time"

// phase is what the congestion controller is doing.
//
//	         a queue, losses,                   the queue is gone, or
//	         or no growth                       turns out to be the path's own
//	starting ----------------------> draining ---------------------------------> cruising
//	                                  ^    ^               a jam                  |   |
//	               a queue, losses,   |    +--------------------------------------+   | each cruiseTrips
//	               or no growth       +------------------ probing <-------------------+ round trips
type phase uint8

const (
	starting phase = iota // the rate grows by what is acknowledged: it doubles per round trip
	draining              // below what the path delivers, until its queue is gone
	cruising              // at what the path delivers
	probing               // above it, to see whether it delivers more
)

func (g *congestion) become(now time.Duration, p phase) { g.phase, g.since, g.rounds = p, now, 0 }

// watch looks at the queue with every acknowledgement, to react before the round is over.
func (g *congestion) watch(now time.Duration, n news, limited bool, r *rttState) {
	if g.delivered == uint64(n.acked) { // the first
		g.pace = max(g.pace, initialWindow/n.trip.Seconds())
	}
	if g.phase == starting && !limited {
		g.pace += float64(n.acked) / n.trip.Seconds()
	}
	if queued := g.queue(r) > g.limit(r)/2; queued && (g.phase == probing || g.phase == starting && !limited) {
		g.drain(now, r)
	}
	if g.phase == draining {
		g.drained(now, r)
	}
}

// conclude draws the conclusions of a round that has just ended, at the time arrived.
func (g *congestion) conclude(now, arrived time.Duration, limited bool, r *rttState) {
	g.rounds++
	rate, excess := g.rate(arrived), g.countLoss(limited)
	if !limited || rate > g.bandwidth() {
		g.best[0] = max(g.best[0], rate)
	}
	switch {
	case limited:
		if g.jammed(r) {
			g.cut(limitedRoom * rate)
			g.become(now, cruising)
		}
	case g.phase == starting:
		if g.plateau(rate, startRounds) || excess {
			g.drain(now, r)
		}
	case g.phase == probing:
		if g.plateau(rate, probeRounds) || excess {
			g.drain(now, r)
		} else if g.flat == 0 {
			g.gain = 1 + min(2*(g.gain-1), 1)
			g.pushing = now + max(arrived-g.round.at, r.rtt())
		}
	case g.phase == draining:
		if share := rate / g.drainGain(); g.rounds > 1 && share < 0.9*g.bandwidth() && g.jammed(r) {
			g.cut(share)
		}
	case g.phase == cruising:
		g.cruise(now, arrived-g.round.at, rate, r)
	}
}

// countLoss learns from a round what the path loses while we send too little to be the cause, and reports
// whether it has lost much more now: then its queue has no room.
func (g *congestion) countLoss(limited bool) (excess bool) {
	loss := float64(g.round.lost) / float64(g.round.acked+g.round.lost)
	if limited || g.phase == draining && g.rounds > 1 || g.phase == cruising && g.rounds == 1 {
		g.lossBase += (loss - g.lossBase) / 4
	}
	return g.round.lost >= minExcess && loss > g.lossBase+excessLoss
}

// cruise gives way where there is a queue, and asks for more from time to time.
func (g *congestion) cruise(now, took time.Duration, rate float64, r *rttState) {
	switch {
	case g.jammed(r):
		g.cut(0.9 * rate)
		g.drain(now, r)
		return
	case g.queue(r) > g.limit(r)/2:
		g.best[0] *= yield
		g.best[1] *= yield
	}
	if now-g.since >= time.Duration(cruiseTrips*(1-0.6*g.claim()*g.claim())*float64(r.rtt())) {
		g.best[0], g.best[1] = 0, g.bandwidth()
		g.grown, g.flat = g.best[1], 0
		// A round of few records is long: by a queue of its own alone a slow session would never gain on a fast one.
		push := max(probeQueue, min(maxQueue, g.own()*2/3))
		g.gain = 1 + min(probeGain, float64(push)/float64(took))
		g.pushing = now + max(took, r.rtt())
		g.become(now, probing)
	}
}

// plateau notes what was delivered and reports whether it has not grown for some rounds.
func (g *congestion) plateau(rate float64, rounds int) bool {
	if rate >= g.grown*(1+(g.gain-1)*growth) {
		g.grown, g.flat = rate, 0
		return false
	}
	g.flat++
	return g.flat >= rounds
}

// cut takes the path for slower than it was.
func (g *congestion) cut(to float64) {
	if to < g.bandwidth() {
		g.best = [2]float64{max(to, 1), 0}
	}
}

// drain begins to empty the queue.
func (g *congestion) drain(now time.Duration, r *rttState) {
	g.become(now, draining)
	g.drainFrom, g.drainedBy, g.deep = 0, now, now < g.doubtful
	g.drained(now, r)
}

// drained looks whether the queue is gone. One that has not become shorter in the time that it would have
// needed, nor when we sent half, is none of ours: the path itself is longer than it was. Since that may be
// an error, draining goes deep for a while: a shorter round trip, once seen, counts at once.
func (g *congestion) drained(now time.Duration, r *rttState) {
	q, limit := g.queue(r), g.limit(r)
	if q > g.drainFrom {
		g.drainFrom, g.drainedBy = q, now+time.Duration(float64(q)/(1-g.drainGain()))+2*r.rtt()
	}
	over := g.rounds >= drainRounds && now >= g.drainedBy
	switch {
	case g.rounds > 0 && q <= limit/8 || over && q <= limit:
		g.become(now, cruising)
	case over && g.deep && q > g.drainFrom*3/4:
		r.relearn(now, g.recent.least())
		g.doubtful = now + doubt
		g.become(now, cruising)
	case over:
		g.drain(now, r)
		g.deep = true
	}
}

// drainGain is the part of what the path delivers that is sent while draining.
func (g *congestion) drainGain() float64 {
	if g.deep {
		return deepGain
	}
	return drainGain
}

// setPace sets the rate for the phase. While cruising a queue is taken back within some round trips.
func (g *congestion) setPace(now time.Duration, r *rttState) {
	b := g.bandwidth()
	switch g.phase {
	case starting:
		b = g.pace
	case draining:
		b *= g.drainGain()
	case cruising:
		// Within a round trip and a round: sooner we would not see it.
		q := max(0, g.queue(r)-r.jitter)
		b *= max(drainGain, 1-float64(q)/float64(r.rtt()+minRound*g.own()))
	case probing:
		if now < g.pushing {
			b *= g.gain
		}
	}
	g.pace = min(max(b, g.floor), g.ceiling)
}
