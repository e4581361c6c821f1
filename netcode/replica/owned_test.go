package replica

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/halftick/halftick/netcode/sim"
)

const me = sim.PlayerID(3)

// TestRestoreOthers checks the table of RestoreOthers on random pairs of worlds, slot by slot.
func TestRestoreOthers(t *testing.T) {
	p := testPlan(t)
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		authWorld, r := worldFrom(p, seed, 60), random(seed+1)
		auth, w := capture(p, authWorld), p.NewWorld()
		p.Restore(w, auth)
		mutate(w.V, r, rapid.IntRange(0, 60).Draw(t, "ahead"))
		before := capture(p, w)
		p.RestoreOthers(w, auth, me)
		after := capture(p, w)
		zeros := p.zeros
		for i := range p.tables {
			for slot := range max(auth.tables[i].slots, before.tables[i].slots) {
				n := auth.tables[i].stride
				checkRestored(t, rowOr(&before.tables[i], slot, zeros[:n]), rowOr(&auth.tables[i], slot, zeros[:n]),
					rowOr(&after.tables[i], slot, zeros[:n]))
			}
		}
		if !p.EqualOwned(before, after, me) {
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
		p.RestoreOthers(client, auth, me)
		if id != want[i] {
			t.Errorf("shot %d has id %#x, the server's %#x", i, id, want[i])
		}
	}
	if n := client.V.Extra.Shots.Len(); n != 0 {
		t.Errorf("%d shots are left", n)
	}
}

func TestRestoreOthersKeepsServerFields(t *testing.T) {
	p := testPlan(t)
	w := p.NewWorld()
	u := w.V.Units.Spawn(9)
	u.secret, u.Health = 42, 10
	auth := capture(p, w)
	u.Health = 3
	p.RestoreOthers(w, auth, me)
	if u.secret != 42 || u.Health != 10 {
		t.Errorf("%+v", *u)
	}
}

func TestTakeOwned(t *testing.T) {
	p := testPlan(t)
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		src := worldFrom(p, seed, 60)
		dst := p.NewWorld()
		p.Copy(dst, src)
		mutate(dst.V, random(seed+1), rapid.IntRange(0, 60).Draw(t, "changes"))
		want, before := capture(p, src), capture(p, dst)
		p.TakeOwned(dst, src, me)
		got := capture(p, dst)
		if !p.EqualOwned(got, want, me) {
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

func TestEqualOwned(t *testing.T) {
	p := testPlan(t)
	w := p.NewWorld()
	id, mineRow := w.V.Units.SpawnID(me)
	_, other := w.V.Units.SpawnID(9)
	base := capture(p, w)
	equal := func(want bool, what string) {
		t.Helper()
		s := capture(p, w)
		if p.EqualOwned(base, s, me) != want || p.EqualOwned(s, base, me) != want {
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
