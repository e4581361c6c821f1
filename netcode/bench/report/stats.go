// Package report turns measurements into Markdown tables and plots.
package report

import (
	"math"
	"slices"
)

// Percentile returns the value below which a share p (0 to 1) of the values lies, by nearest rank; NaN of none.
func Percentile(values []float64, p float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(values))
	return s[min(len(s)-1, max(0, int(math.Ceil(p*float64(len(s))))-1))]
}

// Median returns the middle value, or the mean of the two; NaN of none.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(values))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
