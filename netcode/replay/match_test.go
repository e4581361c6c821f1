package replay

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// The game of these tests: runners who shoot at where others were, and remember what nobody is told.
type (
	runner struct {
		Pos  sim.Vec2 `net:"range=-512:512,step=1/64,lerp"`
		Hits uint16
		Mood float64 `net:"server"`
	}
	track struct {
		Runners sim.Table[runner]
		Secret  int64 `net:"server"`
		Best    uint16
	}
	keys struct {
		Dx, Dy int8 `net:"range=-1:1"`
		Fire   bool
	}
	ctx = *sim.Ctx[track, keys]
)

var bang = sim.NewEvent[uint16]("bang", sim.Reliable)

func race() *sim.Game[track, keys] {
	return &sim.Game[track, keys]{Name: "race", TickRate: 60, SendRate: 30, Step: stepRace, Events: []sim.AnyEvent{bang},
		Init: func(w *track) { w.Secret = 41 },
		Join: func(c ctx, w *track, p sim.PlayerID) { w.Runners.Spawn(p).Pos = sim.V(float32(p)*8, 0) }}
}

func stepRace(c ctx, w *track) {
	w.Secret = w.Secret*3 + 1
	for p, in := range c.Inputs() {
		r, ok := w.Runners.Of(p)
		if !ok {
			continue
		}
		r.Mood += float64(w.Secret%7) / 3
		r.Pos = r.Pos.Add(sim.V(float32(in.Dx)+float32(math.Mod(r.Mood, 0.5)), float32(in.Dy)))
		if in.Fire {
			fire(c, w, p, r)
		}
	}
}

func fire(c ctx, w *track, p sim.PlayerID, r *runner) {
	for id, o := range c.Past(p).Runners.All() {
		if w.Runners.Owner(id) != p && math.Abs(float64(o.Pos.X-r.Pos.X)) < 8 {
			if hit, ok := w.Runners.Get(id); ok {
				hit.Hits++
				w.Best = max(w.Best, hit.Hits)
				sim.Emit(c, bang, hit.Hits, sim.By(p))
			}
		}
	}
}

// film is a recorded match, and what it really was.
type film struct {
	worlds map[sim.Tick]uint64
	bangs  []uint16
	cuts   []int // sizes of the file at which a block was complete
	bytes.Buffer
}

func (f *film) Write(b []byte) (int, error) {
	n, err := f.Buffer.Write(b)
	f.cuts = append(f.cuts, f.Len())
	return n, err
}

// shoot plays and records a match of some ticks.
func shoot(t testing.TB, seed uint64, ticks int, change func(f *Frame[keys], w *track)) *film {
	t.Helper()
	out := &film{worlds: map[sim.Tick]uint64{}}
	record(t, seed, ticks, out, out, change)
	return out
}

// lagOf returns how far back a player sees: nothing, or at least a tick, as far as there is a past.
func lagOf(r *sim.Rand, t sim.Tick) uint16 {
	if lag := r.Intn(300); lag >= replica.ViewUnits && int(t) > 12 {
		return uint16(lag)
	}
	return 0
}

// record does what a server does, without one: players come and go, and see each other late.
func record(t testing.TB, seed uint64, ticks int, out interface{ Write([]byte) (int, error) }, truth *film, change func(f *Frame[keys], w *track)) *Recorder[track, keys] {
	t.Helper()
	g := race()
	plan, err := replica.NewPlan[track]()
	if err != nil {
		t.Fatal(err)
	}
	inputs, err := replica.NewInputs[keys]()
	if err != nil {
		t.Fatal(err)
	}
	rec := NewRecorder(g, plan, inputs, seed, out)
	w, past := plan.NewWorld(), plan.NewWorld()
	var ring [ringTicks]*replica.Snapshot
	for i := range ring {
		ring[i] = plan.NewSnapshot()
	}
	at := func(k sim.Tick) *replica.Snapshot {
		if k == 0 || ring[k%ringTicks].Tick != k {
			return nil
		}
		return ring[k%ringTicks]
	}
	var c sim.Ctx[track, keys]
	r := sim.NewRand(seed)
	g.Init(w.V)
	present := []sim.PlayerID{}
	for tick := sim.Tick(1); int(tick) <= ticks; tick++ {
		f := Frame[keys]{Tick: tick}
		begin := func(entries []sim.Entry[keys]) {
			c.Begin(w.V, sim.Frame[track, keys]{Tick: tick, TickRate: 60, Seed: seed, Entries: entries,
				Emit: func(m sim.Emission) {
					var n uint16
					if bang.Decode(m.Body, &n) == nil {
						truth.bangs = append(truth.bangs, n)
					}
					f.Events = append(f.Events, Event{Happening: replica.Happening{Source: m.Source, N: uint8(len(f.Events)), Body: slices.Clone(m.Body)}, To: m.To})
				},
				Past: func(p sim.PlayerID) sim.Past[track] {
					for _, e := range f.Entries {
						if a, b, fraction, ok := replica.Around(at, tick, int(e.Lag), 2); ok && e.Player == p && e.Lag > 0 {
							plan.Interpolate(past, a, b, fraction)
							return sim.Past[track]{World: past.V}
						}
					}
					return sim.Past[track]{World: w.V}
				}})
		}
		if len(present) > 2 && r.Intn(200) == 0 {
			f.Leaves = present[:1:1]
			present = present[1:]
			w.DespawnOwned(f.Leaves[0])
		}
		if len(present) < 6 && r.Intn(40) == 0 || tick == 1 {
			p := sim.PlayerID(1 + tick%200)
			if !slices.Contains(present, p) {
				present, f.Joins = append(present, p), []sim.PlayerID{p}
				slices.Sort(present)
				begin(nil)
				g.Join(&c, w.V, p)
			}
		}
		var entries []sim.Entry[keys]
		for _, p := range present {
			e := Entry[keys]{p, keys{int8(r.Intn(3) - 1), int8(r.Intn(3) - 1), r.Intn(4) == 0}, lagOf(&r, tick)}
			f.Entries = append(f.Entries, e)
			entries = append(entries, sim.Entry[keys]{Player: p, Input: e.Input})
		}
		if change != nil {
			change(&f, w.V)
		}
		begin(entries)
		g.Step(&c, w.V)
		s := ring[tick%ringTicks]
		plan.Capture(s, w)
		s.Tick = tick
		truth.worlds[tick] = s.Hash()
		rec.Tick(&f, w, s)
	}
	if err := rec.Close(); err != nil {
		t.Fatal(err)
	}
	return rec
}

