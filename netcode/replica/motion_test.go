package replica

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/halftick/halftick/netcode/sim"
)

// flyer flies on evenly, but for a nudge now and then: rows as expected, calm and stormy ones, in one group of lanes and in two.
type flyer struct {
	Pos  [3]float32 `net:"range=-64:64,step=0.01"`
	Turn [4]float32 `net:"quat,step=0.002"`
	fly  flight     `net:"server"`
}

type wideFlyer struct {
	Pos  [3]float32  `net:"range=-64:64,step=0.01"`
	Many [26]float32 `net:"range=-8:8,step=1/4"`
	Turn [4]float32  `net:"quat=9"` // half of it in the second group
	Far  [3]float32  `net:"range=-8:8,step=1/16"`
	fly  flight      `net:"server"`
}

type flight struct {
	pos, vel, spin [3]float32
	turn           [4]float32
}

type flyers struct {
	Narrow sim.Table[flyer]
	Wide   sim.Table[wideFlyer]
}

func (f *flight) start(r *rand.Rand) {
	f.pos, f.vel, f.spin = scale3(unitVector(r), 20), scale3(unitVector(r), 0.1), scale3(unitVector(r), 3*r.Float32())
	f.turn = [4]float32{r.Float32() - 0.5, r.Float32() - 0.5, r.Float32() - 0.5, r.Float32() - 0.5}
}

func (f *flight) step(r *rand.Rand) {
	if r.IntN(8) == 0 {
		f.vel, f.spin = add3(f.vel, scale3(unitVector(r), 0.05)), add3(f.spin, unitVector(r))
	}
	f.pos, f.turn = add3(f.pos, f.vel), spin(f.turn, f.spin, 1.0/30)
}

// flights returns states of a world of so many ticks, of which each is the next one.
func flights(p *Plan[flyers], r *rand.Rand, ticks int) (all []*Snapshot) {
	w := p.NewWorld()
	for range 12 {
		w.V.Narrow.Spawn(0).fly.start(r)
		w.V.Wide.Spawn(0).fly.start(r)
	}
	for tick := range ticks {
		for _, f := range w.V.Narrow.All() {
			f.fly.step(r)
			f.Pos, f.Turn = f.fly.pos, f.fly.turn
		}
		for _, f := range w.V.Wide.All() {
			f.fly.step(r)
			f.Pos, f.Turn, f.Far = f.fly.pos, f.fly.turn, f.fly.vel
			f.Many[tick%len(f.Many)] += float32(r.IntN(3)-1) / 4
		}
		s := p.NewSnapshot()
		p.Capture(s, w)
		s.Tick = sim.Tick(tick)
		all = append(all, s)
	}
	return all
}

func flyersPlan(tb testing.TB) *Plan[flyers] {
	p, err := NewPlan[flyers]()
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// What moves arrives, whatever base and older are, whether all rows are sent or some.
func TestMotionRoundTrip(t *testing.T) {
	p := flyersPlan(t)
	rapid.Check(t, func(t *rapid.T) {
		r := random(rapid.Uint64().Draw(t, "seed"))
		all := flights(p, r, 24)
		older, base, to := all[r.IntN(8)], all[8+r.IntN(8)], all[16+r.IntN(8)]
		p.sent(t, to, base, older)
		rows, enc, dec := p.allRows(base), p.NewEncoder(), p.NewDecoder()
		msg, _ := enc.EncodeRows(nil, base, older, nil, rows[:r.IntN(len(rows))], 1<<16)
		part, got := p.NewSnapshot(), p.NewSnapshot()
		if err := dec.Decode(part, base.Tick, older, nil, msg); err != nil {
			t.Fatal(err)
		}
		msg = enc.Encode(nil, to, part, older)
		if err := dec.Decode(got, to.Tick, part, older, msg); err != nil || !p.Equal(got, to) {
			t.Fatalf("%v %s", err, p.Diff(to, got))
		}
	})
}

// Whatever is accepted of rows in motion is a world that can be shown, and sent on.
func FuzzDecodeMotion(f *testing.F) {
	p := flyersPlan(f)
	all := flights(p, random(5), 16)
	older, base := all[3], all[9]
	enc, dec := p.NewEncoder(), p.NewDecoder()
	for _, to := range all[10:] {
		f.Add(enc.Encode(nil, to, base, older), uint8(to.Tick-base.Tick))
	}
	w, again, dst, back := p.NewWorld(), p.NewSnapshot(), p.NewSnapshot(), p.NewSnapshot()
	f.Fuzz(func(t *testing.T, b []byte, age uint8) {
		tick := base.Tick + sim.Tick(age)
		if dec.Decode(dst, tick, base, older, b) != nil {
			return
		}
		p.Restore(w, dst)
		p.Capture(again, w)
		if d := p.Diff(dst, again); d != "" {
			t.Fatalf("accepted a world that cannot be shown: %s", d)
		}
		if err := dec.Decode(back, tick, base, older, enc.Encode(nil, dst, base, older)); err != nil || !p.Equal(back, dst) {
			t.Fatalf("sent on: %v, %s", err, p.Diff(back, dst))
		}
	})
}
