package server

import (
	"errors"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
)

// Tick computes one tick of every room, the oldest first, in the caller's goroutine, and looks after them: for drivers with a clock of their
// own, as Server.Tick is. Nothing can be stuck here: whoever waits for a room waits.
func (h *Hall[W, I]) Tick(now time.Duration) {
	h.Poll(now)
	for _, r := range h.Rooms() {
		if !r.turn(now) {
			close(r.done)
		}
	}
	h.keep(now)
}

// keep looks after everything that no event does.
func (h *Hall[W, I]) keep(now time.Duration) {
	h.expire(h.door.enter(now))
	h.door.leave()
	h.flush()
	for _, r := range h.overdue() {
		h.giveUp(r, now)
	}
	for _, r := range h.empty(now) {
		r.Close("nobody was here")
	}
}

// expire closes sessions that say nothing, forgets where others were, and says how many play. The endpoint is held.
func (h *Hall[W, I]) expire(now time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range h.peers {
		if p.room == nil && !p.dismissed && now >= p.helloBy {
			h.dismiss(now, p, replica.CloseNoHello, "no hello")
		}
	}
	h.counts.Network = h.endpoint.Stats()
	h.endpoint.SetInfo(session.ServerInfo{Name: h.cfg.Name, Players: h.present(), Max: h.cfg.MaxSessions})
	if now < h.forgetAt {
		return
	}
	h.forgetAt = now + forgetEvery
	for id, s := range h.stays {
		if s.until == fromNow {
			s.until = now + max(0, h.cfg.Resume)
		}
		if s.until != 0 && now >= s.until || !h.enterable(s.room) {
			delete(h.stays, id)
		}
	}
}

// overdue returns the rooms whose tick takes too long. It counts its own looks, not the time: when the whole process stands still, or
// gets no core, no room is to blame.
func (h *Hall[W, I]) overdue() (late []*Room[W, I]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.rooms.order {
		turn := r.busy.Load()
		if turn == 0 || turn != r.looked {
			r.looked, r.looks = turn, 0
			continue
		}
		if r.looks++; r.looks >= h.patience {
			late = append(late, r)
		}
	}
	return late
}

// empty returns the brief rooms that nobody has been in for long.
func (h *Hall[W, I]) empty(now time.Duration) (gone []*Room[W, I]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.rooms.order {
		switch {
		case !r.cfg.Brief || r.seats > 0 || r.humans.Load() > 0:
			r.emptyAt = 0
		case r.emptyAt == 0:
			r.emptyAt = now
		case now-r.emptyAt >= h.cfg.Idle:
			gone = append(gone, r)
		}
	}
	return gone
}

// end takes a room out and ends its sessions. It reports false when that was done before.
func (h *Hall[W, I]) end(r *Room[W, I], now time.Duration, to RoomState, code session.CloseCode, reason string) bool {
	if !r.finish(to, reason) {
		return false
	}
	last := r.Stats()
	if s := r.server.Load(); s != nil && to != RoomStuck { // else its lock is never given back
		last = s.Stats()
	}
	last.Players, last.Bots, last.Watching, last.Sessions, last.Away = 0, 0, 0, 0, 0
	h.mu.Lock()
	h.rooms.remove(r)
	h.counts.Matches.add(last)
	switch to {
	case RoomClosed:
		h.counts.Closed++
	case RoomFailed:
		h.counts.Failed++
	case RoomStuck:
		h.counts.GivenUp++
		h.counts.Stuck++
	}
	h.mu.Unlock()
	if s := r.server.Load(); s != nil && to == RoomClosed {
		s.stop()
	}
	h.evict(r, now, code, reason)
	return true
}

// evict ends the sessions of a room that nobody can enter any more, and sends what they are told.
func (h *Hall[W, I]) evict(r *Room[W, I], now time.Duration, code session.CloseCode, reason string) {
	at := h.door.enter(now)
	h.mu.Lock()
	for _, p := range h.peers {
		if p.room == r && !p.dismissed {
			h.dismiss(at, p, code, reason)
		}
	}
	h.mu.Unlock()
	h.door.leave()
	h.flush()
}

// flush sends what waits to be sent.
func (h *Hall[W, I]) flush() {
	if host := h.door.host; host != nil {
		host.Lock()
		host.Unlock()
	}
}

// fail ends a room whose game has panicked, or that could not be made.
func (h *Hall[W, I]) fail(r *Room[W, I], now time.Duration, err error) {
	if !h.end(r, now, RoomFailed, replica.CloseFailed, "the room failed") {
		h.revived(r) // it was given up, and ends now with a panic
		return
	}
	h.cfg.Logger.Error("a room failed; the others go on", "room", r.name, "why", firstLine(err.Error()))
	stack := []byte(nil)
	if p, ok := errors.AsType[*PanicError](err); ok {
		stack = p.Stack
	}
	if stack != nil {
		h.save(r, firstLine(err.Error()), stack)
	}
}

// giveUp ends a room whose tick does not end. Its goroutine goes on, if it ever returns, to find that out.
func (h *Hall[W, I]) giveUp(r *Room[W, I], now time.Duration) {
	if !h.end(r, now, RoomStuck, replica.CloseFailed, "the room does not answer") {
		return
	}
	h.cfg.Logger.Error("a room is stuck in a tick and was given up; its goroutine cannot be stopped", "room", r.name, "tick", r.Info().Tick+1)
	h.save(r, "a tick takes too long", stackOf(r.number()))
}

// revived notes that the goroutine of a room that was given up has come back, and ends.
func (h *Hall[W, I]) revived(r *Room[W, I]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counts.Stuck--
	h.cfg.Logger.Info("the goroutine of a room that was given up has ended", "room", r.name)
}
