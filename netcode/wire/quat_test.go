package wire

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func drawQuat(t *rapid.T, label string) [4]float32 {
	var q [4]float32
	for i := range q {
		q[i] = rapid.Float32Range(-1, 1).Draw(t, label)
	}
	return q
}

// angleBetween returns the angle between two rotations in radians.
func angleBetween(a, b [4]float32) float64 {
	var dot, na, nb float64
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
		na += float64(a[i]) * float64(a[i])
		nb += float64(b[i]) * float64(b[i])
	}
	return 2 * math.Acos(min(1, math.Abs(dot)/math.Sqrt(na*nb)))
}

// drawGrid draws a grid of some number of bits, or of some step.
func drawGrid(t *rapid.T) Quat {
	g, err := NewQuat(rapid.IntRange(4, 12).Draw(t, "bits"))
	if rapid.Bool().Draw(t, "by step") {
		step := rapid.Float64Range(0.000346, 0.101).Draw(t, "step")
		g, err = NewQuatStep(step)
		one := g.Value([4]uint32{0, g.Top/2 + 1, g.Top / 2, g.Top / 2})[1]
		if float64(one) > step*1.000001 || float64(one) < step*0.85 {
			t.Fatalf("a step of %v becomes %v", step, one)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestQuatProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGrid(t)
		f := drawQuat(t, "q")
		if rapid.Bool().Draw(t, "ties") { // many components of one size, where the largest is in doubt
			for i := range f {
				f[i] = float32(math.Copysign(0.5, float64(f[i])))
			}
		}
		l := g.Lanes(f)
		v := g.Value(l)
		if !g.Valid(l) || g.Lanes(v) != l {
			t.Fatalf("%v becomes %v (valid %v), then %v", f, l, g.Valid(l), g.Lanes(v))
		}
		if n := float64(f[0]*f[0] + f[1]*f[1] + f[2]*f[2] + f[3]*f[3]); n > 1e-3 {
			if a := angleBetween(f, v); a > 5/float64(g.Top) {
				t.Fatalf("%v becomes %v, %v rad away", f, v, a)
			}
		}
		for big := range uint32(4) {
			if max(abs32(v[0]), abs32(v[1]), abs32(v[2]), abs32(v[3])) > 0.7 || abs32(v[big]) < 0.5 {
				continue // nearly as large as the largest, or it does not fit
			}
			if a := angleBetween(v, g.Value(g.Turn(l, big))); a > 8/float64(g.Top) {
				t.Fatalf("%v, taken by component %d, is %v rad away", v, big, a)
			}
		}
	})
}

func TestQuatOfNothing(t *testing.T) {
	g, _ := NewQuat(9)
	for _, f := range [][4]float32{{}, {nan, 0, 0, 1}, {inf, 0, 0, 0}} {
		if got := g.Value(g.Lanes(f)); got != [4]float32{0, 0, 0, 1} {
			t.Errorf("%v becomes %v", f, got)
		}
	}
	for _, bits := range []int{3, 13} {
		if _, err := NewQuat(bits); err == nil {
			t.Errorf("no error for %d bits", bits)
		}
	}
	for _, step := range []float64{0, -0.01, 0.0003454, 0.102, 1, math.NaN(), math.Inf(1), 1e-300} {
		if _, err := NewQuatStep(step); err == nil {
			t.Errorf("no error for a step of %v", step)
		}
	}
	for _, l := range [][4]uint32{{4, 1, 1, 1}, {0, 511, 255, 255}, {0, 0, 0, 0}, {3, 510, 255, 255}} {
		if g.Valid(l) {
			t.Errorf("%v is valid", l)
		}
	}
}

