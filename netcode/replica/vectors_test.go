package replica

import (
	"testing"

	"github.com/halftick/halftick/netcode/sim"
)

// The bytes and hashes here are the protocol, on every machine. Whoever changes them changes formatVersion.
func TestVectors(t *testing.T) {
	p, err := NewPlan[smallWorld]()
	if err != nil {
		t.Fatal(err)
	}
	x := testInputs(t)
	if p.Hash() != 0xd726a8e8ec4e48e3 || x.Hash() != 0x67e7dddf28d0e11e {
		t.Errorf("schema hashes %016x and %016x\n%s%s", p.Hash(), x.Hash(), p.Describe(), x.Describe())
	}

	w := p.NewWorld()
	empty, first, second := p.NewSnapshot(), p.NewSnapshot(), p.NewSnapshot()
	row := w.V.Rows.Spawn(5)
	row.Level, row.Heat, w.V.Round = 3, 1.5, 1
	p.Capture(first, w)
	row.Level, w.V.Round = 2, 2
	w.V.Rows.Spawn(0)
	p.Capture(second, w)

	first.Tick, second.Tick = 1, 2
	e := p.NewEncoder()
	want(t, "nothing new", e.Encode(nil, first, first, nil), "00")
	// 0 all of the world. Globals: 1 something to say; of the 1 row at rest, Rice k = 3, 1 run: 0-100; no row before it: 0,
	// it alone: 0; 0 other lanes than before: 1; zig-zag of +1, less 1, with k = 4: 0-1000. Rows: 1 something to say; one row
	// comes whole: 10; five slots skipped: 111110; generation 1: 0-1; 1 alive; 0 owner 10100000; 11 both lanes differ from
	// zero: 110, then 1.5 in 32 bits.
	want(t, "first row", e.Encode(nil, first, nil, nil), "0a8a7d56f00000807f00")
	want(t, "a change and a spawn", e.Encode(nil, second, first, empty), "0c8e2000")
	want(t, "everything gone", e.Encode(nil, empty, second, nil), "0a92e3ffffffdffcffffff03")
	want(t, "inputs", x.Append(nil, SnapshotAck{Tick: 90, Has: true}, commands(100, 5)), "05190000400a08b2204942c61600")
	if first.Hash() != 0x26f9171615b10474 {
		t.Errorf("hash %016x", first.Hash())
	}
}

// What a row costs that moves nearly as expected: see laneGroup.
func TestVectorOfMotion(t *testing.T) {
	p, err := NewPlan[driftWorld]()
	if err != nil {
		t.Fatal(err)
	}
	w := p.NewWorld()
	row := w.V.Rows.Spawn(0)
	at := func(tick sim.Tick, x, y, z float32) *Snapshot {
		row.Pos = [3]float32{x / 16, y / 16, z / 16}
		s := p.NewSnapshot()
		p.Capture(s, w)
		s.Tick = tick
		return s
	}
	older, base, now := at(0, 94, 97, 100), at(6, 100, 100, 100), at(9, 103, 101, 100)
	// 0 all of the world. 0 nothing new of the globals. Rows: 1 something to say; none comes whole: 0; of the 1 row in motion, Rice k = 3,
	// 1 run: 0-100; no row before it: 0; it alone: 0; of this 1 no run is stormy: 0-000. It is expected at 103, 101.5 and 100, as a vector. The
	// sure lanes 0 and 2 first: (0, 0, -1) is symbol 1; with one unsure lane and means of 128 each its code is 010.
	want(t, "as expected but for one", p.NewEncoder().Encode(nil, now, base, older), "248000")
}
