package client

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestWindowQuantile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w window
		all := rapid.SliceOfN(rapid.Float64Range(-1000, 1000), 1, 3*windowSize).Draw(t, "samples")
		for _, v := range all {
			w.add(v)
		}
		newest := slices.Clone(all[max(0, len(all)-windowSize):])
		slices.Sort(newest)
		p := rapid.Float64Range(0, 1).Draw(t, "p")
		want := newest[min(int(p*float64(len(newest))), len(newest)-1)]
		if got := w.quantile(p); got != want {
			t.Fatalf("quantile(%v) = %v, want %v", p, got, want)
		}
	})
}
