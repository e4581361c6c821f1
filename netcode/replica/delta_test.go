package replica

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/halftick/halftick/netcode/sim"
)

// TestDeltaRoundTrip sends a world that lives on, each time as a delta against some earlier state.
func TestDeltaRoundTrip(t *testing.T) {
	p := testPlan(t)
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		r, w := random(seed), p.NewWorld()
		history := []*Snapshot{nil}
		dst := p.NewSnapshot()
		for range rapid.IntRange(1, 8).Draw(t, "ticks") {
			mutate(w.V, r, rapid.IntRange(0, 40).Draw(t, "changes"))
			s, base := capture(p, w), history[r.IntN(len(history))]
			msg := p.Encode(nil, s, base)
			if err := p.Decode(dst, base, msg); err != nil {
				t.Fatalf("%v in %x", err, msg)
			}
			if d := p.Diff(s, dst); d != "" {
				t.Fatalf("after %d bytes: %s", len(msg), d)
			}
			if dst.Hash() != s.Hash() {
				t.Fatal("hashes differ")
			}
			history = append(history, s)
		}
		// Backwards too, and in place.
		last, first := history[len(history)-1], history[1]
		dst.CopyFrom(last)
		if err := p.Decode(dst, dst, p.Encode(nil, first, last)); err != nil || !p.Equal(dst, first) {
			t.Fatalf("%v: %s", err, p.Diff(dst, first))
		}
	})
}

func TestEncodeAppends(t *testing.T) {
	p := testPlan(t)
	s := capture(p, worldFrom(p, 1, 60))
	msg := p.Encode([]byte("head"), s, nil)
	if !bytes.HasPrefix(msg, []byte("head")) {
		t.Fatal("prefix lost")
	}
	if err := p.Decode(p.NewSnapshot(), nil, msg[4:]); err != nil {
		t.Fatal(err)
	}
}

func TestUnchangedWorldIsOneByte(t *testing.T) {
	p := testPlan(t)
	s := capture(p, worldFrom(p, 1, 60))
	if msg := p.Encode(nil, s, s); !bytes.Equal(msg, []byte{0}) {
		t.Errorf("%x", msg)
	}
}

// A const field costs nothing while it is unchanged, and still arrives when it is changed after all.
func TestConstChangedAfterSpawn(t *testing.T) {
	p := testPlan(t)
	w := p.NewWorld()
	u := w.V.Units.Spawn(1)
	base := capture(p, w)
	u.Color, w.V.Clock = 5, 99
	s, dst := capture(p, w), p.NewSnapshot()
	if err := p.Decode(dst, base, p.Encode(nil, s, base)); err != nil || !p.Equal(s, dst) {
		t.Errorf("%v: %s", err, p.Diff(s, dst))
	}
}

// Tables with 16 slots between rows, and more, travel.
func TestDistantSlots(t *testing.T) {
	p := testPlan(t)
	w := p.NewWorld()
	for _, slot := range []int{15, 31, 400, sim.MaxRows - 1} {
		w.V.Extra.Shots.SetMeta(slot, sim.RowMeta{Gen: 3, Owner: 2, Alive: true})
	}
	s, dst := capture(p, w), p.NewSnapshot()
	if err := p.Decode(dst, nil, p.Encode(nil, s, nil)); err != nil || !p.Equal(s, dst) {
		t.Errorf("%v: %s", err, p.Diff(s, dst))
	}
}

func TestFullTable(t *testing.T) {
	p := testPlan(t)
	w, r := p.NewWorld(), random(3)
	for i := range sim.MaxRows {
		w.V.Extra.Shots.Spawn(sim.PlayerID(i)).At = sim.V(wild(r), wild(r))
	}
	s, dst := capture(p, w), p.NewSnapshot()
	if err := p.Decode(dst, nil, p.Encode(nil, s, nil)); err != nil || !p.Equal(s, dst) {
		t.Errorf("%v: %s", err, p.Diff(s, dst))
	}
}

