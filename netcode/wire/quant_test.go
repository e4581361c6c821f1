package wire

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

var nan, inf = float32(math.NaN()), float32(math.Inf(1))

func TestQuantKnown(t *testing.T) {
	q, err := NewQuant(-512, 512, 1.0/64)
	if err != nil || q.Top != 65536 || q.Bits != 17 {
		t.Fatalf("%+v, %v", q, err)
	}
	for f, want := range map[float32]float32{
		0: 0, 1: 1, 0.0077: 0, 0.0079: 1.0 / 64, -0.0079: -1.0 / 64, 511.999: 512,
		512: 512, 513: 512, -600: -512, inf: 512, -inf: -512,
	} {
		if got := q.Value(q.Lane(f)); got != want {
			t.Errorf("%v becomes %v, want %v", f, got, want)
		}
	}
	if got := q.Value(q.Lane(nan)); got != 0 {
		t.Errorf("NaN becomes %v", got)
	}
	if q.Value(math.MaxUint32) != 512 {
		t.Errorf("a lane above Top is %v", q.Value(math.MaxUint32))
	}
}

func TestQuantNaNOutsideOfRange(t *testing.T) {
	for _, c := range []struct{ min, max, want float32 }{{5, 9, 5}, {-9, -5, -5}} {
		q, err := NewQuant(c.min, c.max, 0.5)
		if got := q.Value(q.Lane(nan)); err != nil || got != c.want {
			t.Errorf("range %v:%v: NaN becomes %v, want %v (%v)", c.min, c.max, got, c.want, err)
		}
	}
}

// Decimal steps have no exact float32; the range still ends where it says.
func TestQuantDecimalSteps(t *testing.T) {
	for _, c := range []struct {
		min, max, step float32
		top            uint32
	}{{0, 1, 0.1, 10}, {0, 1, 0.3, 3}, {-20, 20, 0.01, 4000}, {0, 1, 1, 1}, {-1, 1, 0.001, 2000}} {
		q, err := NewQuant(c.min, c.max, c.step)
		if err != nil || q.Top != c.top {
			t.Errorf("%+v: top %d, %v", c, q.Top, err)
		}
		if q.Value(q.Top) > c.max {
			t.Errorf("%+v: the highest value is %v", c, q.Value(q.Top))
		}
	}
}

func TestQuantErrors(t *testing.T) {
	for _, c := range [][3]float32{
		{1, 1, 0.1}, {2, 1, 0.1}, {nan, 1, 0.1}, {0, nan, 0.1}, {0, inf, 1}, {-inf, 0, 1},
		{0, 1, 0}, {0, 1, -1}, {0, 1, nan}, {0, 1, 2}, {0, 1, inf}, {0, 1e6, 1e-3}, {-3e38, 3e38, 1},
	} {
		if q, err := NewQuant(c[0], c[1], c[2]); err == nil {
			t.Errorf("NewQuant%v = %+v, want an error", c, q)
		}
	}
}

func grid(t *rapid.T) Quant {
	bound := rapid.Float32Range(-1e5, 1e5)
	a, b := bound.Draw(t, "a"), bound.Draw(t, "b")
	q, err := NewQuant(min(a, b), max(a, b), rapid.Float32Range(1e-6, 100).Draw(t, "step"))
	if err != nil {
		t.Skip(err)
	}
	return q
}

func TestQuantProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := grid(t)
		for _, l := range []uint32{0, 1, q.Top / 3, q.Top / 2, q.Top - 1, q.Top} {
			l = min(l, q.Top)
			if got := q.Lane(q.Value(l)); got != l {
				t.Fatalf("%+v: lane %d is %v is lane %d", q, l, q.Value(l), got)
			}
		}
		f := rapid.Float32().Draw(t, "f")
		l := q.Lane(f)
		if l > q.Top || bitsOf(l) > q.Bits {
			t.Fatalf("%+v: %v has lane %d", q, f, l)
		}
		if v := q.Value(l); v < q.Min || v > q.Max {
			t.Fatalf("%+v: %v becomes %v, out of range", q, f, v)
		} else if f >= q.Min && f <= q.Value(q.Top) && math.Abs(float64(v-f)) > float64(q.Step)*0.8 {
			t.Fatalf("%+v: %v becomes %v, further than a step", q, f, v)
		}
	})
}

