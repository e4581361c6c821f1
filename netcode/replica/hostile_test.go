package replica

import (
	"errors"
	"math"
	"testing"

	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/wire"
)

type small struct {
	Level uint16 `net:"range=0:4"` // 3 bits, of which 5, 6 and 7 mean nothing
	Heat  float32
}

type smallWorld struct {
	Rows  sim.Table[small]
	Round uint8
}

// bitsOf returns a message of (value, width) pairs.
func bitsOf(pairs ...uint32) []byte {
	var w wire.BitWriter
	for i := 0; i < len(pairs); i += 2 {
		w.Bits(pairs[i], uint(pairs[i+1]))
	}
	return w.Bytes()
}

// Pieces of messages: what Rice codes and flags look like bit by bit.
var (
	all     = []uint32{0, 1}          // every row is as of this tick
	same    = []uint32{0, 1}          // the table, or the globals, have not changed
	oneRow  = []uint32{1, 1, 0b01, 2} // the table has, and one row comes whole
	noRow   = []uint32{1, 1, 0, 1}    // the table has, and none does
	noGap   = []uint32{0, 1}
	newGen  = []uint32{0b10, 2, 1, 1} // Rice k = 1 of 1: generation 1; alive
	oldGen  = []uint32{0b00, 2, 1, 1} // Rice k = 1 of 0: generation 0; alive
	ownerIs = []uint32{0, 1}          // followed by 8 bits
	first   = []uint32{2, 4, 0, 2}    // Rice k = 3 of 1, then two of 0: the first of the rows changed
)

func message(parts ...[]uint32) []byte {
	var all []uint32
	for _, p := range parts {
		all = append(all, p...)
	}
	return bitsOf(all...)
}

func TestDecodeHandMade(t *testing.T) {
	p, err := NewPlan[smallWorld]()
	if err != nil {
		t.Fatal(err)
	}
	inf := math.Float32bits(float32(math.Inf(1)))
	owner5 := append(append([]uint32{}, ownerIs...), 5, 8)
	for name, c := range map[string]struct {
		msg  []byte
		want error
	}{
		"a row":                   {message(all, same, oneRow, noGap, newGen, owner5, []uint32{1, 2, 3, 3}), nil},
		"a level above its top":   {message(all, same, oneRow, noGap, newGen, owner5, []uint32{1, 2, 5, 3}), ErrRange},
		"an infinity":             {message(all, same, oneRow, noGap, newGen, owner5, []uint32{2, 2, inf, 32}), ErrRange},
		"a NaN":                   {message(all, same, oneRow, noGap, newGen, owner5, []uint32{2, 2, inf + 1, 32}), ErrRange},
		"alive, generation 0":     {message(all, same, oneRow, noGap, oldGen, owner5, []uint32{0, 2}), ErrRow},
		"a second row of globals": {message(all, []uint32{1, 1, 2, 4, 1, 1, 0, 1}, same), ErrRange},
		"2 sets of 1 row":         {message(all, []uint32{1, 1, 4, 4, 0, 2}, same), ErrRange},
		"a gap of 15":             {message(all, same, oneRow, []uint32{0x7fff, 16}, newGen, owner5, []uint32{0, 2}), nil},
		"a gap of 16":             {message(all, same, oneRow, []uint32{0xffff, 16, 16, 12}, newGen, owner5), ErrRange},
		"a gap of 4095":           {message(all, same, oneRow, []uint32{0xffff, 16, 4095, 12}, newGen, owner5), ErrRange},
		"4096 rows and no bytes":  {message(all, same, []uint32{1, 1, 0xffff, 16, 4096, 13}, noGap), ErrShort},
		"4097 rows":               {message(all, same, []uint32{1, 1, 0xffff, 16, 4097, 13}, noGap), ErrRange},
	} {
		dst := p.NewSnapshot()
		if err := p.NewDecoder().Decode(dst, 0, nil, nil, c.msg); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if n := dst.tables[1].slots; n > maxGap*8*len(c.msg) {
			t.Errorf("%s: %d slots", name, n)
		}
	}
}

// An update may not carry a lane out of its range, whatever the baseline.
func TestDecodeResidualOutOfRange(t *testing.T) {
	p, err := NewPlan[smallWorld]()
	if err != nil {
		t.Fatal(err)
	}
	w, base, dst := p.NewWorld(), p.NewSnapshot(), p.NewSnapshot()
	w.V.Rows.Spawn(0).Level = 4
	p.Capture(base, w)
	step := func(zigzagLess1 uint32) []byte {
		// The row is at rest: which lanes changed is not as before, it is the first of two. Level has 3 bits, so k = 1.
		return message(all, same, noRow, first, []uint32{0, 1, 1, 2}, []uint32{zigzagLess1 & 1 << 1, 2})
	}
	dec := p.NewDecoder()
	if err := dec.Decode(dst, 0, base, nil, step(0)); err != nil || dst.tables[1].row(0)[1] != 3 {
		t.Errorf("4 - 1: lane %d, %v", dst.tables[1].row(0)[1], err)
	}
	if err := dec.Decode(dst, 0, base, nil, step(1)); !errors.Is(err, ErrRange) {
		t.Errorf("4 + 1: %v", err)
	}
}

type spinning struct {
	Turn [4]float32 `net:"quat=4"`
}

// A rotation whose largest component is not the largest is refused, however it comes.
func TestDecodeBadRotation(t *testing.T) {
	p, err := NewPlan[struct{ Rows sim.Table[spinning] }]()
	if err != nil {
		t.Fatal(err)
	}
	dec, dst := p.NewDecoder(), p.NewSnapshot()
	row := func(a, b, c uint32) []byte {
		return message(all, same, oneRow, noGap, newGen, ownerIs, []uint32{0, 8, 0b1111, 4, 0, 2, a, 4, b, 4, c, 4})
	}
	if err := dec.Decode(dst, 0, nil, nil, row(9, 7, 6)); err != nil || dst.tables[1].row(0)[2] != 9 {
		t.Errorf("a rotation: %v, %v", dst.tables[1].row(0), err)
	}
	for _, c := range [][3]uint32{{15, 7, 7}, {14, 14, 7}, {0, 0, 0}} {
		if err := dec.Decode(dst, 0, nil, nil, row(c[0], c[1], c[2])); !errors.Is(err, ErrRange) {
			t.Errorf("components %v: %v", c, err)
		}
	}
}
