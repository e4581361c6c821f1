package replica

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/wire"
)

// The scene of github.com/KinematicSoup/benchmarks, rebuilt from its parameters: 250 asteroids of scale 0.25 to 1 in a
// sphere, speeds of 1 to 4, spins up to 45 degrees a second per axis, 30 Hz. Each is accelerated by 5 until it
// has its own speed again, and by 10 towards the centre while it is outside. Where the original has convex
// meshes in PhysX, these are spheres; friction (0.6), restitution (0) and the limit to spins (7 rad/s) are Unity's defaults.
const (
	asteroids     = 250
	asteroidRate  = 30
	asteroidSteps = 2 // of physics per tick
)

type asteroid struct {
	Pos [3]float32 `net:"range=-64:64,step=0.01,lerp"`
	Rot [4]float32 `net:"quat,step=0.001,lerp"` // as the original
	// The physics.
	Vel, Spin    [3]float32 `net:"server"`
	Exact        [3]float32 `net:"server"`
	Turn         [4]float32 `net:"server"`
	Scale, Speed float32    `net:"server"`
}

type asteroidField struct{ Asteroids sim.Table[asteroid] }

func asteroidBounds() float32 {
	return float32(50 * math.Cbrt(asteroids/1000.0))
}

// field makes asteroids and moves them; the same each time.
type field struct{ r *rand.Rand }

func newField() *field { return &field{rand.New(rand.NewPCG(7, 7))} }

func (f *field) Start(w *asteroidField) {
	r := f.r
	for range asteroids {
		a := w.Asteroids.Spawn(0)
		a.Scale = 0.25 + 0.75*r.Float32()
		a.Exact = scale3(unitVector(r), asteroidBounds()*float32(math.Cbrt(r.Float64())))
		a.Speed = 1 + 3*r.Float32()
		a.Vel = scale3(unitVector(r), a.Speed)
		a.Spin = scale3(unitVector(r), float32(math.Cbrt(r.Float64()))*math.Pi/4)
		a.Turn = [4]float32{r.Float32() - 0.5, r.Float32() - 0.5, r.Float32() - 0.5, r.Float32() - 0.5}
	}
}

func (*field) Step(w *asteroidField) {
	for range asteroidSteps {
		stepAsteroids(w, 1.0/(asteroidRate*asteroidSteps))
	}
	for _, a := range w.Asteroids.All() {
		a.Pos, a.Rot = a.Exact, a.Turn
	}
}

func asteroidTrace(tb testing.TB, ticks int) *trace {
	f := newField()
	return record(tb, "asteroids", asteroidRate, 20*asteroidRate, ticks, f.Start, f.Step)
}

// For the sessions of BenchmarkAsteroidSession.
type Asteroids = asteroidField

const (
	AsteroidRate = asteroidRate
	IPUDP        = ipUDP
)

var NewAsteroids = newField

func stepAsteroids(w *asteroidField, dt float32) {
	var all []*asteroid
	for _, a := range w.Asteroids.All() {
		all = append(all, a)
		if n := length3(a.Exact); n > asteroidBounds() {
			a.Vel = add3(a.Vel, scale3(a.Exact, -10*dt/n))
		} else if v := length3(a.Vel); math.Abs(float64(v-a.Speed)) > 0.001 {
			a.Vel = scale3(a.Vel, 1+max(-5*dt, min(a.Speed-v, 5*dt))/v)
		}
	}
	for i, a := range all {
		for _, b := range all[:i] {
			collide(a, b)
		}
	}
	for _, a := range all {
		a.Exact = add3(a.Exact, scale3(a.Vel, dt))
		if n := length3(a.Spin); n > 7 {
			a.Spin = scale3(a.Spin, 7/n)
		}
		a.Turn = spin(a.Turn, a.Spin, dt)
	}
}

// collide lets two asteroids bounce off each other, with friction that changes their spins.
func collide(a, b *asteroid) {
	d := sub3(b.Exact, a.Exact)
	dist, ra, rb := length3(d), 0.82*a.Scale, 0.82*b.Scale
	if dist >= ra+rb || dist == 0 {
		return
	}
	n := scale3(d, 1/dist)
	rel := sub3(add3(b.Vel, cross3(b.Spin, scale3(n, -rb))), add3(a.Vel, cross3(a.Spin, scale3(n, ra))))
	vn := dot3(rel, n)
	if vn >= 0 {
		return
	}
	ma, mb := a.Scale*a.Scale*a.Scale, b.Scale*b.Scale*b.Scale
	j := -vn / (1/ma + 1/mb)
	impulse := scale3(n, j)
	if slide := sub3(rel, scale3(n, vn)); length3(slide) > 0 {
		most := min(0.6*j, length3(slide)/(3.5/ma+3.5/mb))
		impulse = sub3(impulse, scale3(slide, most/length3(slide)))
	}
	a.Vel = sub3(a.Vel, scale3(impulse, 1/ma))
	b.Vel = add3(b.Vel, scale3(impulse, 1/mb))
	a.Spin = sub3(a.Spin, scale3(cross3(scale3(n, ra), impulse), 2.5/(ma*ra*ra)))
	b.Spin = add3(b.Spin, scale3(cross3(scale3(n, -rb), impulse), 2.5/(mb*rb*rb)))
}

func add3(a, b [3]float32) [3]float32 { return [3]float32{a[0] + b[0], a[1] + b[1], a[2] + b[2]} }
func sub3(a, b [3]float32) [3]float32 { return [3]float32{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }
func scale3(a [3]float32, f float32) [3]float32 {
	return [3]float32{a[0] * f, a[1] * f, a[2] * f}
}
func dot3(a, b [3]float32) float32 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
func length3(a [3]float32) float32 { return float32(math.Sqrt(float64(dot3(a, a)))) }
func cross3(a, b [3]float32) [3]float32 {
	return [3]float32{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

func unitVector(r *rand.Rand) [3]float32 {
	v := [3]float32{float32(r.NormFloat64()), float32(r.NormFloat64()), float32(r.NormFloat64())}
	return scale3(v, 1/length3(v))
}

// spin turns a rotation at an angular velocity for dt seconds.
func spin(q [4]float32, w [3]float32, dt float32) [4]float32 {
	half := dt / 2
	x, y, z := w[0]*half, w[1]*half, w[2]*half
	return wire.Turn([4]float32{
		q[0] + x*q[3] + y*q[2] - z*q[1],
		q[1] - x*q[2] + y*q[3] + z*q[0],
		q[2] + x*q[1] - y*q[0] + z*q[3],
		q[3] - x*q[0] - y*q[1] - z*q[2],
	}, q, 0)
}

// rotate returns v turned by q.
func rotate(q [4]float32, v [3]float32) [3]float32 {
	u := [3]float32{q[0], q[1], q[2]}
	t := scale3(cross3(u, v), 2)
	return add3(v, add3(scale3(t, q[3]), cross3(u, t)))
}
