package client

import "time"

// viewClock says which moment of the server's past is on the screen for everything the player does
// not control. The view must not be further than the newest snapshot until the next one is there:
//
//	server ticks    k    k+1       k+2        (k+3 is lost)       k+4
//	                 \     \          \                              \
//	own time  ------- + --- + -------- + ---------------------------- + ---> u
//	                                   |<----- view <= k+2 until ---->|
//
// So each snapshot that follows another measures the delay that would just have done: its time of
// arrival less the tick before it. The view lags by what did for 99 of 100 of the newest 128. That
// contains the send interval, the jitter and the losses, as they are.
//
// The view never goes back. The zero viewClock is not started.
type viewClock struct {
	rate      float64 // ticks per second
	line      timeline
	sendEvery float64 // ticks between two snapshots
	started   bool
	last      float64 // own time at the latest advance, in ticks
	pos       float64 // what is on the screen, in ticks without wraparound
	newest    int64   // tick of the newest snapshot
	since     float64 // own time at which it came

	needs   window // delays that would just have done, see above
	offsets window // own time less tick, at arrival

	shown float64 // how far the view lies behind what typically has arrived, while it was not held up

	missing     uint64  // snapshots that never came
	gap, maxGap float64 // own time between the newest two, and between any two
}

func (v *viewClock) ticks(d time.Duration) float64 { return d.Seconds() * v.rate * (1 - v.line.lack) }

func (v *viewClock) own(now time.Duration) float64 { return v.line.own(now, v.rate) }

// arrive takes in that the snapshot of tick a came at the given time, which may lie before the latest advance.
func (v *viewClock) arrive(at time.Duration, a int64) {
	u := v.own(at)
	if v.started {
		v.gap = u - v.since
		v.maxGap = max(v.maxGap, v.gap)
		if v.gap <= v.ticks(maxInterpDelay) { // no delay bridges a silence that long: it is a stall, and tells nothing about delays
			v.needs.add(u - float64(v.newest))
		}
	}
	if skipped := float64(a-v.newest)/v.sendEvery - 1; v.started && skipped > 0 {
		v.missing += uint64(skipped + 0.5)
	}
	v.offsets.add(u - float64(a))
	v.newest, v.since = a, u
	if !v.started {
		v.started, v.last = true, u
		v.pos = float64(a) - firstDelay*v.sendEvery
	}
}

// lag returns what must be subtracted from own time to get the view's goal. fixed is the delay behind
// the newest snapshot that was asked for, or 0.
func (v *viewClock) lag(fixed time.Duration) float64 {
	typical := v.offsets.quantile(0.5)
	if fixed > 0 {
		return typical + v.ticks(min(fixed, maxInterpDelay))
	}
	if v.needs.n < firstSamples {
		return typical + max(firstDelay*v.sendEvery, v.needs.quantile(1)-typical)
	}
	return min(v.needs.quantile(readyShare)+viewSpare, typical+v.ticks(maxInterpDelay))
}

// advance moves the view on to now. With extrapolate it may pass the newest snapshot, a little.
func (v *viewClock) advance(now time.Duration, fixed time.Duration, extrapolate bool) {
	u := v.own(now)
	span := u - v.last
	if !v.started || span <= 0 {
		return
	}
	v.last = u
	goal := u - v.lag(fixed)
	next := v.pos + span*v.speed(goal-(v.pos+span))
	if goal-next > v.ticks(maxViewError) {
		next = goal
	}
	most := float64(v.newest)
	if extrapolate {
		most += v.ticks(maxExtrapolation)
	}
	v.pos = max(v.pos, min(next, most))
	if next <= most { // else it stands still: that nothing comes makes no delay
		v.shown = max(0, u-v.offsets.quantile(0.5)-v.pos)
	}
}

// speed returns how fast the view runs for an error of e ticks, positive when it is behind.
func (v *viewClock) speed(e float64) float64 {
	if e < -starvedError && v.pos > float64(v.newest) {
		return starvedSpeed
	}
	return 1 + max(-maxViewSlew, min(viewGain*e, maxViewSlew))
}

// delay returns how far the view lies behind what typically has arrived; during a stall, before it.
func (v *viewClock) delay() time.Duration {
	return v.span(v.shown)
}

// span converts ticks to time.
func (v *viewClock) span(ticks float64) time.Duration {
	if v.rate == 0 {
		return 0
	}
	return time.Duration(ticks / v.rate / (1 - v.line.lack) * float64(time.Second))
}
