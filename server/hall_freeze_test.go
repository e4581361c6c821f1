package server

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/replay"
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// thawed is the house after a restart: another clock, another secret, and nobody there.
func (h *house) thawed(dir string, cfg dotHallConfig) *house {
	h.t.Helper()
	cfg.Secret, cfg.Key = [32]byte{4, 5, 6}, frozenKey
	hall, err := ThawHall(h.hall.game, cfg, dir)
	if err != nil {
		h.t.Fatal(err)
	}
	return &house{t: h.t, hall: hall, now: 5 * time.Minute}
}

// TestHallFreezeAndThaw: two rooms go on in another Hall under their names and codes; their clients come back to their own, whatever room they name, by
// their tickets; who stays away too long is gone, and bots get their minds back from Furnish.
func TestHallFreezeAndThaw(t *testing.T) {
	h := newHouse(t, dotGame(), dotHallConfig{Config: Config{Key: frozenKey}})
	red, blue := h.open("Red", RoomConfig{MaxPlayers: 5, Seed: 7}), h.open("blue", RoomConfig{Hidden: true})
	if _, err := blue.Server().AddBot("Robin", circle); err != nil {
		t.Fatal(err)
	}
	var old []*visitor
	for i, room := range []string{"Red", blue.Code(), "Red"} {
		v := h.visit([32]byte{byte(i + 1), 9}, session.DialOptions{})
		v.tell(replica.Hello{Name: "Ann", Room: room})
		v.input = move{Dx: 1, Dy: int8(i)}
		old = append(old, v)
		h.run(3)
	}
	h.run(100)
	wantRed, wantBlue, at := h.dots(red), h.dots(blue), red.Info().Tick
	dir := filepath.Join(t.TempDir(), "rooms")
	if err := h.hall.Freeze(dir); err != nil {
		t.Fatal(err)
	}
	h.run(3)
	if err := h.hall.Freeze(dir); !errors.Is(err, ErrFrozen) || red.Info().Tick != at {
		t.Errorf("frozen twice: %v; it went on from %d to %d", err, at, red.Info().Tick)
	}
	if _, err := h.hall.Open("late", RoomConfig{}); !errors.Is(err, ErrRooms) {
		t.Errorf("a room was opened after the end: %v", err)
	}

	n := h.thawed(dir, dotHallConfig{Config: Config{Resume: 4 * time.Second}, Furnish: func(r *dotRoom) {
		for _, p := range r.Server().Players() {
			if p.Bot {
				r.Server().Rethink(p.ID, circle)
			}
		}
	}})
	red2, blue2 := n.hall.Find(red.Code()), n.hall.Find(blue.Code())
	if red2 == nil || red2.Name() != "Red" || red2.cfg.MaxPlayers != 5 || blue2 == nil || blue2.Name() != "blue" || !blue2.hidden {
		t.Fatalf("%+v, %+v", red2, blue2)
	}
	if red2.Server().cfg.Seed != 7 || len(n.hall.Rooms()) != 2 {
		t.Errorf("seed %d, %d rooms", red2.Server().cfg.Seed, len(n.hall.Rooms()))
	}
	n.run(1)
	if in := blue2.Info(); in.Players != 2 || in.Bots != 1 || red2.Info().Tick != at+1 {
		t.Errorf("%+v; red is at %d after %d", in, red2.Info().Tick, at)
	}
	for i, room := range []string{"blue", ""} {
		v := n.visit([32]byte{byte(i + 1), 9}, session.DialOptions{Resume: old[i].ticket})
		v.tell(replica.Hello{Name: "whoever", Room: room})
		n.run(3)
		want, got := wantRed, n.dots(red2)
		if i == 1 {
			want, got = wantBlue, n.dots(blue2)
		}
		me := v.welcome.Player
		if v.in() != old[i].in() || me != old[i].welcome.Player || !v.back || got[me].Pos != want[me].Pos {
			t.Errorf("visitor %d is in %s as %d, returned %v, at %v; was in %s at %v", i, v.in(), me, v.back, got[me].Pos, old[i].in(), want[me].Pos)
		}
	}
	n.run(230)
	if in := red2.Info(); in.Players != 1 {
		t.Errorf("the third player's time is over: %+v", in)
	}
	if len(n.hall.stays) != 2 {
		t.Errorf("%d stays are kept", len(n.hall.stays))
	}
}

