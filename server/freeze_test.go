package server

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

var frozenKey = [32]byte{0xf, 0x0}

// thawed is a match that goes on in another server, whose clock and secrets are others. Its puppets are strangers to it.
func (m *match) thawed(file []byte, cfg Config) *match {
	m.t.Helper()
	cfg.Secret, cfg.Key = [32]byte{4, 5, 6}, frozenKey
	s, err := Thaw(m.server.game, cfg, bytes.NewReader(file))
	if err != nil {
		m.t.Fatal(err)
	}
	return &match{t: m.t, server: s, now: 5 * time.Minute}
}

func (m *match) freeze() []byte {
	m.t.Helper()
	var file bytes.Buffer
	if err := m.server.Freeze(&file); err != nil {
		m.t.Fatal(err)
	}
	return file.Bytes()
}

// TestFreezeAndThaw: three clients come back to their rows in another server, a fourth player stays away too long, a bot without a mind leaves.
func TestFreezeAndThaw(t *testing.T) {
	m := newMatch(t, dotGame(), Config{Key: frozenKey, Seed: 7})
	keys := [][32]byte{{1, 1}, {2, 2}, {3, 3}, {4, 4}}
	var old []*puppet
	for i, name := range []string{"Ada", "Bob", "Cay", "Dan"} {
		p := m.enter(name, keys[i], session.DialOptions{})
		p.input = move{Dx: 1, Dy: int8(i - 1)}
		old = append(old, p)
	}
	if _, err := m.server.AddBot("Robin", circle); err != nil {
		t.Fatal(err)
	}
	m.run(100)
	before, at := *m.dots(), m.server.present.tick
	file := m.freeze()
	m.run(3)
	if err := m.server.Freeze(&bytes.Buffer{}); !errors.Is(err, ErrFrozen) || m.server.present.tick != at {
		t.Errorf("frozen twice: %v; it went on from %d to %d", err, at, m.server.present.tick)
	}

	n := m.thawed(file, Config{Resume: 4 * time.Second})
	if after := *n.dots(); n.server.present.tick != at || n.server.cfg.Seed != 7 || !equalDots(&before, &after) {
		t.Fatalf("tick %d, was %d: %+v", n.server.present.tick, at, after)
	}
	n.run(1)
	if s := n.server.Stats(); s.Players != 4 || s.Away != 4 || s.Bots != 0 || s.Leaves != 1 {
		t.Errorf("%+v", s)
	}
	for i := range 3 {
		back := n.enter("whoever", keys[i], session.DialOptions{Resume: old[i].ticket})
		want, _ := before.Dots.Of(sim.PlayerID(i + 1))
		got, ok := n.dots().Dots.Of(back.welcome.Player)
		if back.welcome.Player != sim.PlayerID(i+1) || !back.returned || !ok || got.Pos != want.Pos || got.Age <= want.Age {
			t.Errorf("%+v, returned %v, its dot %+v, was %+v", back.welcome, back.returned, got, want)
		}
		if !slices.Contains(back.joined, replica.Joined{Player: 4, Name: "Dan"}) {
			t.Errorf("knows of %+v", back.joined)
		}
		back.input = move{Dx: -1}
	}
	n.run(20)
	if s := n.server.Stats(); s.Returns != 3 || s.Away != 1 || s.Joins != 0 {
		t.Errorf("%+v", s)
	}
	if got, _ := n.dots().Dots.Of(1); got.Pos.X >= 100 {
		t.Errorf("Ada does not move: %+v", got)
	}
	n.run(200)
	if s := n.server.Stats(); s.Away != 0 || s.Players != 3 {
		t.Errorf("after Dan's time is over: %+v", s)
	}
	late := n.dialWith(keys[3], session.DialOptions{Resume: old[3].ticket})
	late.tell(replica.Hello{Name: "Dan"})
	n.run(5)
	if late.welcome.Player != 4 || late.returned || n.server.Stats().Joins != 1 {
		t.Errorf("Dan came back to nothing as %+v, returned %v", late.welcome, late.returned)
	}
}

func equalDots(a, b *field) bool {
	for id, d := range a.Dots.All() {
		if e, ok := b.Dots.Get(id); !ok || *e != *d || a.Dots.Owner(id) != b.Dots.Owner(id) {
			return false
		}
	}
	return a.Dots.Len() == b.Dots.Len()
}

// moods is a game in which everything counts that a file could forget: server fields, chance, generations of rows, globals.
type (
	moody struct {
		Pos  sim.Vec2 `net:"range=-512:512,step=1/64"`
		Mood float64  `net:"server"`
	}
	moods struct {
		Folk   sim.Table[moody]
		Secret int64 `net:"server"`
		Sum    uint32
	}
	moodCtx = *sim.Ctx[moods, move]
)

