package sim

import "math"

// Vec2 is a point or a direction in the plane. Its arithmetic rounds after every operation, so that
// it is equal on CPUs that could fuse a multiplication with an addition.
type Vec2 struct{ X, Y float32 }

// V is short for Vec2{x, y}.
func V(x, y float32) Vec2 { return Vec2{x, y} }

// Add returns a+b.
func (a Vec2) Add(b Vec2) Vec2 { return Vec2{a.X + b.X, a.Y + b.Y} }

// Sub returns a-b.
func (a Vec2) Sub(b Vec2) Vec2 { return Vec2{a.X - b.X, a.Y - b.Y} }

// Mul returns a scaled by k.
func (a Vec2) Mul(k float32) Vec2 { return Vec2{float32(a.X * k), float32(a.Y * k)} }

// Dot returns the scalar product of a and b.
func (a Vec2) Dot(b Vec2) float32 { return float32(a.X*b.X) + float32(a.Y*b.Y) }

// Len2 returns the square of the length of a.
func (a Vec2) Len2() float32 { return a.Dot(a) }

// Len returns the length of a.
func (a Vec2) Len() float32 { return float32(math.Sqrt(float64(a.Len2()))) }

// Unit returns a scaled to length 1, or the zero vector when a is zero.
func (a Vec2) Unit() Vec2 {
	l := a.Len()
	if l == 0 {
		return Vec2{}
	}
	return Vec2{a.X / l, a.Y / l}
}

// Lerp returns the point at fraction t (0 to 1) of the way from a to b.
func (a Vec2) Lerp(b Vec2, t float32) Vec2 { return a.Add(b.Sub(a).Mul(t)) }
