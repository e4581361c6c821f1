package session

import (
	"encoding/binary"
	"time"
)

// ackState is what we received, as the acknowledgements of the packets we send. The zero value has received nothing.
type ackState struct {
	ranges [maxAckRanges + 1]pnRange // descending; ranges[0] holds the largest number received
	n      int

	window  [replayWindow / 64]uint64 // bit pn%replayWindow: the number was received
	largest uint64
	any     bool

	largestAt time.Duration // arrival of the largest
	dueAt     time.Duration // when the next acknowledgement must leave
	due       bool          // something that elicits an ack waits for one
	fresh     bool          // something was received since the last ack was written
	writtenAt time.Duration // when that was
	received  uint64        // packets
	missed    uint64        // numbers skipped over, some of which may still arrive
	lossIn    float64       // smoothed share of numbers that did not arrive in order
}

// pnRange is the packet numbers lo to hi, both included.
type pnRange struct{ lo, hi uint64 }

// check reports whether packet pn may be taken: neither received before nor older than the replay window.
func (a *ackState) check(pn uint64) (DropReason, bool) {
	if !a.any || pn > a.largest {
		return 0, true
	}
	// Comparing by subtraction cannot overflow near 2^64.
	if a.largest-pn >= replayWindow {
		return DropStale, false
	}
	if a.window[pn%replayWindow/64]&(1<<(pn%64)) != 0 {
		return DropDuplicate, false
	}
	return 0, true
}

// receive records packet pn, which check let pass, and when its acknowledgement is due: at once after
// a gap ("an endpoint SHOULD generate and send an ACK frame without delay when it receives an
// ack-eliciting packet ... out of order or with a gap", RFC 9000 section 13.2.1), else after delay.
func (a *ackState) receive(now time.Duration, pn uint64, eliciting bool, delay time.Duration) {
	inOrder := !a.any && pn == 0 || a.any && pn == a.largest+1
	a.note(pn)
	if !a.any || pn > a.largest {
		if a.any {
			a.forget(a.largest+1, pn)
		}
		a.largest, a.largestAt, a.any = pn, now, true
	}
	a.window[pn%replayWindow/64] |= 1 << (pn % 64)
	a.insert(pn)
	a.fresh = true
	if !eliciting {
		return
	}
	if !inOrder {
		delay = 0
	}
	if !a.due || now+delay < a.dueAt {
		a.due, a.dueAt = true, now+delay
	}
}

// note updates the estimate of incoming loss: each number skipped counts as lost, until it arrives late.
func (a *ackState) note(pn uint64) {
	a.received++
	const gain = 1.0 / 128
	switch {
	case a.any && pn > a.largest:
		for range min(pn-a.largest-1, 64) {
			a.missed++
			a.lossIn += (1 - a.lossIn) * gain
		}
		a.lossIn -= a.lossIn * gain
	case a.any && a.missed > 0:
		a.missed--
		a.lossIn = max(0, a.lossIn-gain)
	}
}

// forget clears the replay window for the numbers from lo to hi, which it now covers for the first time.
func (a *ackState) forget(lo, hi uint64) {
	if hi-lo >= replayWindow {
		a.window = [replayWindow / 64]uint64{}
		return
	}
	for pn := lo; pn <= hi; pn++ {
		a.window[pn%replayWindow/64] &^= 1 << (pn % 64)
	}
}

// insert adds pn to the ranges, merging neighbours. When there are too many the oldest is forgotten.
func (a *ackState) insert(pn uint64) {
	i := 0
	for i < a.n && a.ranges[i].lo > pn+1 {
		i++
	}
	switch {
	case i < a.n && pn+1 == a.ranges[i].lo:
		a.ranges[i].lo = pn
		if i+1 < a.n && a.ranges[i+1].hi+1 == pn {
			a.ranges[i].lo = a.ranges[i+1].lo
			a.remove(i + 1)
		}
	case i < a.n && pn == a.ranges[i].hi+1:
		a.ranges[i].hi = pn
	case i < len(a.ranges):
		a.n = min(a.n+1, len(a.ranges))
		copy(a.ranges[i+1:a.n], a.ranges[i:a.n-1])
		a.ranges[i] = pnRange{pn, pn}
	}
}

