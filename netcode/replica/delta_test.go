package replica

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/halftick/halftick/netcode/sim"
)

// wire sends a snapshot as a delta and returns the message, having seen that it arrives.
func (s *schema) sent(t rapid.TB, to, base, older *Snapshot) []byte {
	t.Helper()
	msg, got := s.NewEncoder().Encode(nil, to, base, older), s.NewSnapshot()
	if err := s.NewDecoder().Decode(got, to.Tick, base, older, msg); err != nil {
		t.Fatalf("%v in %x", err, msg)
	}
	if d := s.Diff(to, got); d != "" {
		t.Fatalf("after %d bytes: %s", len(msg), d)
	}
	if got.Hash() != to.Hash() || got.Tick != to.Tick {
		t.Fatal("hashes or ticks differ")
	}
	return msg
}

// TestDeltaRoundTrip sends a world that lives on, each time as a delta against two of its earlier states.
func TestDeltaRoundTrip(t *testing.T) {
	p := testPlan(t)
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		r, w := random(seed), p.NewWorld()
		history := []*Snapshot{nil}
		now := sim.Tick(r.Uint32())
		for range rapid.IntRange(1, 8).Draw(t, "ticks") {
			mutate(w.V, r, rapid.IntRange(0, 40).Draw(t, "changes"))
			s := capture(p, w)
			now += sim.Tick(1 + r.IntN(MaxAge/8))
			s.Tick = now
			base := r.IntN(len(history))
			p.sent(t, s, history[base], history[r.IntN(base+1)])
			history = append(history, s)
		}
	})
}

func TestEncodeAppends(t *testing.T) {
	p := testPlan(t)
	s := capture(p, worldFrom(p, 1, 60))
	if msg := p.NewEncoder().Encode([]byte("head"), s, nil, nil); string(msg) != "head"+string(p.sent(t, s, nil, nil)) {
		t.Fatalf("%x", msg)
	}
}

