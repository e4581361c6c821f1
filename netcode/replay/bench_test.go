package replay

import (
	"io"
	"testing"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// tape is a recorder and the match that it is given, tick by tick, without end.
type tape struct {
	rec   *Recorder[track, keys]
	plan  *replica.Plan[track]
	world *replica.World[track]
	snaps [4]*replica.Snapshot
	frame Frame[keys]
	r     sim.Rand
}

func newTape(t testing.TB, runners int) *tape {
	t.Helper()
	plan, err := replica.NewPlan[track]()
	if err != nil {
		t.Fatal(err)
	}
	inputs, err := replica.NewInputs[keys]()
	if err != nil {
		t.Fatal(err)
	}
	a := &tape{rec: NewRecorder(race(), plan, inputs, 1, io.Discard), plan: plan, world: plan.NewWorld(), r: sim.NewRand(1)}
	for i := range a.snaps {
		a.snaps[i] = plan.NewSnapshot()
	}
	for p := range runners {
		a.world.V.Runners.Spawn(sim.PlayerID(p + 1))
		a.frame.Entries = append(a.frame.Entries, Entry[keys]{Player: sim.PlayerID(p + 1)})
	}
	return a
}

func (a *tape) tick() {
	a.frame.Tick++
	i := 0
	for _, r := range a.world.V.Runners.All() {
		in := &a.frame.Entries[i].Input
		if i++; a.r.Intn(20) == 0 {
			*in = keys{int8(a.r.Intn(3) - 1), int8(a.r.Intn(3) - 1), a.r.Intn(4) == 0}
		}
		r.Pos = r.Pos.Add(sim.V(float32(in.Dx), float32(in.Dy)))
	}
	s := a.snaps[a.frame.Tick%4]
	a.plan.Capture(s, a.world)
	s.Tick = a.frame.Tick
	a.rec.Tick(&a.frame, a.world, s)
}

// TestRecordingAllocatesNothing: blocks and keyframes included.
func TestRecordingAllocatesNothing(t *testing.T) {
	a := newTape(t, 32)
	for range 3000 {
		a.tick()
	}
	if n := testing.AllocsPerRun(1500, a.tick); n != 0 {
		t.Errorf("%v allocations a tick", n)
	}
}

// BenchmarkRecord is one tick of 32 players: of the time is also what the match itself takes, its Capture among it. B/s is the size of the file.
func BenchmarkRecord(b *testing.B) {
	a := newTape(b, 32)
	b.ReportAllocs()
	for b.Loop() {
		a.tick()
	}
	b.ReportMetric(float64(a.rec.Counters().Bytes)/float64(a.frame.Tick)*60, "B/s")
}