func moodGame() *sim.Game[moods, move] {
	return &sim.Game[moods, move]{Name: "moods", TickRate: 50,
		Init: func(w *moods) { w.Secret = 41 },
		Join: func(c moodCtx, w *moods, p sim.PlayerID) { w.Folk.Spawn(p) },
		Step: func(c moodCtx, w *moods) {
			w.Secret = w.Secret*3 + 1
			for p, in := range c.Inputs() {
				r := c.Rand(p)
				f, ok := w.Folk.Of(p)
				if !ok {
					continue
				}
				f.Mood += float64(r.Range(0, 1)) + float64(in.Dx)
				f.Pos = f.Pos.Add(sim.V(float32(int(f.Mood*8)%5)/4-0.5, float32(w.Secret%3)-1))
				w.Sum += uint32(f.Mood * 16)
				if r.Intn(9) == 0 {
					w.Folk.Spawn(0).Mood = f.Mood
				}
			}
			for id := range w.Folk.All() {
				if w.Folk.Owner(id) == 0 && uint64(w.Secret)>>7%8 == uint64(id.Slot()%8) {
					w.Folk.Despawn(id)
				}
			}
		},
	}
}

// TestThawedMatchIsTheSame: a match that is frozen and thawed, twice, goes tick by tick as the one that never was.
func TestThawedMatchIsTheSame(t *testing.T) {
	start := func() *Server[moods, move] {
		s, err := New(moodGame(), Config{Seed: 3, Secret: testSecret})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := s.AddBot("bot", mood); err != nil {
				t.Fatal(err)
			}
		}
		return s
	}
	whole, broken := start(), start()
	for tick := range 900 {
		if tick == 300 || tick == 600 {
			var file bytes.Buffer
			if err := broken.Freeze(&file); err != nil {
				t.Fatal(err)
			}
			var err error
			if broken, err = Thaw(moodGame(), Config{Secret: testSecret}, &file); err != nil {
				t.Fatal(err)
			}
			for p := sim.PlayerID(1); p <= 3; p++ {
				if !broken.Rethink(p, mood) {
					t.Fatalf("player %d is no bot without a mind", p)
				}
			}
		}
		now := time.Second + time.Duration(tick)*whole.period
		whole.Tick(now)
		broken.Tick(now)
		if d, differ := whole.plan.FirstDifference(whole.Snapshot(), broken.Snapshot()); differ {
			t.Fatalf("the thawed match is another one: %v", d)
		}
	}
	if whole.world.V.Secret != broken.world.V.Secret || whole.Snapshot().Slots(1) < 6 {
		t.Errorf("%d != %d, %d slots", whole.world.V.Secret, broken.world.V.Secret, whole.Snapshot().Slots(1))
	}
	if broken.Rethink(1, mood) {
		t.Error("a bot was given a second mind")
	}
}

func mood(w *moods, p sim.PlayerID, t sim.Tick) move { return move{Dx: int8((t/7+sim.Tick(p))%3) - 1} }

func TestFrozenFilesAreChecked(t *testing.T) {
	m := newMatch(t, dotGame(), Config{Key: frozenKey})
	m.enter("Ada", adasKey, session.DialOptions{})
	m.run(10)
	file := m.freeze()
	thaw := func(b []byte) error {
		_, err := Thaw(dotGame(), Config{Secret: testSecret}, bytes.NewReader(b))
		return err
	}
	if err := thaw(file); err != nil {
		t.Fatal(err)
	}
	for n := range file {
		if err := thaw(file[:n]); !errors.Is(err, ErrNotFrozen) && !errors.Is(err, ErrDamaged) {
			t.Fatalf("%d bytes of %d: %v", n, len(file), err)
		}
		bad := bytes.Clone(file)
		bad[n] ^= 1
		if err := thaw(bad); !errors.Is(err, ErrNotFrozen) && !errors.Is(err, ErrDamaged) {
			t.Fatalf("byte %d of %d is another: %v", n, len(file), err)
		}
	}
	var mismatch *FrozenMismatchError
	_, err := Thaw(moodGame(), Config{Secret: testSecret}, bytes.NewReader(file))
	if !errors.As(err, &mismatch) || !strings.Contains(err.Error(), `"dots", not "moods"`) {
		t.Errorf("another game: %v", err)
	}
	other := dotGame()
	other.TickRate = 30
	_, err = Thaw(other, Config{Secret: testSecret}, bytes.NewReader(file))
	if !errors.As(err, &mismatch) || mismatch.Schema == mismatch.FrozenSchema || strings.Count(err.Error(), "schema") != 1 {
		t.Errorf("another version: %v", err)
	}
}

// FuzzThaw: whatever a frozen match holds, even with the right checksum, Thaw says no or the match goes on.
func FuzzThaw(f *testing.F) {
	m := newMatch(f, dotGame(), Config{Key: frozenKey})
	m.join("Ada")
	if _, err := m.server.AddBot("Robin", circle); err != nil {
		f.Fatal(err)
	}
	m.run(10)
	whole := m.server.freeze()
	f.Add(whole.append(nil))
	whole.world = nil
	f.Add(whole.append(nil))
	whole.players = append(whole.players, whole.players...)
	f.Add(whole.append(nil))
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := Thaw(dotGame(), Config{Secret: testSecret}, bytes.NewReader(seal(frozenMagic, body)))
		if err != nil {
			return
		}
		for i := range 3 {
			s.Tick(time.Duration(i) * s.period)
		}
		if err := s.Err(); err != nil {
			t.Fatal(err)
		}
	})
}
