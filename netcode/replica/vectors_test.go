package replica

import "testing"

// The bytes and hashes here are the protocol, on every machine. Whoever changes them changes formatVersion.
func TestVectors(t *testing.T) {
	p, err := NewPlan[smallWorld]()
	if err != nil {
		t.Fatal(err)
	}
	x := testInputs(t)
	if p.Hash() != 0x788d18b673c7c04e || x.Hash() != 0xc1edc4e0ec59d109 {
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

	want(t, "nothing new", p.Encode(nil, first, first), "00")
	// Globals: 1 changed, 0000 one row, 0 no gap, 0 an update, 0 other lanes than before: 1; 0-1000 zig-zag of
	// +1, less 1, with k = 4. Rows: 1 changed, 0000 one row, 111110 five slots skipped, 1 whole, 0-1 generation 1,
	// 1 alive, 0 owner 10100000, 11 both lanes differ from zero: 110, then 1.5 in 32 bits.
	want(t, "first row", p.Encode(nil, first, nil), "0145f85ac1030000fe01")
	want(t, "a change and a spawn", p.Encode(nil, second, first), "0145a13304")
	want(t, "everything gone", p.Encode(nil, empty, second), "0149e1ffffffbff9ffffff0f")
	want(t, "inputs", x.Append(nil, SnapshotAck{90, true}, commands(100, 5)), "05190000400af8ff870c282080000846300802")
	if first.Hash() != 0x26f9171615b10474 {
		t.Errorf("hash %016x", first.Hash())
	}
}
