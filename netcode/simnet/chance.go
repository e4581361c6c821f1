package simnet

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"time"
)

// chance is a stream of random numbers. Streams of one seed that serve different ends are independent.
type chance struct{ pcg rand.PCG }

func newChance(seed, end uint64) chance {
	s := fork(seed, end)
	return chance{*rand.NewPCG(s, fork(s, 0))}
}

// fork returns the seed of one end of many under a seed: splitmix64, so that near seeds differ widely.
func fork(seed, end uint64) uint64 {
	z := seed + (end+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// draws are the random numbers of one datagram. Each is drawn whether it is needed or not, so that the
// loss of the n-th datagram does not depend on, say, whether duplication is on.
type draws struct{ loss, duplicate, reorder, corrupt, bit, jitter, jitter2 uint64 }

func (c *chance) datagram() draws {
	return draws{
		loss: c.pcg.Uint64(), duplicate: c.pcg.Uint64(), reorder: c.pcg.Uint64(), corrupt: c.pcg.Uint64(),
		bit: c.pcg.Uint64(), jitter: c.pcg.Uint64(), jitter2: c.pcg.Uint64(),
	}
}

// hits reports whether an event of probability p happens.
func hits(draw uint64, p float64) bool { return float64(draw>>11)*0x1p-53 < p }

// below returns a number in [0, n), uniform but for 2^-64 of bias; n must be above 0.
func below(draw uint64, n uint64) uint64 {
	hi, _ := bits.Mul64(draw, n)
	return hi
}

// upTo returns a time in [0, d].
func upTo(draw uint64, d time.Duration) time.Duration {
	return time.Duration(below(draw, uint64(d)+1))
}

// exponential returns a time of the exponential distribution, in whole microseconds: the logarithm of
// different CPUs differs in the last bit.
func (c *chance) exponential(mean time.Duration) time.Duration {
	u := 1 - float64(c.pcg.Uint64()>>11)*0x1p-53 // in (0, 1]
	return time.Duration(-math.Log(u)*float64(mean)) / time.Microsecond * time.Microsecond
}
