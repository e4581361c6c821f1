package replica

import (
	"bytes"
	"testing"
)

// TestStateHoldsEverything: a world read from its state is the same to the last server field, and goes on alike.
func TestStateHoldsEverything(t *testing.T) {
	p := testPlan(t)
	states := p.NewStates()
	for seed := range uint64(40) {
		r := random(seed)
		w, back, scratch := p.NewWorld(), p.NewWorld(), p.NewSnapshot()
		mutate(back.V, r, 30) // what was there before does not shine through
		mutate(w.V, r, 60)
		p.Capture(scratch, w)
		b := states.Append(nil, w)
		if err := states.Read(back, b); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if d := p.Diff(capture(p, w), capture(p, back)); d != "" {
			t.Fatalf("seed %d: %s", seed, d)
		}
		if again := states.Append(nil, back); !bytes.Equal(again, b) {
			t.Fatalf("seed %d: the server fields differ", seed)
		}
		for id, u := range w.V.Units.All() {
			o, _ := back.V.Units.Get(id)
			if o.secret != u.secret || o.Notes != u.Notes {
				t.Fatalf("seed %d: unit %#x is %+v, was %+v", seed, id, *o, *u)
			}
		}
		if back.V.Hidden != w.V.Hidden {
			t.Fatalf("seed %d: the hidden global is %d, was %d", seed, back.V.Hidden, w.V.Hidden)
		}
	}
}

// TestStateOfAStranger: a bool from a file is 0 or 1, and what is cut short or goes on too long is refused.
func TestStateOfAStranger(t *testing.T) {
	type secret struct {
		Ready bool    `net:"server"`
		Odds  float64 `net:"server"`
		In    struct {
			A byte
			B [2]bool
		} `net:"server"`
	}
	p, err := NewPlan[secret]()
	if err != nil {
		t.Fatal(err)
	}
	states, w := p.NewStates(), p.NewWorld()
	b := states.Append(nil, w)
	for i := len(b) - 12; i < len(b); i++ {
		b[i] = 0xee
	}
	if err := states.Read(w, b); err != nil {
		t.Fatal(err)
	}
	again := states.Append(nil, w)
	n := 0
	for i := range b {
		if again[i] != b[i] {
			n++
			if again[i] != 1 {
				t.Errorf("byte %d is %#x", i, again[i])
			}
		}
	}
	if n != 3 {
		t.Errorf("%d bytes were straightened, want the 3 bools", n)
	}
	for n := range b {
		if states.Read(w, b[:n]) == nil {
			t.Errorf("%d of %d bytes are a state", n, len(b))
		}
	}
	if states.Read(w, append(b, 0)) != ErrTrailing {
		t.Error("a byte too many is accepted")
	}
}

func FuzzState(f *testing.F) {
	p := testPlan(f)
	states := p.NewStates()
	w := p.NewWorld()
	f.Add(states.Append(nil, w))
	mutate(w.V, random(3), 20)
	f.Add(states.Append(nil, w))
	f.Fuzz(func(t *testing.T, b []byte) {
		w := p.NewWorld()
		if states.Read(w, b) != nil {
			return
		}
		once := states.Append(nil, w)
		if err := states.Read(w, once); err != nil || !bytes.Equal(states.Append(nil, w), once) {
			t.Errorf("what was read is written as something else: %v", err)
		}
	})
}