func open(t testing.TB, b []byte) *Match[track, keys] {
	t.Helper()
	m, err := Open(race(), bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestEveryWorldComesBack: forwards, by leaps and backwards, each tick shows the world that it was.
func TestEveryWorldComesBack(t *testing.T) {
	film := shoot(t, 1, 1500, nil)
	m := open(t, film.Bytes())
	if m.First() != 1 || m.Last() != 1500 || m.Gaps() != 0 || m.Torn() != 0 {
		t.Fatalf("ticks %d to %d, %d gaps, %d torn", m.First(), m.Last(), m.Gaps(), m.Torn())
	}
	p, err := m.Play()
	if err != nil {
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		at, _ := p.Tick()
		if s := p.Snapshot(); s.Tick != at || s.Hash() != film.worlds[at] {
			t.Fatalf("tick %d shows tick %d, another world: %v", at, s.Tick, s.Hash() != film.worlds[at])
		}
	}
	var bangs []uint16
	On(p, bang, func(n uint16, _ sim.EventKey) { bangs = append(bangs, n) })
	for !p.Ended() {
		check()
		if err := p.Advance(time.Second / 45); err != nil {
			t.Fatal(err)
		}
	}
	if len(bangs) == 0 || !slices.Equal(bangs, film.bangs) {
		t.Errorf("%d bangs were told, %d happened", len(bangs), len(film.bangs))
	}
	r := sim.NewRand(2)
	for range 60 {
		if err := p.Seek(sim.Tick(r.Intn(1600))); err != nil {
			t.Fatal(err)
		}
		check()
	}
	if len(bangs) != len(film.bangs) {
		t.Error("a seek told events")
	}
}

// TestViewBetweenTicks: slow motion moves evenly, and standing still stands still.
func TestViewBetweenTicks(t *testing.T) {
	m := open(t, shoot(t, 3, 300, nil).Bytes())
	p, _ := m.Play()
	if err := p.Seek(100); err != nil {
		t.Fatal(err)
	}
	p.Speed = 0.25
	at := func() (x float32) {
		for _, r := range p.View().Runners.All() {
			x += r.Pos.X
		}
		return x
	}
	from := at()
	var steps []float32
	for range 4 {
		if err := p.Advance(time.Second / 60); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, at()-from)
		from = at()
	}
	if tick, f := p.Tick(); math.Abs(float64(tick)+f-101) > 1e-6 {
		t.Errorf("at %d and %v after a tick in quarters", tick, f)
	}
	for _, s := range steps[1:] {
		if math.Abs(float64(s-steps[0])) > 1e-3 {
			t.Errorf("uneven steps %v", steps)
		}
	}
	p.Speed = 0
	if p.Advance(time.Minute); at() != from {
		t.Error("it moves at speed 0")
	}
}

// TestVerify: an honest file is the same match again; one in which a world, an input or the game changed is not.
func TestVerify(t *testing.T) {
	film := shoot(t, 4, 1300, nil)
	report, err := open(t, film.Bytes()).Verify(context.Background())
	if err != nil || report.First != nil || report.Verified != 1299 || report.Skipped != 0 {
		t.Fatalf("%v, %v", report, err)
	}
	other := race()
	other.Step = func(c ctx, w *track) {
		stepRace(c, w)
		if c.Tick == 700 {
			for _, r := range w.Runners.All() {
				r.Hits++
				return
			}
		}
	}
	m, err := Open(other, bytes.NewReader(film.Bytes()), int64(film.Len()))
	if err != nil {
		t.Fatal(err)
	}
	report, err = m.Verify(context.Background())
	if err != nil || report.First == nil || report.First.Tick != 700 || report.First.Table != "Runners" || report.First.Field != "Hits" {
		t.Errorf("another game: %v, %v", report, err)
	}
	forged := shoot(t, 4, 1300, func(f *Frame[keys], w *track) {
		if f.Tick == 900 {
			w.Best += 3 // by hand, and not said
		}
	})
	report, err = open(t, forged.Bytes()).Verify(context.Background())
	if err != nil || report.First == nil || report.First.Tick != 900 {
		t.Errorf("a world changed by hand: %v, %v", report, err)
	}
}

// TestVerifySkipsWhatItCannotKnow: and says how much.
func TestVerifySkipsWhatItCannotKnow(t *testing.T) {
	patched := shoot(t, 5, 1300, func(f *Frame[keys], w *track) {
		if f.Tick == 700 {
			w.Best, f.Patched = w.Best+3, true
		}
	})
	report, err := open(t, patched.Bytes()).Verify(context.Background())
	if err != nil || report.First != nil || report.Skipped == 0 || report.Skipped > 601 || report.Verified+report.Skipped != 1299 {
		t.Errorf("%v, %v", report, err)
	}
}

// TestTornTail: wherever a crash has cut the file, what was whole before is played.
func TestTornTail(t *testing.T) {
	film := shoot(t, 6, 400, nil)
	whole := film.Bytes()
	for n := film.cuts[0]; n < len(whole); n += 41 {
		m := open(t, whole[:n])
		last := 0
		for _, cut := range film.cuts {
			if cut <= n {
				last = cut
			}
		}
		if int(m.Torn()) != n-last {
			t.Fatalf("cut at %d: %d bytes torn, want %d", n, m.Torn(), n-last)
		}
		p, err := m.Play()
		if err != nil || p.Seek(m.Last()) != nil || p.Snapshot().Hash() != film.worlds[m.Last()] {
			t.Fatalf("cut at %d: tick %d is not as it was: %v", n, m.Last(), err)
		}
	}
	zeros := append(slices.Clone(whole[:film.cuts[3]]), make([]byte, 5000)...) // what some file systems leave after a crash
	if m := open(t, zeros); m.Torn() != 5000 {
		t.Errorf("%d of 5000 zeros are torn", m.Torn())
	}
	damaged := slices.Clone(whole)
	damaged[len(damaged)-3] ^= 1
	if m := open(t, damaged); m.Torn() == 0 || m.Last() >= 400 {
		t.Errorf("the last block is damaged: %d bytes torn, the last tick is %d", m.Torn(), m.Last())
	}
}

// lazy takes only some of what it is given.
type lazy struct {
	film
	n int
}

func (l *lazy) Write(b []byte) (int, error) {
	if l.n++; l.n == 4 || l.n == 5 {
		return 0, ErrBehind
	}
	return l.film.Write(b)
}

// TestGaps: what the disk did not take is missing, and nothing else.
func TestGaps(t *testing.T) {
	l := &lazy{film: film{worlds: map[sim.Tick]uint64{}}}
	rec := record(t, 7, 1000, l, &l.film, nil)
	m := open(t, l.Bytes())
	if rec.Counters().Gaps != 2 || m.Gaps() != 1 || m.Last() != 1000 {
		t.Fatalf("%+v, %d gaps, last tick %d", rec.Counters(), m.Gaps(), m.Last())
	}
	p, _ := m.Play()
	shown := 0
	for !p.Ended() {
		at, _ := p.Tick()
		if p.Snapshot().Hash() != l.worlds[at] {
			t.Fatalf("tick %d is not as it was", at)
		}
		shown++
		if err := p.Advance(time.Second / 60); err != nil {
			t.Fatal(err)
		}
	}
	if shown < 800 || shown > 950 {
		t.Errorf("%d ticks were shown", shown)
	}
	report, err := m.Verify(context.Background())
	if err != nil || report.First != nil || report.Verified < 300 || report.Verified+report.Skipped != shown-2 {
		t.Errorf("%v of %d shown, %v", report, shown, err)
	}
}

func TestRefusals(t *testing.T) {
	b := shoot(t, 8, 100, nil).Bytes()
	for why, bad := range map[string][]byte{"empty": {}, "no replay": []byte("hello, this is some other file"), "head alone": b[:len(magic)]} {
		if _, err := Open(race(), bytes.NewReader(bad), int64(len(bad))); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", why, err)
		}
	}
	slow := race()
	slow.TickRate = 30
	var mismatch *MismatchError
	if _, err := Open(slow, bytes.NewReader(b), int64(len(b))); !errors.As(err, &mismatch) || mismatch.File.TickRate != 60 {
		t.Errorf("another rate: %v", err)
	}
}

// TestFile: through a real file, which is never overwritten.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "match.replay")
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	truth := &film{worlds: map[sim.Tick]uint64{}}
	record(t, 9, 300, f, truth, nil)
	if err := errors.Join(f.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte{1}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if _, err := Create(path); !errors.Is(err, os.ErrExist) {
		t.Errorf("the file was there: %v", err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if m := open(t, b); m.Last() != 300 {
		t.Errorf("the last tick is %d", m.Last())
	}
}
