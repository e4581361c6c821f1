package server

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestHistogramBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(4*time.Second)).Draw(t, "d"))
		top := bucketTop(bucketOf(d))
		if top <= d || float64(top-d) > 0.125*float64(d)+256 {
			t.Fatalf("%v falls into the bucket up to %v", d, top)
		}
	})
	if got := bucketOf(time.Hour); got != histogramSize-1 {
		t.Errorf("an hour falls into bucket %d", got)
	}
	if got := bucketOf(-1); got != 0 {
		t.Errorf("a negative duration falls into bucket %d", got)
	}
}

func TestHistogramQuantiles(t *testing.T) {
	var h histogram
	if h.quantile(0.5) != 0 {
		t.Error("the median of nothing is not 0")
	}
	for i := range 1000 {
		h.add(time.Duration(i+1) * time.Microsecond)
	}
	for q, want := range map[float64]time.Duration{0.5: 500 * time.Microsecond, 0.99: 990 * time.Microsecond, 1: time.Millisecond} {
		if got := h.quantile(q); got < want || got > want+want/8 {
			t.Errorf("quantile %v is %v, want %v or a little more", q, got, want)
		}
	}
	if h.max != time.Millisecond {
		t.Errorf("max %v", h.max)
	}
}

func TestRecentForgets(t *testing.T) {
	var r recent
	r.add(500*time.Millisecond, time.Second)
	r.add(9*time.Second, time.Millisecond)
	if h := r.sum(); h.total != 2 || h.max != time.Second {
		t.Errorf("within the window: %d entries, max %v", h.total, h.max)
	}
	r.add(10500*time.Millisecond, 2*time.Millisecond)
	if h := r.sum(); h.total != 2 || h.max != 2*time.Millisecond {
		t.Errorf("after 10 s: %d entries, max %v", h.total, h.max)
	}
	r.advance(time.Hour)
	if h := r.sum(); h.total != 0 {
		t.Errorf("after an hour: %d entries", h.total)
	}
}
