package p2p

// track is what one player does, tick by tick: known up to newest, guessed beyond.
//
//	tick    1 ............ newest | newest+1 ...
//	        known                 | the input of newest, repeated
//
// Ticks begin at 1. The zero track knows nothing, and guesses the zero input.
type track[I any] struct {
	ring   [trackTicks]I
	newest int64
}

// at returns the input for a tick, and whether it is known. Ticks that the ring has forgotten must not be asked for.
func (t *track[I]) at(tick int64) (in I, known bool) {
	return t.ring[min(tick, t.newest)%trackTicks], tick <= t.newest
}

// guess returns what is taken for the input of every tick after newest.
func (t *track[I]) guess() I { return t.ring[t.newest%trackTicks] }

// put adds the input of the next tick.
func (t *track[I]) put(in I) {
	t.newest++
	t.ring[t.newest%trackTicks] = in
}
