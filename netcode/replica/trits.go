package replica

import (
	"math/bits"

	"github.com/halftick/halftick/netcode/wire"
)

// The residuals of most rows are all 0, -1 or +1: the noise of rounding. In such a row, called calm, three of them share one
// prefix code, which costs about as much as the entropy says, where Rice codes would cost a bit each at least. There is a code for each
// of some densities of zeros; which, both ends know from the means of the three. Its symbols are the 27 triples of zig-zag
// values 0, 1 and 2, the first the most significant.
const (
	tritsSymbols = 27
	tritsLongest = 10 // bits of a code
	tritsTop     = 2  // highest value
)

// tritLengths are the lengths of the codes, by symbol, in hexadecimal, for 34, 48, 60, 71, 81, 89, 94 and 98 % of zeros. They are the best
// of at most ten bits where -1 and +1 are equally frequent.
var tritLengths = [...]string{
	"455455455455555555455555555",
	"344455455455566566455566566",
	"244466466455577577455577577",
	"144477477477799799477699699",
	"1444774774777aa6aa4776aa6aa",
	"1444884884888aa8aa3887aa7aa",
	"1444884884888aa8aa3887aa7aa",
	"1444884884888aa8aa3887aa7aa",
}

// tritDensities are the sums of the three means below which the next code is taken. The mean of a lane with a share z of zeros is
// 256 * 1.5 (1-z).
var tritDensities = [...]mean{680, 530, 395, 275, 175, 95, 45}

// tritCode is one prefix code.
type tritCode struct {
	codes   [tritsSymbols]uint16 // first bit lowest
	lengths [tritsSymbols]uint8
	symbols [1 << tritsLongest]uint8 // by the next bits
}

// tritCodes are the codes by density, the fewest zeros first.
type tritCodes [len(tritLengths)]tritCode

func newTritCodes() *tritCodes {
	var all tritCodes
	for i := range all {
		all[i] = newTritCode(tritLengths[i])
	}
	return &all
}

// newTritCode numbers the codes of each length upwards by symbol, the shortest first (RFC 1951, section 3.2.2).
func newTritCode(lengths string) (c tritCode) {
	code := uint16(0)
	for n := 1; n <= tritsLongest; n++ {
		for s := range lengths {
			if hexDigit(lengths[s]) != n {
				continue
			}
			c.lengths[s], c.codes[s] = uint8(n), bits.Reverse16(code)>>(16-n)
			for i := int(c.codes[s]); i < len(c.symbols); i += 1 << n {
				c.symbols[i] = uint8(s)
			}
			code++
		}
		code <<= 1
	}
	return c
}

func hexDigit(d byte) int {
	if d >= 'a' {
		return int(d-'a') + 10
	}
	return int(d - '0')
}

// of returns the code for three lanes whose means add up to so much.
func (all *tritCodes) of(sum mean) *tritCode {
	i := 0
	for i < len(tritDensities) && sum < tritDensities[i] {
		i++
	}
	return &all[i]
}

// write writes three values of 0 to 2.
func (c *tritCode) write(w *wire.BitWriter, u *[3]uint32) {
	s := u[0]*9 + u[1]*3 + u[2]
	w.Bits(uint32(c.codes[s]), uint(c.lengths[s]))
}

func (c *tritCode) read(r *wire.BitReader) [3]uint32 {
	s := uint32(c.symbols[r.Peek(tritsLongest)])
	r.Bits(uint(c.lengths[s]))
	return [3]uint32{s / 9, s / 3 % 3, s % 3}
}

// triple is up to three lanes of a calm row whose residuals share a code.
type triple struct {
	lanes [3]int
	n     int
	sum   mean // of their means
}

// take adds a lane; with the third the triple is full.
func (p *triple) take(lane int, m mean) (full bool) {
	p.lanes[p.n] = lane
	p.sum += m
	p.n++
	return p.n == len(p.lanes)
}

// code returns the code of the lanes; those that are missing count as the others do.
func (p *triple) code(all *tritCodes) *tritCode { return all.of(p.sum * 3 / mean(p.n)) }
