package server

import (
	"errors"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// broadcaster tells of the worlds of one timeline: that of the players, or the later one of the spectators. It encodes a tick once per pair of
// baselines, not once per client: most clients share a few.
type broadcaster struct {
	past   *history // the newest of which is what is told now
	enc    *replica.Encoder
	comp   *replica.Composer
	bodies []body
	used   int
	back   lookback
	packet []byte
	delta  []byte
	counts SnapshotCounters
	ages   [replica.FeedTicks]uint64 // composed snapshots by the age of the oldest row that the client held
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

// sends reports whether the newest tick is one of which snapshots are sent.
func (s *Server[W, I]) sends() bool { return s.present.tick%sim.Tick(s.sendEvery) == 0 }

// broadcast sends the newest world to every client, on the ticks that have one sent.
func (s *Server[W, I]) broadcast(now time.Duration) {
	if !s.sends() {
		return
	}
	s.out.used = 0
	for _, p := range s.roster.active {
		if p.peer != nil && p.end == nil && !p.peer.closed {
			s.sendSnapshot(now, &s.out, p)
		}
	}
}

func (s *Server[W, I]) sendSnapshot(now time.Duration, out *broadcaster, p *player[W, I]) {
	limit := p.limit(s.budget(now, p.peer), s.period*time.Duration(s.sendEvery))
	if limit <= 0 {
		out.counts.NoBudget++
		return
	}
	p.feed.Expire(out.past.newest, out.past.ring[:])
	if _, has := p.feed.Held(); !has && !p.full.allow(now, fullEvery, fullBurst) {
		out.counts.Held++
		return
	}
	switch {
	case s.sendEntire(now, out, p, limit):
	case limit < smallest:
		out.counts.NoBudget++
	default:
		s.sendComposed(now, out, p, limit)
	}
}

// sendEntire sends the world as it is to a client that may know all of it and holds all of an earlier one, or nothing.
// Clients in the same place share the work. It reports false when that is not possible or does not fit.
func (s *Server[W, I]) sendEntire(now time.Duration, out *broadcaster, p *player[W, I], limit int) bool {
	if s.watch != nil && !p.watches() || !s.uniform {
		return false
	}
	tick, hasOlder, ok := p.feed.Entire(out.back.distance() * s.sendEvery)
	if !ok {
		return false
	}
	var base, older *replica.Snapshot
	if t, has := p.feed.Held(); has {
		base = out.past.at(t)
	}
	if hasOlder {
		older = out.past.at(tick)
	}
	body := out.encoded(out.past.at(out.past.newest), base, older)
	if len(body) > limit {
		return false
	}
	if base != nil {
		out.back.try(out.enc, p.feed, out.past, s.sendEvery, len(body))
	}
	if s.sendDelta(now, out, p, body, tick, hasOlder) {
		p.feed.Sent(out.past.newest)
	}
	return true
}

// sendComposed sends what one client may know, as much of it as fits.
func (s *Server[W, I]) sendComposed(now time.Duration, out *broadcaster, p *player[W, I], limit int) {
	c := out.comp
	var view *sim.View
	if s.watch != nil && !p.watches() {
		view = s.watch.see(s.world.V, p.id, &p.eyes)
	}
	c.Prepare(p.feed, out.past.at(out.past.newest), out.past.ring[:], view, s.tickRate/s.sendEvery)
	delta, older, hasOlder := c.Append(out.delta[:0], limit)
	out.delta = delta
	if !s.sendDelta(now, out, p, delta, older, hasOlder) {
		return
	}
	c.Done()
	out.counts.composed(c)
	out.ages[min(c.Rows.Oldest, len(out.ages)-1)]++
}

// sendDelta sends a delta behind its header and reports whether the session took it.
func (s *Server[W, I]) sendDelta(now time.Duration, out *broadcaster, p *player[W, I], delta []byte, older sim.Tick, hasOlder bool) bool {
	out.packet = replica.AppendSnapshotHeader(out.packet[:0], p.header(out.past.newest, older, hasOlder))
	out.packet = append(out.packet, delta...)
	if err := s.send(now, p.peer, replica.ChanSnapshot, out.packet); err != nil {
		s.snapshotRefused(out, p, err)
		return false
	}
	p.inputs.missed, p.inputs.early = false, false
	base, hasBase := p.feed.Held()
	out.counts.note(len(out.packet), s.present.tick.Sub(base), !hasBase)
	return true
}

// limit returns how long a delta to a client may be now, whose session may send budget bytes. What takes several datagrams is lost when one of them is, so
// that on a bad path messages are shorter.
// It has to have left before the next one comes, which would replace it.
func (p *player[W, I]) limit(budget int, interval time.Duration) int {
	loss := max(p.link.LossOut, leastLoss)
	if p.link.PacketsSent < lossPackets {
		loss = max(loss, guessedLoss)
	}
	datagrams := max(1, min(int(lossPerMessage/loss), maxDatagrams))
	if interval < budgetTime {
		budget = int(int64(budget) * int64(interval) / int64(budgetTime))
	}
	return min(budget*budgetShare/100, datagrams*datagramRoom) - headerRoom
}

// snapshotRefused counts a snapshot that the session would not take. A world that has outgrown the
// channel can never be shown, so the client is told.
func (s *Server[W, I]) snapshotRefused(out *broadcaster, p *player[W, I], err error) {
	out.counts.Refused++
	if errors.Is(err, session.ErrTooLarge) {
		s.kick(p, replica.CloseFailed, "the world is too large for a snapshot")
	}
}

func (p *player[W, I]) header(t, older sim.Tick, hasOlder bool) replica.SnapshotHeader {
	h := replica.SnapshotHeader{Tick: t, InputTick: p.inputs.newest, Margin: p.inputs.margin}
	if p.inputs.missed {
		h.Flags |= replica.FlagMissed
	}
	if p.inputs.early {
		h.Flags |= replica.FlagEarly
	}
	h.Base, h.HasBase = p.feed.Held()
	h.Start = p.feed.Start()
	h.Events, h.HasEvents = p.happened, p.everHappened
	h.Older, h.HasOlder = older, hasOlder
	return h
}
