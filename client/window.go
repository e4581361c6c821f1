package client

import "slices"

// window holds the newest samples of a quantity, at most windowSize, and knows their quantiles. The
// zero window is empty.
type window struct {
	ring   [windowSize]float64 // in order of arrival
	sorted [windowSize]float64 // the first n, ascending
	n      int
	next   int // where in ring the next sample goes; once full, the oldest is there
}

// add takes in a sample; a full window forgets its oldest one.
func (w *window) add(v float64) {
	if w.n == windowSize {
		i, _ := slices.BinarySearch(w.sorted[:w.n], w.ring[w.next])
		copy(w.sorted[i:], w.sorted[i+1:w.n])
		w.n--
	}
	i, _ := slices.BinarySearch(w.sorted[:w.n], v)
	copy(w.sorted[i+1:w.n+1], w.sorted[i:w.n])
	w.sorted[i] = v
	w.n++
	w.ring[w.next] = v
	w.next = (w.next + 1) % windowSize
}

// quantile returns the smallest sample that at least the share p (0 to 1) of all samples do not
// exceed; 0 when there is none.
func (w *window) quantile(p float64) float64 {
	if w.n == 0 {
		return 0
	}
	i := int(p * float64(w.n))
	return w.sorted[min(i, w.n-1)]
}

func (w *window) reset() { w.n, w.next = 0, 0 }
