package session

import (
	"encoding/binary"
	"time"
)

// ackState is what we received, as the acknowledgements of the packets we send. The zero value has received nothing.
type ackState struct {
	ranges [maxAckRanges + 1]pnRange // descending; ranges[0] holds the largest number received
	n      int                       // how many there are

	seen    [replayWindow / 64]uint64 // bit pn%replayWindow: the number was received
	largest uint64
	any     bool
	told    uint64 // the largest in the last acknowledgement

	largestAt time.Duration // arrival of the largest
	dueAt     time.Duration // when the next acknowledgement must leave
	due       bool          // there is something to acknowledge, or the peer's next beat may be late
	fresh     bool          // a record that elicits an ack was received since the last ack was written
	records   int           // of these
	beats     int           // and the beats they came in
	beat      cadence
	window    time.Duration // the reorder window, for what is late; 0 where nothing is
	received  uint64        // packets
	missed    uint64        // numbers taken for lost, some of which may still arrive
	lost      uint64        // the newest of them
	lossIn    float64       // smoothed share of numbers that did not arrive in order
	fullUntil time.Duration // until then acknowledgements are as long as they may: a record came late
	skips     leftOut       // numbers that the sender has left out, and not lost
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
	if a.seen[pn%replayWindow/64]&(1<<(pn%64)) != 0 {
		return DropDuplicate, false
	}
	return 0, true
}

// receive records packet pn, which check let pass, and when its acknowledgement is due; delay is how long it may
// wait at most when nothing is known of the sender's cadence, window the reorder window of the path, 0 where
// nothing is lost.
func (a *ackState) receive(now time.Duration, pn uint64, eliciting bool, delay, window time.Duration) {
	inOrder := !a.any && pn == 0 || a.any && pn == a.largest+1
	a.note(pn)
	if !a.any || pn > a.largest {
		if a.any {
			a.forget(a.largest+1, pn)
		}
		a.largest, a.largestAt, a.any = pn, now, true
	} else {
		a.fullUntil = now + reorderMemory
	}
	a.seen[pn%replayWindow/64] |= 1 << (pn % 64)
	a.insert(pn)
	if !eliciting {
		a.fresh = a.fresh || !inOrder // it tells of a loss, when something travels anyway
		return
	}
	a.fresh, a.window = true, window
	a.records++
	if a.beat.hear(now, inOrder) {
		a.beats++
	}
	a.expect(now, a.ackAt(now, inOrder, delay))
}

// ackAt returns when to acknowledge what arrived just now. "An endpoint SHOULD generate and send an ACK frame without
// delay when it receives an ack-eliciting packet ... out of order or with a gap" (RFC 9000 section 13.2.1);
// otherwise one acknowledgement for several records does. From a steady sender it waits for the next beat, and for
// so much longer that a beat which does not come by then is lost: then the acknowledgement says so by its delay.
func (a *ackState) ackAt(now time.Duration, inOrder bool, delay time.Duration) time.Duration {
	switch {
	case !inOrder, a.beats >= a.patience(now), a.records >= ackEveryRecords, a.lossIn > heavyLoss:
		return now
	case a.metronome():
		return a.beat.late(a.window)
	case a.beat.rapid():
		return now + max(delay, a.beat.gap)
	}
	return now + delay
}

// expect sets when the next acknowledgement is due. Only a steady sender's next beat puts it off.
func (a *ackState) expect(now, at time.Duration) {
	if !a.due || at < a.dueAt || a.metronome() && a.dueAt > now {
		a.due, a.dueAt = true, at
	}
}

// lossGain is the weight of a packet in the estimates of loss, both ways.
const lossGain = 1.0 / 128

// note updates the estimate of incoming loss: each missing number counts as lost, unless it was left out, until it arrives late.
func (a *ackState) note(pn uint64) {
	a.received++
	switch {
	case !a.any:
	case pn > a.largest:
		for gone := a.largest + 1; gone != pn && gone <= a.largest+64; gone++ {
			if !a.skips.take(gone) {
				a.missed, a.lost = a.missed+1, gone
				a.lossIn += (1 - a.lossIn) * lossGain
			}
		}
		a.lossIn -= a.lossIn * lossGain
	default:
		a.found(pn)
	}
}

// found corrects the estimate of loss by pn, which came late. If it was taken for left out, then a newer one that was not may be.
func (a *ackState) found(pn uint64) {
	if a.skips.late(pn) {
		if a.lost < pn || !a.skips.take(a.lost) {
			return
		}
		a.lost = 0
	}
	if a.missed > 0 {
		a.missed--
		a.lossIn = max(0, a.lossIn-lossGain)
	}
}

