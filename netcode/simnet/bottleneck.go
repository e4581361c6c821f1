package simnet

import "time"

// bottleneck is a link of limited rate with a queue in front: first in, first out, and what would wait
// too long is dropped. It keeps time exactly: what a division leaves over goes to the next datagram.
type bottleneck struct {
	free time.Duration // when the link has sent all it was given
	rest int           // the part of a nanosecond that free is late, in 1/rate
	rate int           // that rest is of
}

// pass gives the link a datagram of size bytes and returns when it has been sent; false when it would
// have waited longer than queue.
func (b *bottleneck) pass(now time.Duration, size, rate int, queue time.Duration) (sent time.Duration, ok bool) {
	if rate == 0 {
		return now, true
	}
	if b.free < now {
		b.free, b.rest = now, 0
	}
	if b.free-now > queue {
		return 0, false
	}
	if b.rate != rate {
		b.rate, b.rest = rate, 0
	}
	units := int64(size)*int64(time.Second) + int64(b.rest)
	b.free += time.Duration(units / int64(rate))
	b.rest = int(units % int64(rate))
	if b.rest > 0 {
		return b.free + 1, true // the nanosecond is not over
	}
	return b.free, true
}
