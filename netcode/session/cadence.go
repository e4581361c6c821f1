package session

import "time"

// cadence is the beat at which the peer's records arrive that ask for an acknowledgement: a game sends once per tick. Who
// knows the beat can acknowledge several at once without delaying news of a loss: when the next beat is
// late, that is news. The zero value has heard nothing.
type cadence struct {
	at    time.Duration // of the last beat
	gap   time.Duration // between beats, smoothed
	dev   time.Duration // how much gaps differ from that, smoothed
	heard int           // beats, up to cadenceTrust
	stray float32       // share of records between beats, smoothed

	gapped bool // a record was missing since the last beat
}

// What a beat is.
const (
	sameBeat     = 2 * time.Millisecond  // records that arrive within it are one beat
	slowestBeat  = 36 * time.Millisecond // a slower sender is not waited for
	fastestBeat  = 5 * time.Millisecond  // of a steady sender
	cadenceTrust = 8                     // beats before the estimate counts
	mostStray    = 0.35                  // of the records of a steady sender
	wrongBeat    = 0.45                  // of them, more than which say that the beat is another: every second one does at twice the gap
)

// hear takes the arrival of a record and reports whether it begins a beat. After a gap in the numbers the time since the last
// beat says nothing of the cadence.
func (k *cadence) hear(now time.Duration, inOrder bool) bool {
	since := now - k.at
	if k.heard > 0 && since < sameBeat {
		return false
	}
	if k.heard == cadenceTrust && k.between(since) {
		k.gapped = k.gapped || !inOrder
		if k.stray += (1 - k.stray) / 8; k.stray <= wrongBeat || !inOrder {
			return false // something that was sent again
		}
		k.heard, k.stray = 0, 0 // so many: the beat is another
	}
	inOrder = inOrder && !k.gapped
	k.at, k.gapped = now, false
	k.stray -= k.stray / 8
	switch {
	case k.heard == 0:
	case since > 4*slowestBeat: // it was silent: begin anew
		k.heard = 0
	case !inOrder:
		return true
	case k.heard == 1:
		k.gap, k.dev = since, since/2
	case k.heard > 1:
		n := time.Duration(k.heard)
		k.dev += ((since - k.gap).Abs() - k.dev) / n
		k.gap += (since - k.gap) / n
	}
	k.heard = min(k.heard+1, cadenceTrust)
	return true
}

// between reports whether a record that comes so long after the last beat is none: it comes too early for the next, or after
// lost ones, far from any.
func (k *cadence) between(since time.Duration) bool {
	if since < k.gap*3/4 || since > 4*slowestBeat || !k.steady() {
		return since < k.gap*3/4
	}
	off := since % k.gap
	return min(off, k.gap-off) > k.gap/4
}

// rapid reports whether the next record is likely to come soon.
func (k *cadence) rapid() bool { return k.heard >= cadenceTrust && k.gap <= slowestBeat }

// steady reports whether it is known when.
func (k *cadence) steady() bool {
	return k.rapid() && k.gap >= fastestBeat && k.dev <= k.gap/4 && k.stray <= mostStray
}

// late returns when the next beat is overdue by so much that its records are lost, or held up beyond the
// reorder window.
func (k *cadence) late(window time.Duration) time.Duration {
	return k.at + k.gap + max(window, 3*k.dev) + granularity + granularity/2
}
