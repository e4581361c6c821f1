package replica

import (
	"math"
	"testing"

	"github.com/halftick/halftick/netcode/wire"
)

// tritShares are the shares of 0, 1 and 2 which the codes are for: of a sure lane and an unsure one, by density.
var tritShares = [...][2][3]float64{
	{{.42, .32, .26}, {.40, .40, .20}},
	{{.52, .27, .21}, {.48, .42, .10}},
	{{.62, .25, .13}, {.545, .425, .03}},
	{{.71, .22, .07}, {.59, .40, .01}},
	{{.80, .175, .025}, {.60, .397, .003}},
	{{.89, .08, .03}}, {{.945, .03, .025}}, {{.98, .011, .009}}, // unsure lanes do not become surer
}

// Every symbol of every code comes back, and each code is near the entropy of what it is for.
func TestTrits(t *testing.T) {
	for unsure, codes := range newTritCodes() {
		for i := range codes {
			testTritCode(t, unsure, i, &codes[i])
		}
	}
}

func testTritCode(t *testing.T, unsure, density int, c *tritCode) {
	var entropy, cost, filled float64
	for s := range uint32(tritsSymbols) {
		u := [3]uint32{s / 9, s / 3 % 3, s % 3}
		var w wire.BitWriter
		c.write(&w, s)
		w.Bits(5, 3)
		var r wire.BitReader
		r.Reset(w.Bytes())
		if got := c.read(&r); got != s || r.Bits(3) != 5 {
			t.Fatalf("%d unsure, code %d: symbol %d became %d", unsure, density, s, got)
		}
		p := 1.0
		for k, v := range u {
			class := 0
			if k >= 3-unsure {
				class = 1
			}
			p *= tritShares[density][class][v]
		}
		entropy -= p * math.Log2(p)
		cost += p * float64(c.lengths[s])
		filled += math.Exp2(-float64(c.lengths[s]))
	}
	most := entropy * 1.03
	if density > 4 {
		most = entropy + 0.7 // a symbol takes a bit at least
	}
	if filled != 1 || cost > most {
		t.Errorf("%d unsure, code %d costs %.3f bits per triple, the entropy is %.3f; it fills %v", unsure, density, cost, entropy, filled)
	}
}

// The more zeros, the later the code: each is taken at the means of what it is for.
func TestTritCodesByDensity(t *testing.T) {
	all := newTritCodes()
	for unsure := range all {
		for i := range all[unsure] {
			var sum float64
			for k := range 3 {
				share := tritShares[i][0]
				if k >= 3-unsure {
					share = tritShares[i][1]
				}
				sum += 256 * (share[1] + 2*share[2])
			}
			if all.of(unsure, mean(sum)) != &all[unsure][i] {
				t.Errorf("%d unsure: means of %.0f in all do not lead to code %d", unsure, sum, i)
			}
		}
	}
}
