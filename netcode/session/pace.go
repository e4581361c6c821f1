package session

import "time"

// pacerState is a token bucket of bytes. What must not wait may take more than there is, up to a debt;
// what may wait pays it off.
type pacerState struct {
	rate   float64 // bytes per second
	burst  float64 // bytes that may leave at once after silence
	tokens float64 // bytes that may leave now
	at     time.Duration
}

// newPacer returns a full bucket. A burst is what a driver that wakes late may have to make up for, and at least least.
func newPacer(rate float64, least int, now time.Duration) pacerState {
	burst := min(max(rate*burstTime.Seconds(), float64(least)), maxBurst)
	return pacerState{rate: rate, burst: burst, tokens: burst, at: now}
}

// refill adds what the rate allows since the last call.
func (p *pacerState) refill(now time.Duration) {
	if now > p.at {
		p.tokens = min(p.burst, p.tokens+p.rate*(now-p.at).Seconds())
		p.at = now
	}
}

// set changes the rate from now on.
func (p *pacerState) set(now time.Duration, rate float64) {
	p.refill(now)
	full := newPacer(rate, minBurst, now)
	p.rate, p.burst, p.tokens = full.rate, full.burst, min(p.tokens, full.burst)
}

// spend takes n bytes out.
func (p *pacerState) spend(n int) { p.tokens -= float64(n) }

// allows reports whether anything may leave now, and whether what may wait may leave too.
func (p *pacerState) allows() (some, all bool) { return p.tokens >= 1-maxDebt, p.tokens >= 1 }

// readyAt returns when more may surely leave than now, and at high rates so much more that timers are not
// finer than granularity.
func (p *pacerState) readyAt() time.Duration {
	want := max(2, min(p.burst/2, p.rate*granularity.Seconds()))
	if some, _ := p.allows(); !some {
		want = 2 - maxDebt
	}
	return p.at + 1 + time.Duration(max(0, want-p.tokens)/p.rate*float64(time.Second))
}
