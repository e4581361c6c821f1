package session

import "time"

// weather is what a sender makes of the losses of its packets: it decides what records repeat. The zero value
// has seen none.
type weather struct {
	any     bool          // packets were lost
	at      time.Duration // when that was known last
	last    uint64        // the newest packet that was lost
	streak  int           // packets lost one after the other up to that, none newer acknowledged yet
	seen    int           // losses, up to streakMemory
	streaky float32       // share of losses that follow a loss, smoothed: near 1 on a path with outages
}

// lost notes the loss of a packet, oldest first; before is the number sent before it.
func (w *weather) lost(now time.Duration, pn, before uint64) {
	follows := w.any && w.last == before
	if w.any && pn <= w.last {
		return
	}
	w.seen = min(w.seen+1, streakMemory)
	w.streaky -= w.streaky / float32(w.seen)
	if follows {
		w.streaky += 1 / float32(w.seen)
		w.streak++
	} else {
		w.streak = 1
	}
	w.any, w.at, w.last = true, now, pn
}

// acked notes that a packet arrived.
func (w *weather) acked(largest uint64) {
	if largest > w.last {
		w.streak = 0
	}
}

// remedy is what records carry besides what must be sent.
type remedy uint8

const (
	nothing remedy = iota // the path is clean, or lost packets come in outages, against which little helps
	coding                // the exclusive or of the two newest small messages in flight (coded.go)
	copying               // several copies of each small message in flight
)

// remedy returns what helps now, on a channel whose redundancy adapts. share is the smoothed share of packets lost.
func (w *weather) remedy(now time.Duration, share float64) remedy {
	switch {
	case !w.lossy(now) || w.outages():
		return nothing
	case share > badLoss:
		return copying
	}
	return coding
}

// lossy reports whether packets were lost lately.
func (w *weather) lossy(now time.Duration) bool { return w.any && now-w.at <= lossMemory }

// scattered reports whether many packets are lost, each by itself: two in a row are no outage then.
func (w *weather) scattered(now time.Duration, share float64) bool {
	return w.remedy(now, share) == copying
}

// outages reports whether losses come in a row: what is lost then cannot be rebuilt from its neighbours.
func (w *weather) outages() bool { return w.streaky > 0.5 }

// dark reports whether the newest packets were lost in a row: it may be an outage that lasts.
func (w *weather) dark() bool { return w.streak >= darkStreak }
