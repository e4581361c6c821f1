package client

import (
	"testing"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// reel is a ring of snapshots and the sender that fills it.
type reel struct {
	t     *testing.T
	plan  *replica.Plan[meadow]
	snaps *snapshots
	world *replica.World[meadow]
	sent  map[sim.Tick]*replica.Snapshot
}

func newReel(t *testing.T) *reel {
	plan, err := replica.NewPlan[meadow]()
	if err != nil {
		t.Fatal(err)
	}
	r := &reel{t: t, plan: plan, snaps: newSnapshots(plan), world: plan.NewWorld(), sent: map[sim.Tick]*replica.Snapshot{}}
	r.world.V.Walkers.Spawn(1)
	return r
}

// none, as the tick of a base, stands for the empty world.
const none = sim.Tick(1 << 31)

// send makes the world of a tick, in which the walker stands at x = tick, and sends it as a delta
// against base.
func (r *reel) send(tick, base sim.Tick) bool {
	row, _ := r.world.V.Walkers.Of(1)
	row.X = int32(tick)
	s := r.plan.NewSnapshot()
	r.plan.Capture(s, r.world)
	s.Tick, r.sent[tick] = tick, s
	h := replica.SnapshotHeader{Tick: tick, Base: base, HasBase: base != none}
	return r.snaps.take(h, r.plan.NewEncoder().Encode(nil, s, r.sent[base], nil))
}

func TestSnapshotsAreDecodedAgainstTheirBase(t *testing.T) {
	r := newReel(t)
	for _, c := range []struct {
		tick, base sim.Tick
		want       bool
	}{{100, none, true}, {101, 100, true}, {104, 100, true}, {104, 101, false}, {103, 101, false}, {105, 102, false}, {106, 104, true}} {
		if got := r.send(c.tick, c.base); got != c.want {
			t.Errorf("snapshot %d against %d: taken %v, want %v", c.tick, c.base, got, c.want)
		}
	}
	if r.snaps.stale != 2 || r.snaps.unknownBase != 1 || r.snaps.count != 4 {
		t.Errorf("%d stale, %d without a base, %d decoded; want 2, 1, 4", r.snaps.stale, r.snaps.unknownBase, r.snaps.count)
	}
	if ack := r.snaps.ack(); ack != (replica.SnapshotAck{Tick: 106, Has: true, Missing: 1}) { // 105 never came
		t.Errorf("acknowledged %+v", ack)
	}
	if r.snaps.take(replica.SnapshotHeader{Tick: 107}, []byte{0xff, 0xff}) || r.snaps.malformed != 1 {
		t.Error("nonsense was decoded")
	}
	if s, tick := r.snaps.newest(); tick != 106 || !r.plan.Equal(s, r.sent[106]) {
		t.Error("nonsense has damaged the newest snapshot")
	}
}

func TestSnapshotRing(t *testing.T) {
	r := newReel(t)
	first := sim.Tick(1<<32 - 50) // the ring goes across the wrap of ticks
	for i := range sim.Tick(3 * historySnapshots) {
		base := none
		if i > 0 {
			base = first + i - 1
		}
		if !r.send(first+i, base) {
			t.Fatalf("snapshot %d was not taken", i)
		}
	}
	newest := int64(first) + 3*historySnapshots - 1
	if r.snaps.kept() != historySnapshots-1 {
		t.Fatalf("%d kept", r.snaps.kept())
	}
	for back := range int64(historySnapshots + 10) {
		s, kept := r.snaps.at(newest-back), back < historySnapshots-1
		if (s != nil) != kept {
			t.Fatalf("the snapshot %d ticks back: there %v, want %v", back, s != nil, kept)
		}
		if kept && !r.plan.Equal(s, r.sent[sim.Tick(newest-back)]) {
			t.Fatalf("the snapshot %d ticks back is another one", back)
		}
	}
}

func TestAround(t *testing.T) {
	r := newReel(t)
	for _, tick := range []sim.Tick{10, 11, 14} {
		r.send(tick, none)
	}
	for _, c := range []struct {
		pos      float64
		a, b     sim.Tick
		fraction float32
	}{{9, 10, 10, 0}, {10, 10, 11, 0}, {10.25, 10, 11, 0.25}, {11, 11, 14, 0}, {12.5, 11, 14, 0.5}, {14, 11, 14, 1}, {17, 11, 14, 2}} {
		a, b, f := r.snaps.around(c.pos)
		if a.Tick != c.a || b.Tick != c.b || f != c.fraction {
			t.Errorf("around %v: %d, %d, %v; want %d, %d, %v", c.pos, a.Tick, b.Tick, f, c.a, c.b, c.fraction)
		}
	}
}
