package replica

import (
	"math/rand/v2"
	"testing"

	"github.com/halftick/halftick/netcode/sim"
)

// body is an entity of eight fields, the shape that codecs are compared by.
type body struct {
	Pos   sim.Vec2 `net:"range=-512:512,step=1/64,lerp,smooth"`
	Vel   sim.Vec2 `net:"range=-256:256,step=1/16"`
	Aim   float32  `net:"angle=12,lerp"`
	Life  uint8
	Score uint16
	Kind  uint8 `net:"bits=3,const"`
}

type bodies struct{ Bodies sim.Table[body] }

// scene is 256 bodies, half of them moving, at three ticks 100 ms apart.
type scene struct {
	p                 *Plan[bodies]
	w                 *World[bodies]
	older, base, next *Snapshot
}

func newScene(tb testing.TB) *scene {
	p, err := NewPlan[bodies]()
	if err != nil {
		tb.Fatal(err)
	}
	s := &scene{p: p, w: p.NewWorld(), older: p.NewSnapshot(), base: p.NewSnapshot(), next: p.NewSnapshot()}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 256 {
		b := s.w.V.Bodies.Spawn(sim.PlayerID(i))
		b.Pos, b.Aim = sim.V(r.Float32()*1000-500, r.Float32()*500-250), r.Float32()*6-3
		b.Life, b.Score, b.Kind = uint8(r.IntN(100)), uint16(r.IntN(1000)), uint8(r.IntN(8))
		if i%2 == 0 {
			b.Vel = sim.V(r.Float32()*100-50, r.Float32()*100-50)
		}
	}
	for i, snap := range []*Snapshot{s.older, s.base, s.next} {
		for range 6 {
			s.step(r)
		}
		p.Capture(snap, s.w)
		snap.Tick = sim.Tick(6 * i)
	}
	return s
}

// step moves the moving half for a 60th of a second.
func (s *scene) step(r *rand.Rand) {
	for _, b := range s.w.V.Bodies.All() {
		if b.Vel != (sim.Vec2{}) {
			b.Vel = b.Vel.Add(sim.V(r.Float32()-0.5, r.Float32()-0.5))
			b.Pos = b.Pos.Add(b.Vel.Mul(1.0 / 60))
			b.Aim += 0.01
		}
	}
}

func perEntity(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/256, "ns/entity")
}

func BenchmarkCapture(b *testing.B) {
	s := newScene(b)
	b.ReportAllocs()
	for b.Loop() {
		s.p.Capture(s.next, s.w)
	}
	perEntity(b)
}

func BenchmarkRestore(b *testing.B) {
	s := newScene(b)
	b.ReportAllocs()
	for b.Loop() {
		s.p.Restore(s.w, s.next)
	}
	perEntity(b)
}

func BenchmarkCopy(b *testing.B) {
	s := newScene(b)
	dst := s.p.NewWorld()
	b.ReportAllocs()
	for b.Loop() {
		s.p.Copy(dst, s.w)
	}
	perEntity(b)
}

func BenchmarkEncode(b *testing.B) {
	s := newScene(b)
	for _, c := range []struct {
		name        string
		base, older *Snapshot
	}{{"HalfMoving", s.base, s.older}, {"Hold", s.base, nil}, {"Unchanged", s.next, s.next}, {"Whole", nil, nil}} {
		b.Run(c.name, func(b *testing.B) {
			var buf []byte
			enc := s.p.NewEncoder()
			b.ReportAllocs()
			for b.Loop() {
				buf = enc.Encode(buf[:0], s.next, c.base, c.older)
			}
			perEntity(b)
			b.ReportMetric(float64(len(buf)), "bytes")
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	s := newScene(b)
	msg, dst, dec := s.p.NewEncoder().Encode(nil, s.next, s.base, s.older), s.p.NewSnapshot(), s.p.NewDecoder()
	b.ReportAllocs()
	for b.Loop() {
		if err := dec.Decode(dst, s.next.Tick, s.base, s.older, msg); err != nil {
			b.Fatal(err)
		}
	}
	perEntity(b)
}

func BenchmarkInterpolate(b *testing.B) {
	s := newScene(b)
	b.ReportAllocs()
	for b.Loop() {
		s.p.Interpolate(s.w, s.base, s.next, 0.3)
	}
	perEntity(b)
}

func BenchmarkRestoreUnpredicted(b *testing.B) {
	s := newScene(b)
	b.ReportAllocs()
	for b.Loop() {
		s.p.RestoreUnpredicted(s.w, s.next, 3)
	}
	perEntity(b)
}

func BenchmarkEqualPredicted(b *testing.B) {
	s := newScene(b)
	other := s.p.NewSnapshot()
	other.CopyFrom(s.next)
	b.ReportAllocs()
	for b.Loop() {
		s.p.EqualPredicted(s.next, other, 3)
	}
	perEntity(b)
}

func BenchmarkHash(b *testing.B) {
	s := newScene(b)
	b.ReportAllocs()
	for b.Loop() {
		s.next.Hash()
	}
	perEntity(b)
}

func BenchmarkInputs(b *testing.B) {
	x, err := NewInputs[input]()
	if err != nil {
		b.Fatal(err)
	}
	cmds := commands(100, 12)
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = x.Append(buf[:0], SnapshotAck{Tick: 90, Has: true}, cmds)
		if _, cmds, err = x.Parse(buf, cmds); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(buf)), "bytes")
}
