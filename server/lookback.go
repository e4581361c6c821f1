package server

import (
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// lookback finds out how long before the base the older baseline should be. What moves evenly is predicted best from far
// back, where the rounding of positions matters least; what is steered, from just before. It depends on the game, so now and
// then a snapshot is encoded a second time, with the next shorter or longer distance, and where that is smaller on average it is
// taken. Clients need not know: the header names the snapshots.
type lookback struct {
	at     int // place in lookbacks
	longer bool
	trials int
	saved  float64 // by the trials, in shares of a snapshot
	tried  sim.Tick
	buf    []byte
}

// lookbacks are the distances, in snapshots.
var lookbacks = [...]int{1, 2, 4, 6}

const (
	trialEvery  = 8    // snapshots, of which one is encoded twice
	trialsEach  = 8    // before they are judged
	worthMoving = 0.01 // of a snapshot, saved on average
)

// distance returns the distance in use.
func (l *lookback) distance() int { return lookbacks[l.at] }

// other returns the distance to be tried.
func (l *lookback) other() int {
	if l.longer {
		return min(l.at+1, len(lookbacks)-1)
	}
	return max(l.at-1, 0)
}

// note takes in how many bytes a snapshot took, and would have taken with the other distance.
func (l *lookback) note(took, would int) {
	l.saved += 1 - float64(would)/float64(max(took, 1))
	if l.trials++; l.trials < trialsEach {
		return
	}
	if l.saved > worthMoving*trialsEach {
		l.at = l.other()
	} else {
		l.longer = !l.longer
	}
	l.trials, l.saved = 0, 0
}

// try encodes the newest world, for a client to whom that took n bytes, again, if it is time and it was not done yet.
func (l *lookback) try(enc *replica.Encoder, f *replica.Feed, h *history, sendEvery, n int) {
	if int(h.newest)/sendEvery%trialEvery != 0 || l.tried == h.newest {
		return
	}
	l.tried = h.newest
	if l.other() == l.at {
		l.longer = !l.longer
	}
	held, _ := f.Held()
	older, hasOlder, _ := f.Entire(lookbacks[l.other()] * sendEvery)
	if !hasOlder {
		return
	}
	l.buf = enc.Encode(l.buf[:0], h.at(h.newest), h.at(held), h.at(older))
	l.note(n, len(l.buf))
}
