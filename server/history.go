package server

import (
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// history is the ring of past worlds, one per tick without gaps. The same ring serves as baselines
// of snapshots and as the past of rewinds.
type history struct {
	ring   [historyTicks]*replica.Snapshot
	newest sim.Tick
	count  int // of valid entries: the newest and count-1 before it
}

func newHistory(fresh func() *replica.Snapshot) *history {
	h := &history{}
	for i := range h.ring {
		h.ring[i] = fresh()
	}
	return h
}

// push makes t, which must follow the newest tick, the newest one and returns its snapshot to be
// filled. It overwrites the oldest when the ring is full.
func (h *history) push(t sim.Tick) *replica.Snapshot {
	h.newest = t
	h.count = min(h.count+1, historyTicks)
	s := h.ring[t%historyTicks]
	s.Tick = t
	return s
}

// swap makes a filled snapshot the world of tick t, which must follow the newest tick, and returns another in its place.
func (h *history) swap(t sim.Tick, s *replica.Snapshot) *replica.Snapshot {
	old := h.push(t)
	s.Tick = t
	h.ring[t%historyTicks] = s
	return old
}

// at returns the world of tick t, or nil when it is not, or no longer, kept.
func (h *history) at(t sim.Tick) *replica.Snapshot {
	if age := h.newest.Sub(t); age < 0 || age >= h.count {
		return nil
	}
	return h.ring[t%historyTicks]
}