func (a *ackState) remove(i int) {
	copy(a.ranges[i:a.n-1], a.ranges[i+1:a.n])
	a.n--
}

// prune forgets the ranges that the peer knows of: it acknowledged a packet of ours that acknowledged
// up to largest. A few are kept for packets that overtook each other.
func (a *ackState) prune(largest uint64) {
	const slack = 64
	if largest < slack {
		return
	}
	floor := largest - slack
	for a.n > 0 && a.ranges[a.n-1].hi < floor {
		a.n--
	}
	if a.n > 0 && a.ranges[a.n-1].lo < floor {
		a.ranges[a.n-1].lo = floor
	}
}

// appendTo writes the ACK frame. The state must have received something.
//
//	 0               1       2        3         4
//	+---------------+-------+--------+---------+--------------+-----------------
//	| 0x40 | ranges | largest (u16)  | delay   | first run    | (gap, run) ...
//	+---------------+-------+--------+---------+--------------+-----------------
//
// ranges is the number of (gap, run) pairs that follow; delay counts 250 us since largest arrived, at
// most 255; first run is the number of packets below largest that arrived without a gap; gap and run
// are varints: numbers missing less one, and numbers that arrived less one.
func (a *ackState) appendTo(b []byte, now time.Duration) []byte {
	start := len(b)
	delay := min(255, (now-a.largestAt)/ackDelayUnit)
	b = append(b, frameAck, byte(a.largest), byte(a.largest>>8), byte(delay))
	b = binary.AppendUvarint(b, a.ranges[0].hi-a.ranges[0].lo)
	extra := 0
	for i := 1; i < a.n && extra < maxAckRanges && len(b)-start < maxAckFrame-8; i++ {
		b = binary.AppendUvarint(b, a.ranges[i-1].lo-a.ranges[i].hi-2)
		b = binary.AppendUvarint(b, a.ranges[i].hi-a.ranges[i].lo)
		extra++
	}
	b[start] |= byte(extra)
	return b
}

// written notes that an ACK frame is on its way.
func (a *ackState) written(now time.Duration) { a.due, a.fresh, a.writtenAt = false, false, now }

// ackFrame is a parsed ACK frame. Its ranges are read one by one with next.
type ackFrame struct {
	largest16 uint16
	delay     time.Duration
	body      []byte // the varints: first run, then (gap, run) pairs
	pairs     int
}

// parseAck reads an ACK frame and returns the number of bytes it takes, 0 when it is malformed.
func parseAck(b []byte) (f ackFrame, n int) {
	if len(b) < 5 {
		return f, 0
	}
	f.pairs = int(b[0] & 0x1f)
	f.largest16 = binary.LittleEndian.Uint16(b[1:])
	f.delay = time.Duration(b[3]) * ackDelayUnit
	n = 4
	for range 1 + 2*f.pairs {
		_, k := binary.Uvarint(b[n:])
		if k <= 0 {
			return f, 0
		}
		n += k
	}
	f.body = b[4:n]
	return f, n
}

// each calls visit for every range of numbers acknowledged, newest first, where largest is the full
// packet number of largest16. It reports false when the ranges reach below zero. Whoever visits walks
// over its own packets, never over the peer's range.
func (f ackFrame) each(largest uint64, visit func(lo, hi uint64)) bool {
	b, hi := f.body, largest
	for i := range 1 + f.pairs {
		if i > 0 {
			gap, k := binary.Uvarint(b)
			b = b[k:]
			if gap > hi || hi-gap < 2 {
				return false
			}
			hi -= gap + 2
		}
		run, k := binary.Uvarint(b)
		b = b[k:]
		if run > hi {
			return false
		}
		visit(hi-run, hi)
		hi -= run
	}
	return true
}
