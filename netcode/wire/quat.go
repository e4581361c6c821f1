package wire

import (
	"fmt"
	"math"
)

// Quat is a grid of rotations: unit quaternions x, y, z, w by their three smallest components, each a number from 0 to Top.
// The largest one, which is taken positive (q and -q are the same rotation), follows from the others.
//
// A rotation is four numbers: the place of the largest component, 0 to 3, and the others in order, each plus Top/2. They
// stand for c/Top*sqrt(2), so that all calculations on them are in integers and equal on every machine: the square of
// the largest is 2(Top/2)² less those of the others. Where two are equally large the first counts as the largest.
// The zero Quat is of no use. Glenn Fiedler, "Snapshot Compression", gafferongames.com.
type Quat struct {
	Top uint32 // highest value of a component

	unit  int32   // Top/2: the value that stands for sqrt(1/2)
	scale float64 // of a component with 1 for the whole quaternion

	zero   float64 // the lane of a component of 0: unit
	one    float64 // the square of the whole quaternion in lanes: 2 unit²
	perOne float64 // 1/one
}

// NewQuat returns the grid with components of so many bits, 4 to 12, finer than which a float32 is not.
func NewQuat(bits int) (Quat, error) {
	if bits < 4 || bits > 12 {
		return Quat{}, fmt.Errorf("wire: quaternion of %d bits: want 4 to 12", bits)
	}
	return newQuat(1<<(bits-1) - 1), nil
}

// NewQuatStep returns the coarsest grid whose components differ by no more than step: 0.0003455 to 0.101, which take 12 to 4 bits. A
// rotation is within about as many radians as step of its place on the grid.
func NewQuatStep(step float64) (Quat, error) {
	const fewest, most = 1<<3 - 1, 1<<11 - 1 // of 4 and 12 bits
	unit := math.Sqrt2 / 2 / step
	if !(unit >= fewest && unit <= most) {
		return Quat{}, fmt.Errorf("wire: quaternion with a step of %v: want 0.0003455 to 0.101", step)
	}
	return newQuat(int32(math.Ceil(unit))), nil
}

