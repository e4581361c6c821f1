package replica

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/halftick/halftick/netcode/sim"
)

const me = sim.PlayerID(3)

// TestRestoreUnpredicted checks the table of RestoreUnpredicted on random pairs of worlds, slot by slot.
func TestRestoreUnpredicted(t *testing.T) {
	p := testPlan(t)
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		authWorld, r := worldFrom(p, seed, 60), random(seed+1)
		auth, w := capture(p, authWorld), p.NewWorld()
		p.Restore(w, auth)
		mutate(w.V, r, rapid.IntRange(0, 60).Draw(t, "ahead"))
		before := capture(p, w)
		p.RestoreUnpredicted(w, auth, me)
		after := capture(p, w)
		zeros := p.zeros
		for i := range p.tables {
			for slot := range max(auth.tables[i].slots, before.tables[i].slots) {
				n := auth.tables[i].stride
				checkRestored(t, rowOr(&before.tables[i], slot, zeros[:n]), rowOr(&auth.tables[i], slot, zeros[:n]),
					rowOr(&after.tables[i], slot, zeros[:n]))
			}
		}
		if !p.EqualPredicted(before, after, me) {
			t.Fatal("rows of me changed")
		}
	})
}

func checkRestored(t *rapid.T, was, auth, got []uint32) {
	mine, free := ownedBy(me), got[0]&aliveBit == 0
	switch {
	case ownerOf(was[0]) == mine:
		if !equalLanes(got, was) {
			t.Fatalf("my row became %x, was %x", got, was)
		}
	case auth[0]&aliveBit != 0 && ownerOf(auth[0]) != mine:
		if !equalLanes(got, auth) {
			t.Fatalf("another's row became %x, is %x", got, auth)
		}
	case !free:
		t.Fatalf("the slot holds %x, want it free", got)
	case was[0]&aliveBit == 0 && int16(uint16(was[0])-uint16(auth[0])) > 0:
		if got[0] != was[0] {
			t.Fatalf("free slot has generation %d, want mine, %d", got[0], was[0])
		}
	case got[0] != auth[0]&genBits:
		t.Fatalf("free slot has generation %d, want %d", got[0], auth[0]&genBits)
	}
}

// A client that steps ahead spawns, despawns and spawns again: the ids must be those the server will give.
func TestPredictedIDsAreTheServers(t *testing.T) {
	p := testPlan(t)
	server, client := p.NewWorld(), p.NewWorld()
	server.V.Units.Spawn(me)
	auth := capture(p, server)
	p.Restore(client, auth)

	fire := func(w *World[world]) sim.ID {
		id, _ := w.V.Extra.Shots.SpawnID(me)
		return id
	}
	var want []sim.ID
	for range 3 { // shots that live for a tick, while others shoot on the server
		server.V.Extra.Shots.Spawn(7)
		id := fire(server)
		want = append(want, id)
		server.V.Extra.Shots.Despawn(id)
	}
	for i := range 3 {
		id := fire(client)
		client.V.Extra.Shots.Spawn(0) // a guess that the server does not confirm
		client.V.Extra.Shots.Despawn(id)
		p.RestoreUnpredicted(client, auth, me)
		if id != want[i] {
			t.Errorf("shot %d has id %#x, the server's %#x", i, id, want[i])
		}
	}
	if n := client.V.Extra.Shots.Len(); n != 0 {
		t.Errorf("%d shots are left", n)
	}
}

func TestRestoreUnpredictedKeepsServerFields(t *testing.T) {
	p := testPlan(t)
	w := p.NewWorld()
	u := w.V.Units.Spawn(9)
	u.secret, u.Health = 42, 10
	auth := capture(p, w)
	u.Health = 3
	p.RestoreUnpredicted(w, auth, me)
	if u.secret != 42 || u.Health != 10 {
		t.Errorf("%+v", *u)
	}
}