// TestThawedRoomsAreRecorded: rooms without a RecordMaker of their own are recorded by that of the Hall, after a thaw into a new replay, which is whole and
// the same match again.
func TestThawedRoomsAreRecorded(t *testing.T) {
	films := func(into map[string]*bytes.Buffer) RecordMaker {
		return func(name, _ string) (io.Writer, error) {
			if name == "secret" {
				return nil, nil
			}
			into[name] = &bytes.Buffer{}
			return into[name], nil
		}
	}
	before, after := map[string]*bytes.Buffer{}, map[string]*bytes.Buffer{}
	h := newHouse(t, dotGame(), dotHallConfig{Config: Config{Key: frozenKey}, ClientsOpen: true, RecordRooms: films(before)})
	red, _ := h.open("red", RoomConfig{}), h.open("secret", RoomConfig{})
	ann := h.join(replica.Hello{Room: "guests", Flags: replica.OpenRoom})
	ann.input = move{Dx: 1}
	h.run(100)
	at, dir := red.Info().Tick, t.TempDir()
	if err := errors.Join(h.hall.Freeze(dir), h.hall.Close()); err != nil {
		t.Fatal(err)
	}
	n := h.thawed(dir, dotHallConfig{RecordRooms: films(after)})
	n.run(200)
	if err := n.hall.Close(); err != nil {
		t.Fatal(err)
	}
	for thawed, all := range []map[string]*bytes.Buffer{before, after} {
		if len(all) != 2 || all["red"] == nil || all["guests"] == nil {
			t.Fatalf("recorded are %v", all)
		}
		for name, b := range all {
			m, err := replay.Open(dotGame(), bytes.NewReader(b.Bytes()), int64(b.Len()))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			report, err := m.Verify(t.Context())
			if err != nil || report.First != nil || m.Torn() != 0 || report.Verified == 0 {
				t.Errorf("%s: %v, %+v, %d bytes torn", name, err, report, m.Torn())
			}
			if end := at + 200*sim.Tick(thawed); name == "red" && (m.First() != 1+at*sim.Tick(thawed) || m.Last() != end) {
				t.Errorf("%d: ticks %d to %d are recorded, the thaw was at %d", thawed, m.First(), m.Last(), at)
			}
		}
	}
}

// TestFrozenRoomsAreChecked: a cut or changed file is refused by name, and what is no room is left alone.
func TestFrozenRoomsAreChecked(t *testing.T) {
	h := newHouse(t, dotGame(), dotHallConfig{})
	h.open("red", RoomConfig{})
	h.run(3)
	dir := t.TempDir()
	if err := h.hall.Freeze(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "red.room")
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range file {
		bad := bytes.Clone(file)
		bad[n] ^= 1
		for _, b := range [][]byte{file[:n], bad} {
			if _, err := readFrozenRoom(b); !errors.Is(err, ErrNotFrozen) && !errors.Is(err, ErrDamaged) {
				t.Fatalf("byte %d of %d: %v", n, len(file), err)
			}
		}
	}
	if err := os.WriteFile(path, file[:len(file)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ThawHall(dotGame(), dotHallConfig{}, dir); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "red.room") {
		t.Errorf("a damaged room: %v", err)
	}
	if err := os.Rename(path, filepath.Join(dir, "notes.txt")); err != nil {
		t.Fatal(err)
	}
	if hall, err := ThawHall(dotGame(), dotHallConfig{}, dir); err != nil || len(hall.Rooms()) != 0 {
		t.Errorf("no rooms: %v", err)
	}
}

// FuzzThawRoom: whatever a frozen room holds, even with the right checksum, it is refused or read.
func FuzzThawRoom(f *testing.F) {
	f.Add([]byte("\x03redBCDFGH\x01\x08"))
	f.Add([]byte("\x00BCDFGH\x00\x00"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := readFrozenRoom(seal(frozenRoomMagic, body))
		if err == nil && (!goodRoomName(r.name) || !goodCode(r.code) || r.match == nil) {
			t.Errorf("%+v was let in", r)
		}
	})
}

// A Hall that was frozen before it runs, as by a signal while a program starts, has run.
func TestHallFrozenBeforeItRuns(t *testing.T) {
	h, err := NewHall(dotGame(), dotHallConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Open("red", RoomConfig{}); err != nil {
		t.Fatal(err)
	}
	if err := h.Freeze(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if err := h.Run(t.Context(), "127.0.0.1:0"); err != nil {
		t.Error(err)
	}
	if err := h.Run(t.Context(), "127.0.0.1:0"); err == nil {
		t.Error("a second Run is not refused")
	}
}

// TestRunningHallFreezes: rooms with goroutines are frozen between their ticks; Run ends by itself and says that the server comes back.
func TestRunningHallFreezes(t *testing.T) {
	h, end := runHall(t, dotGame(), dotHallConfig{})
	for _, name := range []string{"red", "blue"} {
		if _, err := h.Open(name, RoomConfig{}); err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	c := goIn(ctx, t, h, replica.Hello{Name: "Ann", Room: "red"})
	ticksFrom(ctx, t, c, 3)
	dir := t.TempDir()
	if err := h.Freeze(dir); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := c.Recv(ctx); err != nil {
			if end, ok := errors.AsType[*session.CloseError](err); !ok || end.Code != session.CloseShutdown || end.Reason != "the server is started again" {
				t.Errorf("the client is told %v", err)
			}
			break
		}
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	rooms, err := readFrozenRooms(dir)
	if err != nil || len(rooms) != 2 || rooms[1].name != "red" || len(rooms[1].match.players) != 1 || rooms[1].match.players[0].former.ID == 0 {
		t.Errorf("%v: %+v", err, rooms)
	}
}
