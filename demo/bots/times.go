package main

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// times collects durations, in microseconds up to a minute; what is longer counts as a minute.
type times struct{ h *hdrhistogram.Histogram }

const longest = time.Minute

func newTimes() times { return times{hdrhistogram.New(1, longest.Microseconds(), 3)} }

func (t times) add(d time.Duration) {
	_ = t.h.RecordValue(min(d, longest).Microseconds()) // always in range
}

func (t times) percentiles() percentiles {
	return percentiles{inMS(t.h.ValueAtQuantile(50)), inMS(t.h.ValueAtQuantile(99))}
}

func (t times) extremes() extremes { return extremes{t.percentiles(), inMS(t.h.Max())} }

func inMS(us int64) float64 { return float64(us) / 1e3 }