func newQuat(unit int32) Quat {
	one := float64(2 * unit * unit)
	return Quat{Top: uint32(2 * unit), unit: unit, scale: float64(float64(unit) * math.Sqrt2), zero: float64(unit), one: one, perOne: 1 / one}
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
	left := 2 * int64(q.unit) * int64(q.unit) // the square of the largest
	var squares [4]int64
	for n := 1; n < len(l); n++ {
		c := int64(l[n]) - int64(q.unit)
		squares[n] = c * c
		left -= squares[n]
	}
	for n := 1; n < len(l); n++ {
		if squares[n] > left || squares[n] == left && n <= int(l[0]) { // the first of two equal ones counts as the largest
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

// A QuatWay is how far rotations go on: a number of times the way they went, 0 or more.
//
// With θ the angle of the way from before to was and d its difference, component by component, ratio times that beyond was lies
//
//	d sin(ratio θ)/sin(θ) + was cos((ratio+1/2) θ)/cos(θ/2)
//
// for rotations at even speed about a fixed axis. The factors are taken as series up to θ⁴; θ² is nearly |d|². No product is added
// unrounded: see the package comment.
type QuatWay struct {
	along, stay [3]float64 // of the series, by power of θ²
	bend        float64    // twice the share of θ² by which the way leaves a straight line
}

// NewQuatWay returns the way that is ratio times the one before.
func NewQuatWay(ratio float64) QuatWay {
	r := ratio
	r2 := float64(r * r)
	r4 := float64(r2 * r2)
	x := r2 + r + 0.25
	return QuatWay{
		along: [3]float64{r, float64(r*(1-r2)) / 6, float64(r * (r4/120 - r2/36 + 7.0/360))},
		stay:  [3]float64{1, -(r2 + r) / 2, (float64(x*x) - 1.5*x + 0.3125) / 24},
		bend:  r2 + r,
	}
}

// Ahead returns where a rotation goes on to that went from before to was: the components but the largest, which stays that of was, as lanes in
// 1/65536. Both must be valid; the result need not be. It says no where a straight line is as good, to an eighth of a lane.
func (q *Quat) Ahead(was, before *[4]uint32, way *QuatWay) (x, y, z int64, bends bool) {
	a1, a2, a3 := q.parts(was)
	b1, b2, b3 := q.parts(before)
	if before[0] != was[0] {
		b1, b2, b3 = q.partsBut(*before, was[0])
	}
	d1, d2, d3 := a1-b1, a2-b2, a3-b3
	square := float64(d1*d1) + float64(d2*d2) + float64(d3*d3)
	if float64(square*way.bend) < float64(0.35*q.zero) {
		return 0, 0, 0, false
	}
	a0 := q.one - float64(a1*a1) - float64(a2*a2) - float64(a3*a3)
	b0 := q.one - float64(b1*b1) - float64(b2*b2) - float64(b3*b3)
	d0 := a0 + b0 // the square of the difference of their roots, the largest components
	if p := float64(a0 * b0); p > 0 {
		d0 -= 2 * math.Sqrt(p)
	}
	t := float64((square + d0) * q.perOne)
	along := way.along[0] + float64((way.along[1]+float64(way.along[2]*t))*t)
	stay := way.stay[0] + float64((way.stay[1]+float64(way.stay[2]*t))*t)
	return q.lane(float64(a1*stay) + float64(d1*along)),
		q.lane(float64(a2*stay) + float64(d2*along)),
		q.lane(float64(a3*stay) + float64(d3*along)), true
}

// parts returns the components but the largest.
func (q *Quat) parts(l *[4]uint32) (a, b, c float64) {
	return float64(int32(l[1]) - q.unit), float64(int32(l[2]) - q.unit), float64(int32(l[3]) - q.unit)
}

// partsBut returns the components but one, which is to be positive.
func (q *Quat) partsBut(l [4]uint32, but uint32) (x, y, z float64) {
	c, big := q.unpack(l)
	var f [4]float64
	for i, v := range c {
		f[i] = float64(v)
	}
	f[big] = math.Sqrt(float64(max(0, q.square(&c, big))))
	var rest [4]float64
	n := 0
	for i, v := range f {
		if f[but] < 0 {
			v = -v
		}
		if uint32(i) != but {
			rest[n] = v
			n++
		}
	}
	return rest[0], rest[1], rest[2]
}

// lane returns a component's lane in 1/65536, rounded down.
func (q *Quat) lane(v float64) int64 {
	return int64((v+q.zero+4)*65536) - 4*65536 // truncation rounds down all that is not far below 0
}

// Turn returns the rotation at fraction t of the way from a to b, unit quaternions, the shorter way round and at nearly even speed, to
// a thousandth of a radian. Beyond 0 to 1, where t may lie, it slows down. It is the blend of the components, made unit again, with t bent so
// that the speed is even; unlike a slerp it is equal on every CPU. Arseny Kapoulkine, "Approximating slerp", zeux.io.
func Turn(a, b [4]float32, t float32) (f [4]float32) {
	var dot float64
	for i := range a {
		dot += float64(float64(a[i]) * float64(b[i]))
	}
	sign := 1.0
	if dot < 0 {
		dot, sign = -dot, -1
	}
	y := float64(t)
	if t > 0 && t < 1 {
		y = bent(dot, y)
	}
	x := 1 - y
	y *= sign
	var v [4]float64
	var sum float64
	for i := range a {
		v[i] = float64(float64(a[i])*x) + float64(float64(b[i])*y)
		sum += float64(v[i] * v[i])
	}
	length := math.Sqrt(sum)
	for i := range v {
		f[i] = float32(v[i] / length)
	}
	return f
}

// bent returns the fraction at which a straight blend has turned as far as an even turn at t, for rotations whose product is d.
func bent(d, t float64) float64 {
	p := 1.0904 + float64(d*(float64(d*(3.55645-float64(d*1.43519)))-3.2452))
	q := 0.848013 + float64(d*(float64(d*0.215638)-1.06021))
	half := t - 0.5
	k := float64(float64(p*half)*half) + q
	return t + float64(float64(float64(t*half)*(t-1))*k)
}
