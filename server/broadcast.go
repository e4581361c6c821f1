package server

import (
	"errors"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// feed is one client's stream of snapshots: which were sent, and which it has.
type feed struct {
	sent  [historyTicks]sentMark // by tick
	acked sim.Tick               // the newest that it has, once has
	has   bool
	full  limiter
}

type sentMark struct {
	tick  sim.Tick
	sent  bool
	acked bool
}

// ack notes what the client says it has decoded, nothing of which asks for a full snapshot. It reports
// false for one that was never sent, or so long ago that it cannot be told. A client that nothing
// reaches says the same again and again, for however long: that is no lie.
//
// Messages that overtook each other need no care: at worst one snapshot is full for it.
func (f *feed) ack(a replica.SnapshotAck) bool {
	if !a.Has {
		f.forget()
		return true
	}
	if f.has && !f.acked.Before(a.Tick) {
		return true
	}
	m := &f.sent[a.Tick%historyTicks]
	if !m.sent || m.tick != a.Tick {
		return false
	}
	m.acked = true
	f.acked, f.has = a.Tick, true
	return true
}

// forget takes note that the client has nothing, perhaps no longer.
func (f *feed) forget() {
	if !f.has {
		return
	}
	f.has = false
	for i := range f.sent {
		f.sent[i].acked = false
	}
}

// baselines returns the newest world that the client is known to have, and one that it has from at least gap ticks before;
// nil when there is none, or it is no longer kept.
func (f *feed) baselines(h *history, gap int) (base, older *replica.Snapshot) {
	if !f.has || h.newest.Sub(f.acked) > replica.MaxAge {
		return nil, nil
	}
	if base = h.at(f.acked); base == nil {
		return nil, nil
	}
	for t := f.acked - sim.Tick(gap); h.newest.Sub(t) <= replica.MaxAge; t-- {
		if m := &f.sent[t%historyTicks]; m.acked && m.tick == t {
			return base, h.at(t)
		}
	}
	return base, nil
}

// motionGap is how many snapshots before the baseline motion is taken from.
const motionGap = 2

// broadcaster encodes a tick once per pair of baselines, not once per client: most clients share a few.
type broadcaster struct {
	enc    *replica.Encoder
	bodies []body
	used   int
	packet []byte
	counts SnapshotCounters
}

type body struct {
	base, older *replica.Snapshot
	bytes       []byte
}

// encoded returns cur as a delta against base and older, which may be nil, from this tick's bodies.
func (b *broadcaster) encoded(cur, base, older *replica.Snapshot) []byte {
	for i := range b.bodies[:b.used] {
		if e := &b.bodies[i]; e.base == base && e.older == older {
			return e.bytes
		}
	}
	if b.used == len(b.bodies) {
		b.bodies = append(b.bodies, body{})
	}
	e := &b.bodies[b.used]
	b.used++
	e.base, e.older = base, older
	e.bytes = b.enc.Encode(e.bytes[:0], cur, base, older)
	b.counts.Encoded++
	return e.bytes
}

// broadcast sends the newest world to every client, on the ticks that have one sent.
func (s *Server[W, I]) broadcast(now time.Duration) {
	if s.present.tick%sim.Tick(s.sendEvery) != 0 {
		return
	}
	s.out.used = 0
	for _, p := range s.roster.active {
		if p.peer != nil && p.end == nil && !p.peer.closed {
			s.sendSnapshot(now, p)
		}
	}
}

func (s *Server[W, I]) sendSnapshot(now time.Duration, p *player[W, I]) {
	out, t := &s.out, s.present.tick
	conn := p.peer.conn
	if conn.SendBudget(now) <= 0 {
		out.counts.NoBudget++
		return
	}
	base, older := p.feed.baselines(s.history, motionGap*s.sendEvery)
	if base == nil && !p.feed.full.allow(now, fullEvery, fullBurst) {
		out.counts.Held++
		return
	}
	out.packet = replica.AppendSnapshotHeader(out.packet[:0], p.header(t, base, older))
	out.packet = append(out.packet, out.encoded(s.history.at(t), base, older)...)
	if err := conn.Send(now, replica.ChanSnapshot, out.packet); err != nil {
		s.snapshotRefused(p, err)
		return
	}
	p.feed.sent[t%historyTicks] = sentMark{tick: t, sent: true}
	p.inputs.missed = false
	out.counts.note(len(out.packet), base == nil)
}

// snapshotRefused counts a snapshot that the session would not take. A world that has outgrown the
// channel can never be shown, so the client is told.
func (s *Server[W, I]) snapshotRefused(p *player[W, I], err error) {
	s.out.counts.Refused++
	if errors.Is(err, session.ErrTooLarge) {
		s.kick(p, replica.CloseFailed, "the world is too large for a snapshot")
	}
}

func (p *player[W, I]) header(t sim.Tick, base, older *replica.Snapshot) replica.SnapshotHeader {
	h := replica.SnapshotHeader{Tick: t, InputTick: p.inputs.newest, Margin: p.inputs.margin}
	if p.inputs.missed {
		h.Flags |= replica.FlagMissed
	}
	if base != nil {
		h.Base, h.HasBase = base.Tick, true
	}
	h.Events, h.HasEvents = p.happened, p.everHappened
	if older != nil {
		h.Older, h.HasOlder = older.Tick, true
	}
	return h
}