func TestDecodeRefuses(t *testing.T) {
	p := testPlan(t)
	s := capture(p, worldFrom(p, 1, 60))
	msg, dst := p.Encode(nil, s, nil), p.NewSnapshot()
	for n := range len(msg) {
		if err := p.Decode(dst, nil, msg[:n]); !errors.Is(err, ErrShort) {
			t.Fatalf("%d of %d bytes: %v", n, len(msg), err)
		}
	}
	if err := p.Decode(dst, nil, nil); !errors.Is(err, ErrShort) {
		t.Errorf("empty message: %v", err)
	}
	if err := p.Decode(dst, nil, append(bytes.Clone(msg), 0)); !errors.Is(err, ErrTrailing) {
		t.Errorf("a byte too many: %v", err)
	}
	if err := p.Decode(dst, s, msg); err == nil && p.Equal(dst, s) {
		t.Error("decoded against the wrong baseline without noticing any difference")
	}
	if err := p.Decode(dst, nil, []byte{0x80}); !errors.Is(err, ErrTrailing) {
		t.Errorf("padding that is not zero: %v", err)
	}
}

// grown returns the number of slots that dst has beyond base.
func grown(dst, base *Snapshot) (n int) {
	for i := range dst.tables {
		n += dst.tables[i].slots - base.tables[i].slots
	}
	return n
}

// FuzzDecode: any bytes are either refused, or make a world that can be shown and sent on; tables grow in
// proportion to the bytes.
func FuzzDecode(f *testing.F) {
	p := testPlan(f)
	base := capture(p, worldFrom(p, 1, 60))
	w, r := worldFrom(p, 1, 60), random(9)
	for range 5 {
		mutate(w.V, r, 8)
		f.Add(p.Encode(nil, capture(p, w), base), true)
		f.Add(p.Encode(nil, capture(p, w), nil), false)
	}
	f.Add(bytes.Repeat([]byte{0xff}, 64), true)
	shown, again, dst, back := p.NewWorld(), p.NewSnapshot(), p.NewSnapshot(), p.NewSnapshot()
	f.Fuzz(func(t *testing.T, b []byte, withBase bool) {
		from := p.empty
		if withBase {
			from = base
		}
		err := p.Decode(dst, from, b)
		if n := grown(dst, from); n > 16*8*len(b) {
			t.Fatalf("%d slots grew from %d bytes", n, len(b))
		}
		for i := range dst.tables {
			if dst.tables[i].slots > sim.MaxRows {
				t.Fatalf("table %d has %d slots", i, dst.tables[i].slots)
			}
		}
		if err != nil {
			return
		}
		p.Restore(shown, dst)
		p.Capture(again, shown)
		if d := p.Diff(dst, again); d != "" {
			t.Fatalf("accepted a world that cannot be shown: %s", d)
		}
		if err := p.Decode(back, from, p.Encode(nil, dst, from)); err != nil || !p.Equal(back, dst) {
			t.Fatalf("sent on: %v, %s", err, p.Diff(back, dst))
		}
	})
}

func TestSteadyStateAllocs(t *testing.T) {
	p := testPlan(t)
	w, r := worldFrom(p, 5, 200), random(5)
	a := capture(p, w)
	mutate(w.V, r, 10)
	b := capture(p, w)
	dst, dw, sw := p.NewSnapshot(), p.NewWorld(), p.NewWorld()
	buf := p.Encode(nil, b, nil)
	var err error
	for name, f := range map[string]func(){
		"Capture":       func() { p.Capture(b, w) },
		"Restore":       func() { p.Restore(dw, b) },
		"Copy":          func() { p.Copy(dw, w) },
		"Encode":        func() { buf = p.Encode(buf[:0], b, a) },
		"Encode whole":  func() { buf = p.Encode(buf[:0], b, nil) },
		"Decode":        func() { buf = p.Encode(buf[:0], b, a); err = errors.Join(err, p.Decode(dst, a, buf)) },
		"Interpolate":   func() { p.Interpolate(dw, a, b, 0.4); p.Interpolate(dw, a, b, 1.4) },
		"RestoreOthers": func() { p.RestoreOthers(dw, a, 3); p.RestoreOthers(dw, b, 3) },
		"TakeOwned":     func() { p.TakeOwned(sw, w, 3); p.TakeOwned(sw, dw, 3) },
		"EqualOwned":    func() { p.EqualOwned(a, b, 3) },
		"Equal":         func() { p.Equal(a, b) },
		"CopyFrom":      func() { dst.CopyFrom(a) },
		"Hash":          func() { a.Hash() },
		"Smooth":        func() { p.Smooth(w, 3, func(SmoothKey, *float32) {}) },
	} {
		if n := testing.AllocsPerRun(20, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	if err != nil {
		t.Error(err)
	}
}