// Every rotation of a coarse grid: what Value gives comes back as it was, unless it is not valid.
func TestQuatExhaustively(t *testing.T) {
	g, _ := NewQuat(5)
	n := 0
	for big := range uint32(4) {
		for a := range g.Top + 1 {
			for b := range g.Top + 1 {
				for c := range g.Top + 1 {
					l := [4]uint32{big, a, b, c}
					parts, at := g.unpack(l)
					largest := true
					for i := range parts {
						largest = largest && (i == at || g.below(&parts, i, at))
					}
					if g.Valid(l) != largest {
						t.Fatalf("%v: valid %v", l, !largest)
					}
					if largest {
						n++
						if got := g.Lanes(g.Value(l)); got != l {
							t.Fatalf("%v becomes %v", l, got)
						}
					}
				}
			}
		}
	}
	if n < 10_000 {
		t.Errorf("only %d of them are valid", n)
	}
}

// What turns evenly goes on to where it is predicted, to a step or so.
func TestQuatAhead(t *testing.T) {
	tried, bent := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		g, _ := NewQuatStep(rapid.Float64Range(0.000346, 0.002).Draw(t, "step"))
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		start, axis := randomQuat(r), randomQuat(r)
		long := math.Sqrt(float64(axis[0]*axis[0] + axis[1]*axis[1] + axis[2]*axis[2]))
		for i := range axis {
			axis[i] /= float32(long)
		}
		angle, ratio := 0.4*r.Float64(), 3*r.Float64()
		start = g.Value(g.Lanes(start))
		at := func(a float64) [4]float32 {
			s, c := float32(math.Sin(a/2)), float32(math.Cos(a/2))
			x, y, z := axis[0]*s, axis[1]*s, axis[2]*s
			q := start
			return [4]float32{
				c*q[0] + x*q[3] + y*q[2] - z*q[1], c*q[1] - x*q[2] + y*q[3] + z*q[0],
				c*q[2] + x*q[1] - y*q[0] + z*q[3], c*q[3] - x*q[0] - y*q[1] - z*q[2],
			}
		}
		was := g.Lanes(at(angle))
		want := g.Turn(g.Lanes(at(angle*(1+ratio))), was[0])
		way := NewQuatWay(ratio)
		before := g.Lanes(start)
		x, y, z, bends := g.Ahead(&was, &before, &way)
		if tried++; !bends {
			return
		}
		bent++
		for i, x := range []int64{x, y, z} {
			d := int32((x+1<<15)>>16) - int32(want[i+1])
			if reach := max(want[1], want[2], want[3]) == g.Top || min(want[1], want[2], want[3]) == 0; !reach && max(d, -d) > 6+int32(4*ratio) {
				t.Fatalf("%v on from %v by %v is %v, want %v", was, before, ratio, []int64{x >> 16, y >> 16, z >> 16}, want)
			}
		}
	})
	if 2*bent < tried {
		t.Errorf("%d of %d tries say nothing", tried-bent, tried)
	}
}

// randomQuat returns any rotation, each as likely as another.
func randomQuat(r *rand.Rand) (q [4]float32) {
	n := 0.0
	for i := range q {
		v := r.NormFloat64()
		q[i], n = float32(v), n+v*v
	}
	for i := range q {
		q[i] /= float32(math.Sqrt(n))
	}
	return q
}

func TestTurn(t *testing.T) {
	about := func(a float64) [4]float32 {
		return [4]float32{0, 0, float32(math.Sin(a / 2)), float32(math.Cos(a / 2))}
	}
	neg := func(q [4]float32) [4]float32 { return [4]float32{-q[0], -q[1], -q[2], -q[3]} }
	for _, c := range []struct {
		a, b [4]float32
		t    float32
		want float64
	}{{about(0), about(2), 0.25, 0.5}, {about(0), neg(about(2)), 0.25, 0.5}, {about(1), about(1.001), 0.5, 1.0005},
		{about(0), about(3), 0.8, 2.4}, {about(0), about(0.2), 1.5, 0.3}, {about(0.3), about(2), 0, 0.3}, {about(0.3), about(2), 1, 2}} {
		if got := angleBetween(Turn(c.a, c.b, c.t), about(c.want)); got > 2e-3 {
			t.Errorf("%v to %v at %v: %v rad away", c.a, c.b, c.t, got)
		}
	}
}
