package ui

import (
	"math"
	"strconv"
)

// SeriesLen is the number of samples a chart keeps; the oldest are overwritten.
const SeriesLen = 180

// steady is the number of samples that the number beside a chart is the mean of.
const steady = 10

// Series is a ring of the newest SeriesLen samples of one number. The zero Series is empty.
type Series struct {
	buf  [SeriesLen]float32
	next int // where the next sample goes
	n    int
}

// Push adds the newest sample. What is not a number counts as 0, so that one bad sample cannot
// destroy the scale of the chart.
func (s *Series) Push(v float32) {
	if v != v || math.IsInf(float64(v), 0) {
		v = 0
	}
	s.buf[s.next] = v
	s.next = (s.next + 1) % SeriesLen
	s.n = min(s.n+1, SeriesLen)
}

// Len returns the number of samples held.
func (s *Series) Len() int { return s.n }

// Back returns the i-th newest sample; Back(0) is the newest. i must be below Len.
func (s *Series) Back(i int) float32 { return s.buf[(s.next-1-i+2*SeriesLen)%SeriesLen] }

// Range returns the least and the greatest sample, or 0, 0 when empty.
func (s *Series) Range() (lo, hi float32) {
	for i := range s.n {
		v := s.Back(i)
		if i == 0 || v < lo {
			lo = v
		}
		if i == 0 || v > hi {
			hi = v
		}
	}
	return lo, hi
}

// Recent returns the mean of the newest ten samples, which is steadier to read than the last one.
func (s *Series) Recent() float32 {
	n := min(steady, s.n)
	if n == 0 {
		return 0
	}
	var sum float32
	for i := range n {
		sum += s.Back(i)
	}
	return sum / float32(n)
}

// Chart is one strip: a series and how to read it.
type Chart struct {
	Label  string
	Unit   string
	Floor  float32 // the scale never ends below this, so that noise on a quiet line stays flat
	Warn   float32 // from here on a sample is drawn as a warning; 0 means never
	Below  bool    // Warn is a lower limit: samples under it are the warning
	Signed bool    // samples may be negative: the zero line stands in the middle
	Digits int     // after the decimal point
	Series Series
}

// Scale returns the value at the top of the chart: the first of 1, 2, 5, 10, 20, 50, ... that holds
// every sample.
func (c *Chart) Scale() float32 {
	lo, hi := c.Series.Range()
	if c.Signed {
		hi = max(hi, -lo)
	}
	return niceCeil(max(hi, c.Floor))
}

// Bad reports whether a sample is worth a warning.
func (c *Chart) Bad(v float32) bool {
	if c.Below {
		return v < c.Warn
	}
	return c.Warn > 0 && v >= c.Warn
}

// niceCeil rounds up to 1, 2 or 5 times a power of ten.
func niceCeil(v float32) float32 {
	if v <= 0 {
		return 1
	}
	p := math.Pow(10, math.Floor(math.Log10(float64(v))))
	for _, m := range []float64{1, 2, 5, 10} {
		if m*p >= float64(v)*0.9999 {
			return float32(m * p)
		}
	}
	return float32(10 * p)
}

// Value is the number beside the chart, with its unit: the mean of the newest half second. A small one
// keeps a digit after the point, so that a round trip within one machine is not shown as none.
func (c *Chart) Value() string {
	v, digits := c.Series.Recent(), c.Digits
	if -10 < v && v < 10 {
		digits = max(1, digits)
	}
	return strconv.FormatFloat(float64(v), 'f', digits, 32) + " " + c.Unit
}
