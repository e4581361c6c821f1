package sim

// Rand is a small stream of pseudo-random numbers: a plain value, equal on every machine for equal seeds.
// It is splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
// It is for play, never for secrets. It is not safe for concurrent use.
type Rand struct{ state uint64 }

// NewRand starts the stream of a seed.
func NewRand(seed uint64) Rand { return Rand{seed} }

// Uint64 returns the next 64 random bits.
func (r *Rand) Uint64() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Float32 returns a number in [0, 1), a multiple of 2^-24.
func (r *Rand) Float32() float32 { return float32(r.Uint64()>>40) * (1.0 / (1 << 24)) }

// Intn returns a number in [0, n), or 0 when n is not positive.
func (r *Rand) Intn(n int) int {
	if n <= 0 {
		return 0
	}
	return int((r.Uint64() >> 1) % uint64(n))
}

// Range returns a number in [lo, hi).
func (r *Rand) Range(lo, hi float32) float32 { return lo + float32((hi-lo)*r.Float32()) }
