package session

import "time"

// pacerState is a token bucket of bytes: the fixed-rate controller. It may go into debt by one packet.
type pacerState struct {
	rate   float64 // bytes per second
	tokens float64 // bytes that may leave now
	at     time.Duration
}

func newPacer(rate int, now time.Duration) pacerState {
	return pacerState{rate: float64(rate), tokens: paceBurst, at: now}
}

// refill adds what the rate allows since the last call.
func (p *pacerState) refill(now time.Duration) {
	if now > p.at {
		p.tokens = min(paceBurst, p.tokens+p.rate*(now-p.at).Seconds())
		p.at = now
	}
}

// spend takes n bytes out.
func (p *pacerState) spend(n int) { p.tokens -= float64(n) }

// empty reports whether nothing may leave.
func (p *pacerState) empty() bool { return p.tokens < 1 }

// readyAt returns when the bucket will surely not be empty any more.
func (p *pacerState) readyAt() time.Duration {
	return p.at + time.Duration((2-min(p.tokens, 1))/p.rate*float64(time.Second))
}
