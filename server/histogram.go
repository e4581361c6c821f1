package server

import (
	"math/bits"
	"time"
)

// A histogram counts durations in log-linear buckets: 8 per power of two, so that a reading is at
// most 12.5 % too high. The first ones are 256 ns wide; beyond 4 s everything is in the last.
//
//	0..7: units of 256 ns | 8..15: [8,16) in eighths | 16..23: [16,32) in eighths | ...
const (
	unitBits      = 8
	bucketBits    = 3
	histogramSize = 22 << bucketBits
)

type histogram struct {
	counts [histogramSize]uint32
	total  uint64
	max    time.Duration
}

func bucketOf(d time.Duration) int {
	v := uint64(max(d, 0)) >> unitBits
	if v < 1<<bucketBits {
		return int(v)
	}
	e := bits.Len64(v) - 1 - bucketBits
	return min((e+1)<<bucketBits|int(v>>e)&(1<<bucketBits-1), histogramSize-1)
}

// bucketTop returns the upper edge of a bucket.
func bucketTop(i int) time.Duration {
	if i < 1<<bucketBits {
		return time.Duration(i+1) << unitBits
	}
	e := i>>bucketBits - 1
	return time.Duration(1<<bucketBits+i&(1<<bucketBits-1)+1) << (e + unitBits)
}

func (h *histogram) add(d time.Duration) {
	h.counts[bucketOf(d)]++
	h.total++
	h.max = max(h.max, d)
}

func (h *histogram) merge(o *histogram) {
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.total += o.total
	h.max = max(h.max, o.max)
}

// quantile returns a duration that at least the fraction q of the entries do not exceed, 0 when empty.
func (h *histogram) quantile(q float64) time.Duration {
	rank, sum := q*float64(h.total), uint64(0)
	for i, n := range h.counts {
		if sum += uint64(n); n > 0 && float64(sum) >= rank {
			return min(bucketTop(i), h.max)
		}
	}
	return h.max
}

// windowSeconds is how far back the tick times in Stats reach.
const windowSeconds = 10

// recent is a histogram of the last windowSeconds, in slices of one second.
type recent struct {
	slices [windowSeconds]histogram
	second int64
}

func (r *recent) add(now, d time.Duration) {
	r.advance(now)
	r.slices[r.second%windowSeconds].add(d)
}

// advance clears the slices between the second of the last call and now.
func (r *recent) advance(now time.Duration) {
	second := int64(now / time.Second)
	for n := 0; r.second < second && n < windowSeconds; n++ {
		r.second++
		r.slices[r.second%windowSeconds] = histogram{}
	}
	r.second = max(r.second, second)
}

func (r *recent) sum() (h histogram) {
	for i := range r.slices {
		h.merge(&r.slices[i])
	}
	return h
}