// forget clears the replay window for the numbers from lo to hi, which it now covers for the first time.
func (a *ackState) forget(lo, hi uint64) {
	if hi-lo >= replayWindow {
		a.seen = [replayWindow / 64]uint64{}
		return
	}
	for pn := lo; pn <= hi; pn++ {
		a.seen[pn%replayWindow/64] &^= 1 << (pn % 64)
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
	case i <= maxAckRanges:
		a.n = min(a.n+1, maxAckRanges+1)
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

// appendTo writes the acknowledgement, in the short form where that says enough. The state must have received something.
//
//	 0               1       2        3         4
//	+---------------+-------+--------+---------+--------------+-----------------
//	| 0x40 | ranges | newest (u16)   | delay   | first run    | (gap, run) ...
//	+---------------+-------+--------+---------+--------------+-----------------
//	| 0x70 | run    | newest (u16)   | delay   |                                  the short form
//	+---------------+-------+--------+---------+
//
// ranges is the number of (gap, run) pairs that follow; delay counts 250 us since newest arrived, at
// most 255; first run is the number of packets below newest that arrived without a gap; gap and run
// are varints: numbers missing less one, and numbers that arrived less one.
func (a *ackState) appendTo(b []byte, now time.Duration) []byte {
	start := len(b)
	delay := min(maxDelayField, now-a.largestAt) / ackDelayUnit
	b = append(b, frameAck, byte(a.largest), byte(a.largest>>8), byte(delay))
	run, span := a.ranges[0].hi-a.ranges[0].lo, a.span(now)
	if a.n == 1 && run <= maxShortRun || run >= maxShortRun && span <= 3*maxShortRun/2 && a.beat.gap >= shortAckBeat {
		b[start] = frameShortAck | byte(min(run, maxShortRun))
		return b
	}
	b = binary.AppendUvarint(b, run)
	extra := 0
	for i := 1; i < a.n && extra < maxAckRanges && len(b)-start < maxAckFrame-8; i++ {
		if a.largest-a.ranges[i].hi > span {
			break // told often enough, or not for the first time
		}
		b = binary.AppendUvarint(b, a.ranges[i-1].lo-a.ranges[i].hi-2)
		b = binary.AppendUvarint(b, a.ranges[i].hi-a.ranges[i].lo)
		extra++
	}
	b[start] |= byte(extra)
	return b
}

// span returns how far below the newest an acknowledgement reaches: so far that every number is told of ackTold times, and
// farther where records come late.
func (a *ackState) span(now time.Duration) uint64 {
	since := a.largest - a.told
	if now < a.fullUntil {
		return since + ackSpan
	}
	return since + min(ackSpan, (ackTold-1)*max(1, since))
}

// written notes that an acknowledgement is on its way. Once everything is acknowledged, silence of a steady sender is still
// told a few times: it may be that what follows was lost.
func (a *ackState) written(now time.Duration) {
	a.due, a.fresh, a.records, a.beats, a.told = false, false, 0, 0, a.largest
	if !a.metronome() {
		return
	}
	at := a.beat.late(a.window)
	for range maxNotices {
		if at > now {
			a.due, a.dueAt = true, at
			return
		}
		at += a.beat.gap
	}
}

// metronome reports whether the peer's next beat is worth waiting for.
func (a *ackState) metronome() bool { return a.window > 0 && a.beat.steady() }

// wanted reports whether a record that leaves at now should carry an acknowledgement.
func (a *ackState) wanted(now time.Duration) bool {
	sparse := a.metronome() && a.undisturbed(now) // then every second record of a peer that sends as often will do
	return a.fresh && (a.records != 1 || !sparse) || a.overdue(now)
}

// undisturbed reports whether all of late came, and in order. Then fewer acknowledgements do: each would say what the next says too.
func (a *ackState) undisturbed(now time.Duration) bool {
	return a.lossIn < rareLoss && now >= a.fullUntil
}

// patience returns how many beats of the peer are acknowledged at once.
func (a *ackState) patience(now time.Duration) int {
	if a.undisturbed(now) {
		return mostAckBeats
	}
	return ackEveryBeats
}

// overdue reports whether an acknowledgement must leave at now, alone if need be.
func (a *ackState) overdue(now time.Duration) bool { return a.due && a.dueAt <= now }

// ackFrame is a parsed acknowledgement.
type ackFrame struct {
	largest16 uint16
	delay     time.Duration
	run       uint64
	body      []byte // (gap, run) pairs of varints
	pairs     int
}

// parseAck reads an acknowledgement in either form and returns the number of bytes it takes, 0 when it is malformed.
func parseAck(b []byte) (f ackFrame, n int) {
	if len(b) < 4 {
		return f, 0
	}
	f.largest16 = binary.LittleEndian.Uint16(b[1:])
	f.delay = time.Duration(b[3]) * ackDelayUnit
	if b[0]&0xf0 == frameShortAck {
		f.run = uint64(b[0] & maxShortRun)
		return f, 4
	}
	f.pairs = int(b[0] & 0x1f)
	run, k := binary.Uvarint(b[4:])
	if k <= 0 {
		return f, 0
	}
	f.run, n = run, 4+k
	for range 2 * f.pairs {
		_, k := binary.Uvarint(b[n:])
		if k <= 0 {
			return f, 0
		}
		n += k
	}
	f.body = b[4+k : n]
	return f, n
}

// each calls visit for every range of numbers acknowledged, newest first, where largest is the full
// packet number of largest16. It reports false when the ranges reach below zero. Whoever visits walks
// over its own packets, never over the peer's range.
func (f ackFrame) each(largest uint64, visit func(lo, hi uint64)) bool {
	b, hi, run := f.body, largest, f.run
	for i := 0; ; i++ {
		if run > hi {
			return false
		}
		visit(hi-run, hi)
		hi -= run
		if i == f.pairs {
			return true
		}
		gap, k := binary.Uvarint(b)
		b = b[k:]
		if gap > hi || hi-gap < 2 {
			return false
		}
		hi -= gap + 2
		run, k = binary.Uvarint(b)
		b = b[k:]
	}
}
