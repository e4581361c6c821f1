package replica

import (
	"testing"

	"github.com/halftick/halftick/netcode/sim"
	"pgregory.net/rapid"
)

// archive is a ring of empty worlds.
type archive struct {
	p    *Plan[scape]
	ring [FeedTicks]*Snapshot
}

func newArchive(t fatal) *archive {
	p, err := NewPlan[scape]()
	if err != nil {
		t.Fatalf("%v", err)
	}
	a := &archive{p: p}
	for i := range a.ring {
		a.ring[i] = p.NewSnapshot()
	}
	return a
}

func (a *archive) push(t sim.Tick) { a.ring[t%FeedTicks].Tick = t }

func TestFeedBelievesWhatCanBe(t *testing.T) {
	a := newArchive(t)
	f := a.p.NewFeed(1, 5, a.p.Filter(false))
	for _, tick := range []sim.Tick{5, 6} {
		a.push(tick)
		f.Sent(tick)
	}
	for _, c := range []struct {
		ack      SnapshotAck
		believed bool
		held     sim.Tick // 0: nothing
	}{
		{SnapshotAck{}, true, 0},
		{SnapshotAck{Tick: 7, Has: true}, false, 0},
		{SnapshotAck{Tick: 1<<32 - 124, Has: true}, false, 0},
		{SnapshotAck{Tick: 5, Has: true}, true, 5},
		{SnapshotAck{Tick: 6, Has: true}, true, 6},
		{SnapshotAck{Tick: 5, Has: true}, true, 6},
		{SnapshotAck{Tick: 7, Has: true}, false, 6},
		{SnapshotAck{}, true, 6},
	} {
		got := f.Ack(c.ack, 1, a.ring[:])
		if held, has := f.Held(); got != c.believed || has != (c.held != 0) || has && held != c.held {
			t.Errorf("%+v: believed %v, held %d (%v); want %v, %d", c.ack, got, held, has, c.believed, c.held)
		}
	}
}

// A base is a snapshot that was sent and acknowledged, whatever else a client says, also across the wrap of ticks.
func TestFeedUsesOnlyWhatWasSentAndAcknowledged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := newArchive(t)
		now := sim.Tick(rapid.SampledFrom([]uint32{0, 1000, 1<<32 - 50}).Draw(t, "first"))
		f := a.p.NewFeed(1, now+1, a.p.Filter(false))
		sent, acked := map[sim.Tick]bool{}, map[sim.Tick]bool{}
		for range 200 {
			now++
			a.push(now)
			f.Expire(now, a.ring[:])
			if rapid.Bool().Draw(t, "send") {
				f.Sent(now)
				sent[now] = true
			}
			ack := SnapshotAck{Tick: now + sim.Tick(rapid.IntRange(-140, 3).Draw(t, "ack")), Has: rapid.IntRange(0, 9).Draw(t, "has") > 0,
				Missing: rapid.Uint64().Draw(t, "missing")}
			if f.Ack(ack, 1, a.ring[:]) && ack.Has {
				acked[ack.Tick] = true
			}
			held, has := f.Held()
			if has && (!sent[held] || !acked[held] || now.Sub(held) > MaxAge) {
				t.Fatalf("at %d the base is %d: sent %v, acknowledged %v", now, held, sent[held], acked[held])
			}
			if older, ok, _ := f.Entire(2); ok && (!has || !sent[older] || held.Sub(older) < 2) {
				t.Fatalf("the older one of base %d is %d: sent %v", held, older, sent[older])
			}
		}
	})
}
