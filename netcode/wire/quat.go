package wire

import (
	"fmt"
	"math"
)

// Quat is a grid of rotations: unit quaternions x, y, z, w by their three smallest components, each in Bits bits.
// The largest one, which is taken positive (q and -q are the same rotation), follows from the others.
//
// A rotation is four numbers: the place of the largest component, 0 to 3, and the others in order, each plus Top/2. They
// stand for c/Top*sqrt(2), so that all calculations on them are in integers and equal on every machine: the square of
// the largest is 2(Top/2)² less those of the others. Where two are equally large the first counts as the largest.
// The zero Quat is of no use. Glenn Fiedler, "Snapshot Compression", gafferongames.com.
type Quat struct {
	Bits uint
	Top  uint32 // highest value of a component

	unit  int32   // Top/2: the value that stands for sqrt(1/2)
	scale float64 // of a component with 1 for the whole quaternion
}

// NewQuat returns the grid with components of so many bits, 4 to 12, finer than which a float32 is not.
func NewQuat(bits int) (Quat, error) {
	if bits < 4 || bits > 12 {
		return Quat{}, fmt.Errorf("wire: quaternion of %d bits: want 4 to 12", bits)
	}
	unit := int32(1)<<(bits-1) - 1
	return Quat{Bits: uint(bits), Top: uint32(2 * unit), unit: unit, scale: float64(float64(unit) * math.Sqrt2)}, nil
}

// Lanes returns the rotation nearest to f, which need not be of length 1. Without a direction it is no rotation: then x, y, z are 0.
func (q *Quat) Lanes(f [4]float32) (l [4]uint32) {
	var sum float64
	for _, v := range f {
		sum += float64(float64(v) * float64(v))
	}
	if sum-sum != 0 || sum < 1e-30 {
		f, sum = [4]float32{3: 1}, 1
	}
	big := 0
	for i, v := range f {
		if abs32(v) > abs32(f[big]) {
			big = i
		}
	}
	to := q.scale / math.Sqrt(sum)
	if f[big] < 0 {
		to = -to
	}
	c := [4]int32{}
	for i, v := range f {
		c[i] = max(-q.unit, min(int32(math.Round(float64(v)*to)), q.unit))
	}
	q.settle(&c, big)
	return q.pack(&c, big)
}

func abs32(v float32) float32 { return float32(math.Abs(float64(v))) }

// settle makes component big the largest for certain: rounding may have made others larger than it.
func (q *Quat) settle(c *[4]int32, big int) {
	for i := 0; i < 4; i++ {
		for i != big && !q.below(c, i, big) {
			if c[i] > 0 {
				c[i]--
			} else {
				c[i]++
			}
			i = 0
		}
	}
}

// below reports whether component i is smaller than the largest, big, or equal and behind it.
func (q *Quat) below(c *[4]int32, i, big int) bool {
	left := q.square(c, big) - int64(c[i])*int64(c[i])
	return left > 0 || left == 0 && i > big
}

// square returns the square of component big, as it follows from the others.
func (q *Quat) square(c *[4]int32, big int) int64 {
	sum := 2 * int64(q.unit) * int64(q.unit)
	for i, v := range c {
		if i != big {
			sum -= int64(v) * int64(v)
		}
	}
	return sum
}

func (q *Quat) pack(c *[4]int32, big int) (l [4]uint32) {
	l[0] = uint32(big)
	n := 1
	for i, v := range c {
		if i != big {
			l[n] = uint32(v + q.unit)
			n++
		}
	}
	return l
}

func (q *Quat) unpack(l [4]uint32) (c [4]int32, big int) {
	big = int(l[0] & 3)
	n := 1
	for i := range c {
		if i != big {
			c[i] = int32(min(l[n], q.Top)) - q.unit
			n++
		}
	}
	return c, big
}

// Valid reports whether l is what Lanes can return.
func (q *Quat) Valid(l [4]uint32) bool {
	if l[0] > 3 || max(l[1], l[2], l[3]) > q.Top {
		return false
	}
	c, big := q.unpack(l)
	for i := range c {
		if i != big && !q.below(&c, i, big) {
			return false
		}
	}
	return true
}

// Value returns the rotation that l stands for, of length 1. Lanes(Value(l)) is l when l is valid.
func (q *Quat) Value(l [4]uint32) (f [4]float32) {
	c, big := q.unpack(l)
	for i, v := range c {
		f[i] = float32(float64(v) / q.scale)
	}
	f[big] = float32(math.Sqrt(float64(max(0, q.square(&c, big)))) / q.scale)
	return f
}

// Turn writes l with another component, big, taken for the largest, as near as it goes: how to compare rotations whose largest
// components differ. l need not be valid.
func (q *Quat) Turn(l [4]uint32, big uint32) [4]uint32 {
	c, was := q.unpack(l)
	c[was] = int32(math.Sqrt(float64(max(0, q.square(&c, was)))))
	if to := int(big & 3); c[to] < 0 {
		for i := range c {
			c[i] = -c[i]
		}
	}
	for i := range c {
		c[i] = max(-q.unit, min(c[i], q.unit))
	}
	return q.pack(&c, int(big&3))
}

// Slerp returns the rotation at fraction t of the way from a to b, unit quaternions, the shorter way round and at even speed.
// t may leave 0 to 1. Nearly equal ones are blended in a straight line.
func Slerp(a, b [4]float32, t float32) (f [4]float32) {
	var dot float64
	for i := range a {
		dot += float64(float64(a[i]) * float64(b[i]))
	}
	sign := 1.0
	if dot < 0 {
		dot, sign = -dot, -1
	}
	x, y := float64(1-t), float64(t)
	if dot < 0.9995 {
		angle := math.Acos(dot)
		sin := math.Sin(angle)
		x, y = math.Sin(float64(x*angle))/sin, math.Sin(float64(y*angle))/sin
	}
	y *= sign
	var v [4]float64
	var sum float64
	for i := range a {
		v[i] = float64(float64(a[i])*x) + float64(float64(b[i])*y)
		sum += float64(v[i] * v[i])
	}
	for i := range v {
		f[i] = float32(v[i] / math.Sqrt(sum))
	}
	return f
}
