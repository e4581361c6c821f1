package server

import (
	"github.com/halftick/halftick/netcode/replay"
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// recording gives each tick to Config.Record: what was executed, by whom, and what came of it.
type recording[W, I any] struct {
	rec   *replay.Recorder[W, I] // nil when nothing is recorded
	frame replay.Frame[I]        // of the tick being computed
}

func newRecording[W, I any](s *Server[W, I]) (r recording[W, I]) {
	if s.cfg.Record != nil {
		r.rec = replay.NewRecorder(s.game, s.plan, s.codec, s.cfg.Seed, s.cfg.Record)
	}
	return r
}

func (r *recording[W, I]) left(p sim.PlayerID) { r.frame.Leaves = append(r.frame.Leaves, p) }

func (r *recording[W, I]) joined(p sim.PlayerID) { r.frame.Joins = append(r.frame.Joins, p) }

// patched notes that something else than the game's functions has changed the world.
func (r *recording[W, I]) patched() { r.frame.Patched = true }

// record gives away the tick that was computed.
func (s *Server[W, I]) record(t sim.Tick, snap *replica.Snapshot) {
	r := &s.recording
	f := &r.frame
	if r.rec != nil {
		f.Tick = t
		for _, e := range s.step.entries {
			f.Entries = append(f.Entries, replay.Entry[I]{Player: e.Player, Input: e.Input, Lag: s.lagOf(e.Player)})
		}
		for i := range s.emit.list {
			m := &s.emit.list[i]
			f.Events = append(f.Events, replay.Event{To: m.to,
				Happening: replica.Happening{Event: m.event, Source: m.source, N: m.n, Body: s.emit.body(m)}})
		}
		r.rec.Tick(f, s.world, snap)
	}
	*f = replay.Frame[I]{Leaves: f.Leaves[:0], Joins: f.Joins[:0], Entries: f.Entries[:0], Events: f.Events[:0]}
}

// lagOf returns how far back Step saw a player's past, and notes when that past rests on what that player alone was shown.
func (s *Server[W, I]) lagOf(p sim.PlayerID) uint16 {
	m := &s.rewind.memo[p]
	if !m.known || m.past.Lag == 0 {
		return 0
	}
	s.recording.frame.Partial = s.recording.frame.Partial || m.seen
	return uint16(m.past.Lag * viewUnits)
}

// counters returns what became of the recording, zero when nothing is recorded.
func (r *recording[W, I]) counters() replay.RecorderCounters {
	if r.rec == nil {
		return replay.RecorderCounters{}
	}
	return r.rec.Counters()
}

// endRecording writes what waits. It is called when there will be no more ticks.
func (s *Server[W, I]) endRecording() {
	if s.recording.rec == nil {
		return
	}
	if err := s.recording.rec.Close(); err != nil {
		s.cfg.Logger.Error("the recording is not whole", "why", err)
	}
}
