package server

import (
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// A player whose session was lost, not ended, stays in the match for Config.Resume: its rows, id and name are kept, its input is
// neutral, and nobody hears of it. It comes back by a session that resumes the lost one (session.Conn.Resumes), or one of
// the same user:
//
//	active -> session lost -> away -> Hello of its successor -> active
//	                           |
//	                           +-> Config.Resume has passed, or its place is needed -> leaving

// away is what is known of a player's return. The zero value is of one that is here.
type away struct {
	until    time.Duration       // when the player leaves, once lost is set
	lost     *session.CloseError // why it is away; nil while it is here
	ticketAt time.Duration       // when its client gets a ticket to come back with
	returned bool                // the present session has resumed another
}

// hold lets a player stay whose session is over, and reports whether it may.
func (s *Server[W, I]) hold(now time.Duration, p *player[W, I], why *session.CloseError) bool {
	lost := why.Code == session.CloseTimeout || why.Code == session.CloseCarrier || why.Code == session.CloseReplaced
	if s.cfg.Resume <= 0 || !p.active || !lost {
		return false
	}
	p.away.until, p.away.lost = now+s.cfg.Resume, why
	s.log(now, "player away", p, "why", why.Code.String())
	return true
}

// awaited returns the player whose session c takes the place of, nil when there is none.
func (s *Server[W, I]) awaited(c *session.Conn) *player[W, I] {
	for _, p := range s.roster.active {
		if p.peer == nil || p.end != nil {
			continue
		}
		id, user := p.peer.who()
		if c.Resumes() != 0 && id == c.Resumes() || c.User() != 0 && user == c.User() {
			return p
		}
	}
	return nil
}

// who returns by what the owner of a session is known again.
func (p *peer[W, I]) who() (session uint32, user uint64) {
	if p.conn == nil {
		return p.former.ID, p.former.User
	}
	return p.conn.ID(), p.conn.User()
}

// comeBack gives a player its new session, and its client all that one which enters would learn. Nobody else is told.
func (s *Server[W, I]) comeBack(now time.Duration, p *player[W, I], by *peer[W, I]) {
	if old := p.peer; !old.closed { // its end will still be told
		old.closed, old.player = true, nil
		s.forget(old)
	}
	p.peer.player = nil
	s.stats.inputs.add(p.inputs.counts)
	p.peer, by.player = by, p
	p.inputs, p.asked = inputBuffer[I]{}, nil
	p.feed, p.full = s.plan.NewFeed(p.id, s.present.tick+1, s.filter), limiter{}
	p.happened, p.everHappened = 0, false
	p.away = away{returned: true}
	s.stats.returns++
	s.log(now, "player back", p)
	s.greet(now, p, s.present.tick)
	for _, other := range s.roster.active {
		s.tell(now, p, other.introduction())
	}
}

// returns looks after those who are away, and gives everybody else's client a ticket now and then.
func (s *Server[W, I]) returns(now time.Duration) {
	if s.cfg.Resume <= 0 {
		return
	}
	for _, p := range s.roster.active {
		switch {
		case p.peer == nil || p.end != nil:
		case p.away.lost != nil && now >= p.away.until:
			p.end = p.away.lost
		case p.away.lost == nil && now >= p.away.ticketAt:
			p.away.ticketAt = now + ticketEvery
			at := s.door.enter(now)
			s.ticket = p.peer.conn.AppendResume(at, s.ticket[:0])
			s.door.leave()
			if len(s.ticket) > 0 {
				s.tell(now, p, replica.Resume{Returned: p.away.returned, Ticket: s.ticket})
			}
		}
	}
}

// makeRoom takes out the player that has been away longest, and reports whether there was one: whoever is here goes first.
func (s *Server[W, I]) makeRoom(now time.Duration) bool {
	var longest *player[W, I]
	for _, p := range s.roster.active {
		if p.away.lost != nil && p.end == nil && (longest == nil || p.away.until < longest.away.until) {
			longest = p
		}
	}
	if longest == nil {
		return false
	}
	longest.end = longest.away.lost
	s.leave(now, longest, s.present.tick+1)
	return true
}

// greet tells a player's client where it is, as of tick t.
func (s *Server[W, I]) greet(now time.Duration, p *player[W, I], t sim.Tick) {
	if s.sign != nil {
		s.tell(now, p, *s.sign)
	}
	s.tell(now, p, replica.Welcome{Player: p.id, TickRate: s.tickRate, SendEvery: s.sendEvery, Seed: s.cfg.Seed, Tick: t, RewindCap: s.cfg.RewindCap})
	s.tellAudience(now, p)
}