func TestUnchangedWorldIsOneByte(t *testing.T) {
	p := testPlan(t)
	s := capture(p, worldFrom(p, 1, 60))
	if msg := p.sent(t, s, s, s); !bytes.Equal(msg, []byte{0}) {
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
	p.sent(t, capture(p, w), base, nil)
}

// Tables with 16 slots between rows, and more, travel.
func TestDistantSlots(t *testing.T) {
	p := testPlan(t)
	w := p.NewWorld()
	for _, slot := range []int{15, 31, 400, sim.MaxRows - 1} {
		w.V.Extra.Shots.SetMeta(slot, sim.RowMeta{Gen: 3, Owner: 2, Alive: true})
	}
	p.sent(t, capture(p, w), nil, nil)
}

func TestFullTable(t *testing.T) {
	p := testPlan(t)
	w, r := p.NewWorld(), random(3)
	for i := range sim.MaxRows {
		w.V.Extra.Shots.Spawn(sim.PlayerID(i)).At = sim.V(wild(r), wild(r))
	}
	p.sent(t, capture(p, w), nil, nil)
}

func TestDecodeRefuses(t *testing.T) {
	p := testPlan(t)
	s := capture(p, worldFrom(p, 1, 60))
	msg, dst, dec := p.NewEncoder().Encode(nil, s, nil, nil), p.NewSnapshot(), p.NewDecoder()
	for n := range len(msg) {
		if err := dec.Decode(dst, 0, nil, nil, msg[:n]); !errors.Is(err, ErrShort) {
			t.Fatalf("%d of %d bytes: %v", n, len(msg), err)
		}
	}
	if err := dec.Decode(dst, 0, nil, nil, nil); !errors.Is(err, ErrShort) {
		t.Errorf("empty message: %v", err)
	}
	if err := dec.Decode(dst, 0, nil, nil, append(bytes.Clone(msg), 0)); !errors.Is(err, ErrTrailing) {
		t.Errorf("a byte too many: %v", err)
	}
	if err := dec.Decode(dst, 0, s, nil, msg); err == nil && p.Equal(dst, s) {
		t.Error("decoded against the wrong baseline without noticing any difference")
	}
	if err := dec.Decode(dst, 0, nil, nil, []byte{0x80}); !errors.Is(err, ErrTrailing) {
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
	w, r := worldFrom(p, 1, 60), random(9)
	older := capture(p, w)
	mutate(w.V, r, 8)
	base := capture(p, w)
	older.Tick, base.Tick = 2, 5
	stale, enc := p.partial(f, w, r, base, older, 8)
	for i := range 5 {
		mutate(w.V, r, 8)
		s := capture(p, w)
		s.Tick = 9
		f.Add(enc.Encode(nil, s, base, older), uint8(3))
		f.Add(enc.Encode(nil, s, base, nil), uint8(1))
		f.Add(enc.Encode(nil, s, nil, nil), uint8(0))
		msg, _ := enc.EncodeRows(nil, s, stale, base, p.allRows(s), 20*i)
		f.Add(msg, uint8(7))
	}
	f.Add(bytes.Repeat([]byte{0xff}, 64), uint8(3))
	shown, again, dst, back, dec := p.NewWorld(), p.NewSnapshot(), p.NewSnapshot(), p.NewSnapshot(), p.NewDecoder()
	f.Fuzz(func(t *testing.T, b []byte, bases uint8) {
		from, before := p.empty, (*Snapshot)(nil)
		switch bases & 7 {
		case 1:
			from = base
		case 3:
			from, before = base, older
		case 7:
			from, before = stale, base
		}
		err := dec.Decode(dst, 9, from, before, b)
		if n := grown(dst, from); n > 16*8*len(b) {
			t.Fatalf("%d slots grew from %d bytes", n, len(b))
		}
		for i := range dst.tables {
			if l := &dst.tables[i]; l.slots > sim.MaxRows || len(l.ages) > l.slots {
				t.Fatalf("table %d has %d slots and %d ages", i, l.slots, len(l.ages))
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
		if err := dec.Decode(back, 9, from, before, enc.Encode(nil, dst, from, before)); err != nil || !p.Equal(back, dst) {
			t.Fatalf("sent on: %v, %s", err, p.Diff(back, dst))
		}
	})
}

// allRows names every row of a snapshot but the globals.
func (s *schema) allRows(of *Snapshot) (rows []Row) {
	for i := 1; i < len(of.tables); i++ {
		for slot := range of.tables[i].slots {
			rows = append(rows, Row{Table: uint16(i), Slot: uint16(slot)})
		}
	}
	return rows
}

// partial returns what a client holds that was sent a part of a world, at a tick.
func (p *Plan[W]) partial(t testing.TB, w *World[world], r *rand.Rand, base, older *Snapshot, tick sim.Tick) (*Snapshot, *Encoder) {
	t.Helper()
	mutate(w.V, r, 8)
	s := p.NewSnapshot()
	p.capture(s, w.rows)
	s.Tick = tick
	rows := p.allRows(s)
	enc, got := p.NewEncoder(), p.NewSnapshot()
	msg, _ := enc.EncodeRows(nil, s, base, older, rows[:len(rows)/2], 1<<20)
	if err := p.NewDecoder().Decode(got, tick, base, older, msg); err != nil {
		t.Fatal(err)
	}
	return got, enc
}

func TestSteadyStateAllocs(t *testing.T) {
	p := testPlan(t)
	w, r := worldFrom(p, 5, 200), random(5)
	a := capture(p, w)
	mutate(w.V, r, 10)
	b := capture(p, w)
	mutate(w.V, r, 10)
	c := capture(p, w)
	a.Tick, b.Tick, c.Tick = 1, 2, 4
	dst, dw, sw := p.NewSnapshot(), p.NewWorld(), p.NewWorld()
	enc, dec := p.NewEncoder(), p.NewDecoder()
	buf := enc.Encode(nil, b, nil, nil)
	rows := p.allRows(c)
	views := [2]view{}
	past := func(t sim.Tick) *Snapshot { return map[sim.Tick]*Snapshot{1: a, 2: b, 4: c}[t] }
	loaded := p.NewSnapshot()
	var err error
	for name, f := range map[string]func(){
		"Capture":      func() { p.Capture(b, w) },
		"Restore":      func() { p.Restore(dw, b) },
		"Copy":         func() { p.Copy(dw, w) },
		"Encode":       func() { buf = enc.Encode(buf[:0], c, b, a) },
		"Encode whole": func() { buf = enc.Encode(buf[:0], b, nil, nil) },
		"Decode": func() {
			buf = enc.Encode(buf[:0], c, b, a)
			err = errors.Join(err, dec.Decode(dst, c.Tick, b, a, buf))
		},
		"EncodeRows": func() {
			n := 0
			buf, n = enc.EncodeRows(buf[:0], b, a, nil, rows, 300)
			views[0].SetWhole(1)
			views[1].Set(b, &views[0], rows[:n])
			p.LoadView(loaded, &views[1], past)
			buf, _ = enc.EncodeRows(buf[:0], c, loaded, a, rows, 300)
			err = errors.Join(err, dec.Decode(dst, c.Tick, loaded, a, buf))
		},
		"Interpolate":        func() { p.Interpolate(dw, a, b, 0.4); p.Interpolate(dw, a, b, 1.4) },
		"RestoreUnpredicted": func() { p.RestoreUnpredicted(dw, a, 3); p.RestoreUnpredicted(dw, b, 3) },
		"TakePredicted":      func() { p.TakePredicted(sw, w, 3); p.TakePredicted(sw, dw, 3) },
		"EqualPredicted":     func() { p.EqualPredicted(a, b, 3) },
		"Equal":              func() { p.Equal(a, b) },
		"CopyFrom":           func() { dst.CopyFrom(a) },
		"Hash":               func() { a.Hash() },
		"Smooth":             func() { p.Smooth(w, 3, func(SmoothKey, *float32) {}) },
	} {
		if n := testing.AllocsPerRun(20, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	if err != nil {
		t.Error(err)
	}
}
