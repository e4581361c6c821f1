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
}

// What a beat is.
const (
	sameBeat     = 2 * time.Millisecond  // records that arrive within it are one beat
	slowestBeat  = 36 * time.Millisecond // a slower sender is not waited for
	fastestBeat  = 5 * time.Millisecond  // of a steady sender
	cadenceTrust = 8                     // beats before the estimate counts
	mostStray    = 0.35                  // of the records of a steady sender
)

// hear takes the arrival of a record and reports whether it begins a beat. After a gap in the numbers the time since the last
// beat says nothing of the cadence.
func (k *cadence) hear(now time.Duration, inOrder bool) bool {
	since := now - k.at
	if k.heard > 0 && since < sameBeat {
		return false
	}
	if k.heard == cadenceTrust && since < k.gap*3/4 {
		k.stray += (1 - k.stray) / 8 // something that was sent again; or there is no beat
		return false
	}
	k.at = now
	k.stray -= k.stray / 8
	switch {
	case k.heard == 0:
	case since > 4*slowestBeat: // it was silent: begin anew
		k.heard = 0
	case k.heard == 1:
		k.gap, k.dev = since, since/2
	case inOrder:
		k.dev += ((since - k.gap).Abs() - k.dev) / 8
		k.gap += (since - k.gap) / 8
	}
	k.heard = min(k.heard+1, cadenceTrust)
	return true
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
