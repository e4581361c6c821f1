package wire

import (
	"fmt"
	"math"
)

// Angle is a grid of 2^Bits directions around the circle, in radians. Lane l stands for l/2^Bits of a
// turn, given as a value from -π up to but not including π. The zero Angle has the one direction 0.
type Angle struct {
	Bits uint

	mask      uint32
	step, inv float64 // radians per lane, lanes per radian
}

// NewAngle returns the grid of 2^bits directions; bits is 1 to 20, finer than which a float32 near π is not.
func NewAngle(bits int) (Angle, error) {
	if bits < 1 || bits > 20 {
		return Angle{}, fmt.Errorf("wire: angle of %d bits: want 1 to 20", bits)
	}
	n := float64(uint32(1) << bits)
	return Angle{Bits: uint(bits), mask: 1<<bits - 1, step: 2 * math.Pi / n, inv: n / (2 * math.Pi)}, nil
}

// Lane returns the lane of the direction nearest to f radians, however many turns f makes.
// NaN, infinities and angles beyond 2^30 turns, which hold no direction any more, get lane 0.
func (a *Angle) Lane(f float32) uint32 {
	x := float64(float64(f)*a.inv) + 0.5
	if !(x > -0x1p50 && x < 0x1p50) {
		return 0
	}
	i := int64(x)
	if float64(i) > x { // conversion rounds towards zero, we want down
		i--
	}
	return uint32(i) & a.mask
}

// Value returns the direction of lane l in [-π, π). Lane(Value(l)) is l.
func (a *Angle) Value(l uint32) float32 {
	l &= a.mask
	if l > a.mask>>1 {
		return float32(float64(int64(l)-int64(a.mask)-1) * a.step)
	}
	return float32(float64(l) * a.step)
}

// Between returns the direction at fraction t of the way from x to y, both in radians, the shortest way
// round; t may exceed 1. The result is in [-π, π).
func Between(x, y, t float32) float32 {
	d := Wrap(y - x)
	return Wrap(x + float32(d*t))
}

// Wrap returns the direction f, in radians, as a value in [-π, π); NaN and infinities become 0.
func Wrap(f float32) float32 {
	if f >= -math.Pi && f < math.Pi {
		return f
	}
	turns := math.Floor(float64(float64(f)/(2*math.Pi)) + 0.5)
	w := float32(float64(f) - float64(turns*(2*math.Pi)))
	switch {
	case w != w || w > 4 || w < -4: // not a number, or so many turns that no direction is left
		return 0
	case w >= math.Pi:
		return -math.Pi
	case w < -math.Pi:
		return w + 2*math.Pi
	}
	return w
}
