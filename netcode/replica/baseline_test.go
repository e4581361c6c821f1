package replica

import (
	"testing"

	"github.com/halftick/halftick/netcode/sim"
)

// drifter has a vector of three lanes and two that are none.
type drifter struct {
	Pos  [3]float32 `net:"range=-64:64,step=1/16"`
	Heat float32    `net:"range=0:8,step=1/16"`
	Cold float32    `net:"range=0:8,step=1/16"`
}

type driftWorld struct{ Rows sim.Table[drifter] }

// A prediction says which value is nearest, on which side of it it is, and whether it is far from it.
func TestPredictions(t *testing.T) {
	p, err := NewPlan[driftWorld]()
	if err != nil {
		t.Fatal(err)
	}
	const was = 100
	for _, c := range []struct {
		before, age, gap int
		want             uint32
		above, unsure    bool
	}{
		{94, 3, 6, 103, true, false},    // 103
		{97, 3, 6, 102, false, true},    // 101.5: rounded up
		{103, 3, 6, 99, false, true},    // 98.5: so is this
		{101, 1, 6, 100, false, false},  // 99.83
		{98, 1, 6, 100, true, true},     // 100.33
		{99, 5, 4, 101, true, true},     // 101.25
		{96, 1, 16, 100, true, true},    // 100.25: a quarter is unsure above the value,
		{104, 1, 16, 100, false, false}, // 99.75: and sure below it
	} {
		var m motion
		m.between(c.age, c.gap)
		got := make([]uint32, 5)
		var g [1]laneGroup
		m.predict(got, g[:], &p.tables[1], []uint32{was, 1, 1, was, 7}, []uint32{uint32(c.before), 1, 1, uint32(c.before), 7})
		if got[0] != c.want || got[4] != 7 {
			t.Errorf("from %d to %d in %d, then %d: %v, want %d and 7", c.before, was, c.gap, c.age, got, c.want)
		}
		if want := (laneGroup{moving: 0b01001, above: bit01001(c.above), unsure: bit01001(c.unsure)}); g[0] != want {
			t.Errorf("from %d to %d in %d, then %d: %+b, want %+b", c.before, was, c.gap, c.age, g[0], want)
		}
	}
}

func bit01001(b bool) uint32 {
	if b {
		return 0b01001
	}
	return 0
}

// Two moving lanes of a vector of three take the third along; one takes none, and lanes that are no vector do not either.
func TestVectorsMoveTogether(t *testing.T) {
	p, err := NewPlan[driftWorld]()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		before []uint32
		moving uint32
	}{
		{[]uint32{8, 8, 9, 9, 9}, 0b00111},
		{[]uint32{9, 8, 8, 9, 9}, 0b00111},
		{[]uint32{9, 8, 9, 9, 9}, 0b00010},
		{[]uint32{9, 9, 9, 8, 9}, 0b01000},
	} {
		var m motion
		m.between(1, 4)
		var g [1]laneGroup
		m.predict(make([]uint32, 5), g[:], &p.tables[1], []uint32{9, 9, 9, 9, 9}, c.before)
		if g[0].moving != c.moving || g[0].above&^c.moving != 0 {
			t.Errorf("from %v: %+b, want %b in motion", c.before, g[0], c.moving)
		}
	}
}

func TestFindVectors(t *testing.T) {
	type place struct {
		X, Y float32 `net:"range=0:8,step=1/16"`
		Z    float32 `net:"range=0:8,step=1/8,lerp"`
		Flag bool
	}
	p, err := NewPlan[struct {
		A sim.Table[struct {
			P, Q place
			V    sim.Vec2   `net:"range=0:8,step=1/16"`
			X    float32    `net:"range=0:8,step=1/16"` // the row is no vector
			Y    float32    `net:"range=0:8,step=1/16"`
			Z    float32    `net:"range=0:8,step=1/16"`
			C    [3]float32 `net:"range=0:8,step=1/16,const"`
			R    [3]float32
			N    [3]uint8
			Many [24]float32 `net:"range=0:8,step=1/16"` // lanes 22 to 45
		}]
	}]()
	if err != nil {
		t.Fatal(err)
	}
	want := []vector{{0, 0b111}, {0, 0b111 << 4}, {0, 0b1111111111 << 22}, {1, 1<<14 - 1}}
	got := p.tables[1].vectors
	if len(got) != len(want) {
		t.Fatalf("%b, want %b", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("vector %d: %+b, want %+b", i, got[i], want[i])
		}
	}
}