func bitsOf(v uint32) (n uint) {
	for ; v > 0; v >>= 1 {
		n++
	}
	return n
}

func TestAngle(t *testing.T) {
	if _, err := NewAngle(0); err == nil {
		t.Error("no error for 0 bits")
	}
	if _, err := NewAngle(21); err == nil {
		t.Error("no error for 21 bits")
	}
	rapid.Check(t, func(t *rapid.T) {
		a, err := NewAngle(rapid.IntRange(1, 20).Draw(t, "bits"))
		if err != nil {
			t.Fatal(err)
		}
		l := rapid.Uint32Range(0, 1<<a.Bits-1).Draw(t, "lane")
		v := a.Value(l)
		if got := a.Lane(v); got != l {
			t.Fatalf("lane %d is %v is lane %d", l, v, got)
		}
		if v < -math.Pi || v >= math.Pi {
			t.Fatalf("lane %d is %v", l, v)
		}
		f := rapid.Float32().Draw(t, "f")
		if a.Lane(f) >= 1<<a.Bits {
			t.Fatalf("%v has lane %d", f, a.Lane(f))
		}
	})
}

func TestAngleKnown(t *testing.T) {
	a, _ := NewAngle(8)
	for f, want := range map[float32]uint32{
		0: 0, math.Pi / 2: 64, -math.Pi / 2: 192, math.Pi: 128, -math.Pi: 128, 2 * math.Pi: 0,
		5 * math.Pi / 2: 64, -0.001: 0, inf: 0, -inf: 0, nan: 0, math.MaxFloat32: 0,
	} {
		if got := a.Lane(f); got != want {
			t.Errorf("%v has lane %d, want %d", f, got, want)
		}
	}
}

func TestBetween(t *testing.T) {
	for _, c := range []struct{ x, y, t, want float32 }{
		{0, 1, 0.5, 0.5}, {1, 0, 0.25, 0.75}, {3, -3, 0.5, -math.Pi}, {-3, 3, 0.5, -math.Pi},
		{3.1, -3.1, 1, -3.1}, {0, 0.5, 2, 1}, {-0.5, 0.5, 0.5, 0},
	} {
		got := Between(c.x, c.y, c.t)
		if d := math.Abs(float64(Wrap(got - c.want))); d > 1e-5 {
			t.Errorf("Between(%v, %v, %v) = %v, want %v", c.x, c.y, c.t, got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float32().Draw(t, "f")
		if w := Wrap(f); !(w >= -math.Pi && w < math.Pi) {
			t.Fatalf("Wrap(%v) = %v", f, w)
		}
	})
	for _, f := range []float32{nan, inf, -inf} {
		if Wrap(f) != 0 {
			t.Errorf("Wrap(%v) = %v", f, Wrap(f))
		}
	}
}

func TestVarint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Uint32().Draw(t, "v")
		b := AppendVarint([]byte{9}, v)
		got, rest, err := Varint(append(b, 7)[1:])
		if got != v || err != nil || len(rest) != 1 || rest[0] != 7 {
			t.Fatalf("%d: %x gives %d, %x, %v", v, b, got, rest, err)
		}
	})
	for _, b := range [][]byte{{}, {0x80}, {0xff, 0xff, 0xff, 0xff, 0x10}, {0x80, 0x80, 0x80, 0x80, 0x80, 0}} {
		if v, _, err := Varint(b); err == nil {
			t.Errorf("%x gives %d", b, v)
		}
	}
}
