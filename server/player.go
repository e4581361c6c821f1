package server

import (
	"slices"
	"strings"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// player is someone in the match, or about to enter or leave it:
//
//	Hello or AddBot -> entering -> [next tick: Join] -> active -> leaving -> [next tick: Leave] -> gone
type player[W, I any] struct {
	id     sim.PlayerID
	name   string
	active bool
	joined sim.Tick            // the first tick it is part of
	peer   *peer[W, I]         // nil for a bot
	think  Think[W, I]         // nil for a client
	end    *session.CloseError // why it is leaving; nil while it is not
	away   away
	inputs inputBuffer[I]
	feed   *replica.Feed // since it is active
	full   limiter       // of snapshots while it holds nothing
	eyes   eyes
	told   *[sim.MaxPlayers + 1]allowance // by source, of events for some alone; nil before the first
	asked  []question                     // since the last tick
	link   session.Stats                  // as of the last sample

	happened     sim.Tick // newest tick of which it was sent reliable events, once everHappened
	everHappened bool
}

// roster is who is in the match.
type roster[W, I any] struct {
	byID     [sim.MaxPlayers + 1]*player[W, I] // active and entering
	active   []*player[W, I]                   // in ascending order of id
	entering []*player[W, I]
	door     limiter // of entering
}

// free returns the lowest free id, or 0 when most players are present. The lowest ones spread best
// over the stripes of sim.Table.
func (r *roster[W, I]) free(most int) sim.PlayerID {
	if len(r.active)+len(r.entering) >= most {
		return 0
	}
	for id := 1; id <= sim.MaxPlayers; id++ {
		if r.byID[id] == nil {
			return sim.PlayerID(id)
		}
	}
	return 0
}

// enter gives the player an id and a name of its own, and queues it for the next tick; false means full.
func (r *roster[W, I]) enter(p *player[W, I], name string, most int) bool {
	if p.id = r.free(most); p.id == 0 {
		return false
	}
	p.name = uniqueName(cleanName(name), r.nameTaken)
	r.byID[p.id] = p
	r.entering = append(r.entering, p)
	return true
}

func (r *roster[W, I]) nameTaken(name string) bool {
	for _, p := range r.byID {
		if p != nil && strings.EqualFold(p.name, name) {
			return true
		}
	}
	return false
}

func (r *roster[W, I]) activate(p *player[W, I]) {
	i, _ := slices.BinarySearchFunc(r.active, p.id, func(q *player[W, I], id sim.PlayerID) int { return int(q.id) - int(id) })
	r.active = slices.Insert(r.active, i, p)
}

// remove takes p out and reports whether it had been active.
func (r *roster[W, I]) remove(p *player[W, I]) (wasActive bool) {
	r.byID[p.id] = nil
	same := func(q *player[W, I]) bool { return q == p }
	n := len(r.active)
	r.active = slices.DeleteFunc(r.active, same)
	r.entering = slices.DeleteFunc(r.entering, same)
	return len(r.active) < n
}

// from returns where a player is, for logs: carrier and address, or "bot".
func (p *player[W, I]) from() string {
	if p.peer == nil {
		return "bot"
	}
	return p.peer.path.String()
}

// joins lets those who are waiting take part from tick t on, as fast as the limit allows.
func (s *Server[W, I]) joins(now time.Duration, t sim.Tick) {
	for len(s.roster.entering) > 0 && s.roster.door.allow(now, joinEvery, joinBurst) {
		p := s.roster.entering[0]
		s.roster.entering = s.roster.entering[1:]
		s.roster.activate(p)
		p.active, p.joined = true, t
		if p.peer != nil {
			p.feed = s.plan.NewFeed(p.id, t, s.filter)
		}
		s.recording.joined(p.id)
		if s.game.Join != nil {
			s.game.Join(s.step.outside(s, t), s.world.V, p.id)
		}
		s.stats.joins++
		s.log(now, "player joined", p)
		s.welcome(now, p, t)
	}
}

// leaves takes out those who are leaving, before tick t.
func (s *Server[W, I]) leaves(now time.Duration, t sim.Tick) {
	s.returns(now)
	for id := range s.roster.byID {
		if p := s.roster.byID[id]; p != nil && p.end != nil {
			s.leave(now, p, t)
		}
	}
}

func (s *Server[W, I]) leave(now time.Duration, p *player[W, I], t sim.Tick) {
	if p.peer != nil {
		s.hangUp(now, p.peer, p.end.Code, p.end.Reason)
		p.peer.player = nil
	}
	s.stats.inputs.add(p.inputs.counts)
	if !s.roster.remove(p) {
		return
	}
	s.recording.left(p.id)
	if s.game.Leave != nil {
		s.game.Leave(s.step.outside(s, t), s.world.V, p.id)
	} else {
		s.world.DespawnOwned(p.id)
	}
	reason := leaveReason(p.end)
	s.stats.leaves++
	s.log(now, "player left", p, "reason", reason)
	s.tellAll(now, replica.Left{Player: p.id, Reason: reason})
}

// leaveReason puts the end of a player into words for the others. What the peer itself said is not repeated.
func leaveReason(e *session.CloseError) string {
	switch {
	case e.Code == session.CloseNormal:
		return "left"
	case e.Remote || e.Reason == "":
		return e.Code.String()
	}
	return e.Reason
}

// Kick removes player p before the next tick and tells it and everybody the reason, of which
// unprintable characters and all beyond 100 bytes are cut. It does nothing when there is no such player.
func (s *Server[W, I]) Kick(p sim.PlayerID, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kick(s.roster.byID[p], session.CloseKicked, replica.CleanText(reason, replica.MaxReason))
}

func (s *Server[W, I]) kick(p *player[W, I], code session.CloseCode, reason string) {
	if p == nil || p.end != nil {
		return
	}
	p.end = &session.CloseError{Code: code, Reason: reason}
	s.stats.kicks++
}