func TestTakePredicted(t *testing.T) {
	p := testPlan(t)
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		src := worldFrom(p, seed, 60)
		dst := p.NewWorld()
		p.Copy(dst, src)
		mutate(dst.V, random(seed+1), rapid.IntRange(0, 60).Draw(t, "changes"))
		want, before := capture(p, src), capture(p, dst)
		p.TakePredicted(dst, src, me)
		got := capture(p, dst)
		if !p.EqualPredicted(got, want, me) {
			t.Fatalf("my rows are not those of src: %s", p.Diff(got, want))
		}
		for i := range p.tables {
			for slot := range before.tables[i].slots {
				b := before.tables[i].row(slot)
				if b[0]&aliveBit == 0 || ownerOf(b[0]) == ownedBy(me) || ownerOf(want.tables[i].meta(slot)) == ownedBy(me) {
					continue
				}
				if g := got.tables[i].row(slot); !equalLanes(g, b) {
					t.Fatalf("another's row %s[%d] changed from %x to %x", p.tables[i].name, slot, b, g)
				}
			}
		}
	})
}

func TestEqualPredicted(t *testing.T) {
	p := testPlan(t)
	w := p.NewWorld()
	id, mineRow := w.V.Units.SpawnID(me)
	_, other := w.V.Units.SpawnID(9)
	base := capture(p, w)
	equal := func(want bool, what string) {
		t.Helper()
		s := capture(p, w)
		if p.EqualPredicted(base, s, me) != want || p.EqualPredicted(s, base, me) != want {
			t.Errorf("%s: equal is %v", what, !want)
		}
		p.Restore(w, base)
	}
	equal(true, "nothing changed")
	other.Health, w.V.Round = 1, 2
	equal(true, "others changed")
	mineRow.Health = 1
	equal(false, "my field changed")
	w.V.Units.Despawn(id)
	equal(false, "my row is gone")
	w.V.Extra.Shots.Spawn(me)
	equal(false, "my shot is new")
	mineRow.secret = 8
	equal(true, "a server field changed")
	w.V.Units.SetMeta(id.Slot(), sim.RowMeta{Gen: 1, Owner: 9, Alive: true})
	equal(false, "my row has another owner")
}

// ball and die are tables with other policies than the default.
type rink struct {
	Balls sim.Table[unit] `net:"predict=all"`
	Dice  sim.Table[unit] `net:"predict=none"`
	Units sim.Table[unit] `net:"predict=owned"`
}

// TestPolicies checks what each predict tag says of rows of mine and of others, wherever rows are told apart.
func TestPolicies(t *testing.T) {
	p, err := NewPlan[rink]()
	if err != nil {
		t.Fatal(err)
	}
	predicted := map[string]bool{"Balls 3": true, "Balls 9": true, "Dice 3": false, "Dice 9": false, "Units 3": true, "Units 9": false}
	for i, name := range p.Tables()[1:] {
		for _, owner := range []sim.PlayerID{me, 9} {
			ahead := p.NewWorld()
			unitsOf := func(w *World[rink]) *sim.Table[unit] { return []*sim.Table[unit]{&w.V.Balls, &w.V.Dice, &w.V.Units}[i] }
			id, row := unitsOf(ahead).SpawnID(owner)
			auth := capture(p, ahead)
			row.Health = 7
			guess, want := capture(p, ahead), predicted[name+" "+map[sim.PlayerID]string{me: "3", 9: "9"}[owner]]
			what := name + " of " + map[sim.PlayerID]string{me: "mine", 9: "another"}[owner]

			if p.EqualPredicted(guess, auth, me) == want {
				t.Errorf("%s: a wrong guess is found: %v, want %v", what, !want, want)
			}
			if d, differ := p.FirstDifferencePredicted(guess, auth, me); differ != want || want && d.Field != "Health" {
				t.Errorf("%s: the difference is %v, found %v", what, d, differ)
			}
			shown := p.NewWorld()
			p.Restore(shown, auth)
			p.TakePredicted(shown, ahead, me)
			if got, _ := unitsOf(shown).Get(id); (got.Health == 7) != want {
				t.Errorf("%s: shown with health %d", what, got.Health)
			}
			visited := 0
			p.Smooth(ahead, me, func(SmoothKey, *float32) { visited++ })
			if visited > 0 != want {
				t.Errorf("%s: %d fields are smoothed", what, visited)
			}
			p.RestoreUnpredicted(ahead, auth, me)
			if got, _ := unitsOf(ahead).Get(id); (got.Health == 7) != want {
				t.Errorf("%s: after restoring, health %d", what, got.Health)
			}
		}
	}
}

