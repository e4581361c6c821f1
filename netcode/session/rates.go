package session

import (
	"encoding/binary"
	"time"
)

// prefixOf returns who is taken for one sender: an IPv4 address, or an IPv6 /64.
func prefixOf(p Path) uint64 {
	a := p.Addr.Addr()
	if b := a.As16(); !a.Unmap().Is4() {
		return binary.BigEndian.Uint64(b[:])
	}
	b := a.Unmap().As4()
	return uint64(binary.BigEndian.Uint32(b[:]))
}

// rateTable is a token bucket for each of many senders, of which it knows those that are not full.
type rateTable struct {
	every time.Duration // one more
	burst time.Duration // at once, as a time
	most  int           // senders; a further one is refused
	next  map[uint64]time.Duration
	swept time.Duration
}

func newRateTable(perSecond, burst, most int) rateTable {
	every := time.Second / time.Duration(perSecond)
	return rateTable{every: every, burst: time.Duration(burst) * every, most: most, next: make(map[uint64]time.Duration)}
}

// take reports whether the sender has one left, and takes it.
func (r *rateTable) take(now time.Duration, sender uint64) bool {
	next, known := r.next[sender]
	if !known && len(r.next) >= r.most && !r.sweep(now) {
		return false
	}
	if next = max(next, now) + r.every; next-now > r.burst {
		return false
	}
	r.next[sender] = next
	return true
}

// sweep forgets, at most once a second, the senders whose buckets are full again, and reports whether there is room.
func (r *rateTable) sweep(now time.Duration) bool {
	if now-r.swept < time.Second {
		return false
	}
	r.swept = now
	for sender, next := range r.next {
		if next <= now {
			delete(r.next, sender)
		}
	}
	return len(r.next) < r.most
}

// errorAllowed reports whether an answer that proves nothing, VERSION or INFO, may be sent to p.
func (e *Endpoint) errorAllowed(now time.Duration, p Path) bool {
	if next := max(e.errorsNext, now) + time.Second/maxErrorReplies; next-now <= time.Second {
		if e.errors.take(now, prefixOf(p)) {
			e.errorsNext = next
			return true
		}
	}
	e.drop(DropRate)
	return false
}
