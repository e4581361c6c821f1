package client

import (
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// snapshots is the ring of decoded snapshots: baselines of the next ones, what others are shown from,
// and the past that shots are judged in. They ascend by tick, with gaps where one was lost.
type snapshots struct {
	dec *replica.Decoder

	ring  [historySnapshots]*replica.Snapshot
	ticks [historySnapshots]int64 // without wraparound
	count uint64                  // ever decoded; the next one goes to ring[count%historySnapshots], which is scratch till then

	stale       uint64 // not newer than the newest; dropped
	unknownBase uint64 // deltas against a snapshot that is not here; dropped
	malformed   uint64 // that could not be decoded; dropped
}

func newSnapshots[W any](plan *replica.Plan[W]) *snapshots {
	s := &snapshots{dec: plan.NewDecoder()}
	for i := range s.ring {
		s.ring[i] = plan.NewSnapshot()
	}
	return s
}

// kept returns how many snapshots there are to look at. The scratch one is not among them.
func (s *snapshots) kept() int { return int(min(s.count, historySnapshots-1)) }

// back returns the snapshot that is i before the newest; i must be below kept.
func (s *snapshots) back(i int) (*replica.Snapshot, int64) {
	slot := (s.count - 1 - uint64(i)) % historySnapshots
	return s.ring[slot], s.ticks[slot]
}

// newest returns the newest snapshot and its tick, or nil.
func (s *snapshots) newest() (*replica.Snapshot, int64) {
	if s.count == 0 {
		return nil, 0
	}
	return s.back(0)
}

// ack names the newest snapshot, for the server.
func (s *snapshots) ack() replica.SnapshotAck {
	newest, tick := s.newest()
	return replica.SnapshotAck{Tick: sim.Tick(tick), Has: newest != nil}
}

// at returns the snapshot of exactly that tick, or nil.
func (s *snapshots) at(tick int64) *replica.Snapshot {
	for i := range s.kept() {
		switch snap, t := s.back(i); {
		case t == tick:
			return snap
		case t < tick:
			return nil
		}
	}
	return nil
}

// around returns the two snapshots on either side of a moment, and where between them it lies. Beyond
// the newest the fraction exceeds 1; before the oldest it is 0. There must be a snapshot.
func (s *snapshots) around(pos float64) (a, b *replica.Snapshot, fraction float32) {
	b, tb := s.back(0)
	for i := 1; i < s.kept(); i++ {
		a, ta := s.back(i)
		if float64(ta) <= pos {
			return a, b, float32((pos - float64(ta)) / float64(tb-ta))
		}
		b, tb = a, ta
	}
	return b, b, 0
}

// tickOf returns the tick of a snapshot's header without wraparound.
func (s *snapshots) tickOf(t sim.Tick) int64 {
	if _, newest := s.newest(); s.count > 0 {
		return unwrap(newest, t)
	}
	return int64(t)
}

// baselines returns the snapshots that a delta needs, and whether they are here.
func (s *snapshots) baselines(h replica.SnapshotHeader) (base, older *replica.Snapshot, ok bool) {
	if h.HasBase {
		base = s.at(s.tickOf(h.Base))
	}
	if h.HasOlder {
		older = s.at(s.tickOf(h.Older))
	}
	return base, older, (base != nil) == h.HasBase && (older != nil) == h.HasOlder
}

// take decodes the delta that follows header h and reports whether it became the newest snapshot.
func (s *snapshots) take(h replica.SnapshotHeader, delta []byte) bool {
	tick := s.tickOf(h.Tick)
	if newest, t := s.newest(); newest != nil && tick <= t {
		s.stale++
		return false
	}
	base, older, ok := s.baselines(h)
	if !ok {
		s.unknownBase++
		return false
	}
	slot := s.count % historySnapshots
	if err := s.dec.Decode(s.ring[slot], h.Tick, base, older, delta); err != nil {
		s.malformed++
		return false
	}
	s.ticks[slot] = tick
	s.count++
	return true
}