// A row that is predicted may be gone ahead of the server, or be there before its word: either is a guess like any other.
func TestPredictAllSpawnsAndDespawns(t *testing.T) {
	p, err := NewPlan[rink]()
	if err != nil {
		t.Fatal(err)
	}
	w := p.NewWorld()
	id, _ := w.V.Balls.SpawnID(9)
	auth := capture(p, w)
	w.V.Balls.Despawn(id)
	p.RestoreUnpredicted(w, auth, me)
	if w.V.Balls.Len() != 0 || p.EqualPredicted(capture(p, w), auth, me) {
		t.Error("a ball that is gone ahead of the server came back, or nobody noticed that the server has it")
	}
	shown := p.NewWorld()
	p.Restore(shown, auth)
	p.TakePredicted(shown, w, me)
	if shown.V.Balls.Len() != 0 {
		t.Error("a ball that is gone is shown")
	}
	p.Restore(w, auth)
	w.V.Balls.Spawn(0)
	if p.RestoreUnpredicted(w, auth, me); w.V.Balls.Len() != 2 {
		t.Error("a ball that came ahead of the server is not there")
	}
}

// What the server did not tell of another's row is no reason to compute everything again.
func TestPredictAllComparesWhatWasTold(t *testing.T) {
	type car struct {
		X    int32
		Fuel uint8 `net:"owner"`
	}
	type road struct {
		Cars sim.Table[car] `net:"predict=all"`
	}
	p, err := NewPlan[road]()
	if err != nil {
		t.Fatal(err)
	}
	w := p.NewWorld()
	_, mine := w.V.Cars.SpawnID(me)
	id, other := w.V.Cars.SpawnID(9)
	mine.Fuel, other.Fuel = 5, 5
	guess := p.NewSnapshot()
	p.Capture(guess, w)
	check := func(what string, want bool, change func(auth *Snapshot)) {
		t.Helper()
		auth := p.NewSnapshot()
		p.Capture(auth, w)
		change(auth)
		if got := p.EqualPredicted(guess, auth, me); got != want {
			t.Errorf("%s: equal is %v", what, got)
		}
		if _, differ := p.FirstDifferencePredicted(guess, auth, me); differ == want {
			t.Errorf("%s: a difference is %v", what, differ)
		}
	}
	l := func(s *Snapshot) *lanes { return &s.tables[1] }
	check("nothing changed", true, func(*Snapshot) {})
	check("fuel of another, which I am not told", true, func(s *Snapshot) { l(s).row(id.Slot())[2] = 0 })
	check("the place of another", false, func(s *Snapshot) { l(s).row(id.Slot())[1]++ })
	check("its place of an older tick", true, func(s *Snapshot) {
		l(s).row(id.Slot())[1]++
		l(s).age()
		l(s).ages[id.Slot()] = 4
	})
	check("my fuel", false, func(s *Snapshot) { l(s).row(int(me))[2] = 0 })
}

func TestPredictTag(t *testing.T) {
	type w struct {
		T sim.Table[unit] `net:"predict=some"`
	}
	if _, err := NewPlan[w](); err == nil || !strings.Contains(err.Error(), "want owned, all or none") {
		t.Errorf("predict=some: %v", err)
	}
}
