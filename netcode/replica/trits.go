package replica

import (
	"math/bits"

	"github.com/halftick/halftick/netcode/wire"
)

// The residuals of most rows are all 0, -1 or +1: the noise of rounding. In such a row, called calm, three of them share one
// prefix code, which costs about as much as the entropy says, where Rice codes would cost a bit each at least. Its symbols are the 27 triples of zig-zag
// values 0, 1 and 2, the first the most significant. There is a code for each number of unsure lanes among the three (see laneGroup), and of each for
// some densities of zeros; which, both ends know from the means of the three.
const (
	tritsSymbols = 27
	tritsLongest = 10 // bits of a code
	tritsTop     = 2  // highest value
)

// tritLengths are the lengths of the codes, by symbol, in hexadecimal: for no, one, two and three unsure lanes, which are the last of the three.
// They are the best of at most ten bits for the shares of 0, 1 and 2 in TestTrits.
var tritLengths = [4][]string{
	{
		"444455455455555556455556566",
		"344455455455566566455566566",
		"245356467356567678466678688",
		"23435656835657969a46868a8aa",
		"13636968a36968a9aa68a8aaaaa",
		"13637959a3797aa9aa59a9aa9aa",
		"1344884884787aa8aa4888aa8aa",
		"1453994993999aa9aa4999aa9aa",
	},
	{
		"445445556445556556446556556",
		"335446457446557568456557668",
		"23644845944755966a45866967a",
		"22844a56a34a56a77a56a77a99a",
		"12a45a78a45a67aaaa78a9aaaaa",
	},
	{
		"445445556445445556556556656",
		"335346568446457669457557779",
		"23733778a44845989a55a56a9aa",
		"23833989a34a45a9aa56a67aaaa",
		"23a23a9aa44a45aaaa88a88aaaa",
	},
	{
		"445445556445445556556556656",
		"335346668346446668568668788",
		"33833878a33834888a78a88a9aa",
		"23734878a34834889a78a89a9aa",
		"23934989a33935a9aa89a9aaaaa",
	},
}

// tritSums are the sums of the three means below which the next code is taken.
var tritSums = [4][]mean{
	{587, 460, 334, 224, 140, 84, 41},
	{573, 448, 338, 255},
	{559, 436, 343, 285},
	{545, 424, 347, 316},
}

// tritCode is one prefix code.
type tritCode struct {
	codes   [tritsSymbols]uint16 // first bit lowest
	lengths [tritsSymbols]uint8
	symbols [1 << tritsLongest]uint8 // by the next bits
}

// tritCodes are the codes, by the number of unsure lanes and the density, the fewest zeros first.
type tritCodes [len(tritLengths)][]tritCode

func newTritCodes() *tritCodes {
	var all tritCodes
	for unsure, lengths := range tritLengths {
		for _, l := range lengths {
			all[unsure] = append(all[unsure], newTritCode(l))
		}
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

// of returns the code for three lanes of which so many are unsure and whose means add up to so much.
func (all *tritCodes) of(unsure int, sum mean) *tritCode {
	i, sums := 0, tritSums[unsure]
	for i < len(sums) && sum < sums[i] {
		i++
	}
	return &all[unsure][i]
}

func (c *tritCode) write(w *wire.BitWriter, symbol uint32) {
	w.Bits(uint32(c.codes[symbol]), uint(c.lengths[symbol]))
}

func (c *tritCode) read(r *wire.BitReader) (symbol uint32) {
	symbol = uint32(c.symbols[r.Peek(tritsLongest)])
	r.Bits(uint(c.lengths[symbol]))
	return symbol
}

// triple is up to three lanes of a calm row that share a code, the unsure ones last.
type triple struct {
	n, unsure int
	sum       mean // of their means
}

// take adds a lane, unsure 0 or 1; with the third the triple is full.
func (p *triple) take(unsure int, m mean) (full bool) {
	p.n++
	p.unsure += unsure
	p.sum += m
	return p.n == 3
}

// code returns the code of the lanes; those that are missing count as the others do.
func (p *triple) code(all *tritCodes) *tritCode {
	if p.n == 3 {
		return all.of(p.unsure, p.sum)
	}
	return all.of(p.unsure*3/p.n, p.sum*3/mean(p.n))
}
