package replica

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/halftick/halftick/netcode/sim"
)

type swing struct {
	Pos  sim.Vec2   `net:"range=-64:64,step=1/256,hermite=Vel"`
	Vel  sim.Vec2   `net:"range=-512:512,step=1/64"`
	Turn [4]float32 `net:"quat=12,lerp"`
}

type swings struct{ Rows sim.Table[swing] }

// orbit is where something is after so many seconds that goes round in one second, turning with it.
func orbit(at float64) swing {
	a := 2 * math.Pi * at
	sin, cos := math.Sincos(a)
	return swing{
		Pos:  sim.V(float32(10*cos), float32(10*sin)),
		Vel:  sim.V(float32(-20*math.Pi*sin), float32(20*math.Pi*cos)),
		Turn: [4]float32{2: float32(math.Sin(a / 2)), 3: float32(math.Cos(a / 2))},
	}
}

// Between two snapshots a tenth of a second apart, a curve stays near a circle that a straight line leaves.
func TestHermiteFollowsACircle(t *testing.T) {
	for hz, most := range map[int]float64{60: 0.01, 0: 0.5} { // 0: the plan does not know
		p, err := NewPlan[swings]()
		if err != nil {
			t.Fatal(err)
		}
		p.SetTickRate(hz)
		w, a, b := p.NewWorld(), p.NewSnapshot(), p.NewSnapshot()
		row := w.V.Rows.Spawn(0)
		*row = orbit(0)
		p.Capture(a, w)
		*row = orbit(0.1)
		p.Capture(b, w)
		b.Tick = 6
		worst := 0.0
		for f := float32(0.1); f < 1; f += 0.1 {
			p.Interpolate(w, a, b, f)
			got, want := *row, orbit(0.1*float64(f))
			worst = max(worst, float64(got.Pos.Sub(want.Pos).Len()))
			var dot float64
			for i := range got.Turn {
				dot += float64(got.Turn[i]) * float64(want.Turn[i])
			}
			if math.Abs(dot) < 0.99999 {
				t.Errorf("at %v: turned to %v, want %v", f, got.Turn, want.Turn)
			}
		}
		if worst > most || hz == 0 && worst < 0.3 {
			t.Errorf("%d Hz: %.3f units off the circle, want at most %v", hz, worst, most)
		}
	}
}

// What was put somewhere else is blended in a straight line, whatever its velocity, and nothing leaves its range.
func TestHermiteKnowsItsLimits(t *testing.T) {
	p, _ := NewPlan[swings]()
	p.SetTickRate(60)
	w, a, b := p.NewWorld(), p.NewSnapshot(), p.NewSnapshot()
	row := w.V.Rows.Spawn(0)
	row.Pos, row.Vel = sim.V(0, 60), sim.V(6, 100)
	p.Capture(a, w)
	row.Pos = sim.V(40, 64)
	row.Vel = sim.V(6, 400)
	p.Capture(b, w)
	b.Tick = 6
	p.Interpolate(w, a, b, 0.25)
	if row.Pos.X != 10 {
		t.Errorf("a quarter of the way to 40 is %v", row.Pos.X)
	}
	for _, f := range []float32{0.5, 0.9, 1.5} {
		if p.Interpolate(w, a, b, f); row.Pos.Y > 64 {
			t.Errorf("at %v: %v is out of range", f, row.Pos.Y)
		}
	}
}

func TestHermiteErrors(t *testing.T) {
	type noField struct {
		X float32 `net:"hermite=Vel"`
	}
	type noFloat struct {
		X   float32 `net:"hermite=Vel"`
		Vel int8
	}
	type angle struct {
		X   float32 `net:"angle=8,hermite=Vel"`
		Vel float32
	}
	type unnamed struct {
		X float32 `net:"hermite="`
	}
	type parts struct {
		Pos sim.Vec2 `net:"hermite=Vel"`
		Vel float32
	}
	check := func(err error, want string) {
		t.Helper()
		var schema *SchemaError
		if !errors.As(err, &schema) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	_, err := NewPlan[struct{ T sim.Table[noField] }]()
	check(err, "T.X: hermite: there is no field .T.Vel that travels")
	_, err = NewPlan[struct{ T sim.Table[noFloat] }]()
	check(err, "is no velocity: it needs a float32")
	_, err = NewPlan[struct{ T sim.Table[angle] }]()
	check(err, "no angle and no rotation")
	_, err = NewPlan[struct{ T sim.Table[unnamed] }]()
	check(err, "needs the name of the field")
	_, err = NewPlan[struct{ T sim.Table[parts] }]()
	check(err, "there is no field")
}
