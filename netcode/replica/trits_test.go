package replica

import (
	"math"
	"testing"

	"github.com/halftick/halftick/netcode/wire"
)

// Every symbol of every code comes back, and each code is near the entropy of what it is for.
func TestTrits(t *testing.T) {
	for i, share := range []float64{0.34, 0.48, 0.60, 0.71, 0.81, 0.89, 0.945, 0.98} {
		c := &newTritCodes()[i]
		var entropy, cost, filled float64
		for s := range uint32(tritsSymbols) {
			u := [3]uint32{s / 9, s / 3 % 3, s % 3}
			var w wire.BitWriter
			c.write(&w, &u)
			w.Bits(5, 3)
			var r wire.BitReader
			r.Reset(w.Bytes())
			if got := c.read(&r); got != u || r.Bits(3) != 5 {
				t.Fatalf("code %d: %v became %v", i, u, got)
			}
			p := 1.0
			for _, v := range u {
				p *= map[bool]float64{true: share, false: (1 - share) / 2}[v == 0]
			}
			entropy -= p * math.Log2(p)
			cost += p * float64(c.lengths[s])
			filled += math.Exp2(-float64(c.lengths[s]))
		}
		most := entropy * 1.08
		if share > 0.9 {
			most = entropy + 0.75 // a symbol takes a bit at least
		}
		if filled != 1 || cost > most {
			t.Errorf("code %d costs %.3f bits per triple, the entropy is %.3f; it fills %v", i, cost, entropy, filled)
		}
	}
}

// The more zeros, the later the code.
func TestTritCodesByDensity(t *testing.T) {
	all := newTritCodes()
	for i, want := range []mean{3 * 256, 600, 450, 300, 200, 120, 60, 0} {
		if all.of(want) != &all[i] {
			t.Errorf("means of %d in all do not lead to code %d", want, i)
		}
	}
}
