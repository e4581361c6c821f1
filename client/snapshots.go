package client

import (
	"math"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// snapshots is the ring of what the client held after each snapshot that came: baselines of the next ones, what others are
// shown from, and the past that shots are judged in. They ascend by tick, with gaps where one was lost.
type snapshots struct {
	hold  *replica.Holder
	every int64 // ticks from one snapshot to the next

	ring  [historySnapshots]*replica.Snapshot
	ticks [historySnapshots]int64 // without wraparound
	count uint64                  // ever decoded; the next one goes to ring[count%historySnapshots], which is scratch till then

	missing uint64 // see replica.SnapshotAck
	parts   uint64 // what count was after the newest partial snapshot; 0: there was none
	reel    replica.Reel
	held    []*replica.Snapshot // scratch of show

	stale       uint64 // not newer than the newest; dropped
	unknownBase uint64 // deltas against a snapshot that is not here; dropped
	malformed   uint64 // that could not be decoded; dropped
}

func newSnapshots[W any](plan *replica.Plan[W]) *snapshots {
	s := &snapshots{hold: plan.NewHolder(), every: 1}
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

// ack names the snapshots that are here, for the server.
func (s *snapshots) ack() replica.SnapshotAck {
	newest, tick := s.newest()
	return replica.SnapshotAck{Tick: sim.Tick(tick), Has: newest != nil, Missing: s.missing}
}

// lost returns which of the snapshots after tick base and before the newest did not come.
func (s *snapshots) lost(base int64) (missing uint64) {
	_, newest := s.newest()
	next := 1 // back in the ring
	for i := range int64(64) {
		t := newest - (i+1)*s.every
		if t <= base {
			break
		}
		for next < s.kept() && s.tickAt(next) > t {
			next++
		}
		if next >= s.kept() || s.tickAt(next) != t {
			missing |= 1 << i
		}
	}
	return missing
}

func (s *snapshots) tickAt(back int) int64 {
	_, t := s.back(back)
	return t
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

// show makes dst the world at a moment, others between the snapshots that they were in. Rows move on for up to beyond ticks after the newest.
func show[W any](plan *replica.Plan[W], dst *replica.World[W], s *snapshots, pos float64, beyond float32) {
	if !s.partial() {
		a, b, fraction := s.around(pos)
		plan.Interpolate(dst, a, b, fraction)
		return
	}
	s.held = s.held[:0]
	for i := range s.kept() {
		snap, _ := s.back(i)
		s.held = append(s.held, snap)
	}
	whole := math.Floor(pos)
	plan.Show(dst, &s.reel, s.held, replica.Moment{Tick: sim.Tick(int64(whole)), Part: float32(pos - whole)}, beyond)
}

// partial reports whether rows may be older than the snapshots they are in.
func (s *snapshots) partial() bool {
	return s.parts > 0 && s.count-s.parts < historySnapshots
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
	prev, since := s.newest()
	from := s.tickOf(h.Base)
	if !h.HasBase {
		from = s.tickOf(h.Start) - 1
	}
	if !h.HasBase && since <= from {
		prev = nil // the server has lost sight of what is here
	}
	if err := s.hold.Take(s.ring[slot], h.Tick, base, older, prev, delta); err != nil {
		s.malformed++
		return false
	}
	s.ticks[slot] = tick
	s.count++
	if s.hold.Partial() {
		s.parts = s.count
	}
	s.missing = s.lost(from)
	return true
}
