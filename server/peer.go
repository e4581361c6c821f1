package server

import (
	"slices"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
)

// peer is one session and what its owner may still do. It becomes a player's with a Hello.
type peer[W, I any] struct {
	conn    *session.Conn
	path    session.Path
	helloBy time.Duration
	player  *player[W, I]  // nil before the Hello and after the leave
	closed  bool           // nothing from it counts any more
	former  session.Former // of a player who was in a frozen match; conn is nil

	room                 *Room[W, I] // of a Hall, since it said where it wants to play
	dismissed            bool        // the Hall has closed it
	watching             bool        // and not playing: it takes no place
	letters, letterBytes int         // that wait in the room's inbox

	control, say, input, call, work, strikes limiter
}

// poll takes in every event of the sessions.
func (s *Server[W, I]) poll(now time.Duration) {
	if s.inbox != nil {
		s.read(now)
		return
	}
	for {
		ev, ok := s.endpoint.Event()
		if !ok {
			return
		}
		s.handle(now, &ev)
	}
}

func (s *Server[W, I]) handle(now time.Duration, ev *session.Event) {
	if ev.Kind == session.Opened {
		s.open(now, ev.Conn)
		return
	}
	if p, ok := ev.Conn.Owner().(*peer[W, I]); ok {
		s.deliver(now, p, ev)
	}
}

// deliver takes in an event of a peer's session.
func (s *Server[W, I]) deliver(now time.Duration, p *peer[W, I], ev *session.Event) {
	if p.closed {
		return
	}
	switch ev.Kind {
	case session.Opened:
		s.peers = append(s.peers, p)
	case session.Message:
		s.receive(now, p, ev.Channel, ev.Data)
	case session.Closed:
		s.ended(now, p, ev.Err)
	}
}

func (s *Server[W, I]) open(now time.Duration, c *session.Conn) {
	if p := oneTooMany(s.peers, func(p *peer[W, I]) bool { return p.player == nil }); p != nil {
		s.hangUp(now, p, replica.CloseNoHello, "no hello")
	}
	s.peers = append(s.peers, newPeer[W, I](now, c))
}

func newPeer[W, I any](now time.Duration, c *session.Conn) *peer[W, I] {
	p := &peer[W, I]{conn: c, path: c.Path(), helloBy: now + helloTimeout}
	c.SetOwner(p)
	return p
}

// oneTooMany returns the peer that has been silent longest when too many are.
func oneTooMany[W, I any](peers []*peer[W, I], silent func(*peer[W, I]) bool) (longest *peer[W, I]) {
	n := 0
	for _, p := range slices.Backward(peers) {
		if silent(p) {
			n, longest = n+1, p
		}
	}
	if n < maxSilent {
		return nil
	}
	return longest
}

// ended is told that the session is over, by whatever cause. Its player is away, or leaves in the next tick.
func (s *Server[W, I]) ended(now time.Duration, p *peer[W, I], err error) {
	p.closed = true
	s.forget(p)
	if p.player == nil || p.player.end != nil {
		return
	}
	end, ok := err.(*session.CloseError)
	if !ok {
		end = &session.CloseError{Code: session.CloseCarrier}
	}
	if !s.hold(now, p.player, end) {
		p.player.end = end
	}
}

// hangUp closes the session, whose player, if any, the caller takes care of.
func (s *Server[W, I]) hangUp(now time.Duration, p *peer[W, I], code session.CloseCode, reason string) {
	if p.closed {
		return
	}
	p.closed = true
	now = s.door.enter(now)
	p.conn.Close(now, code, reason)
	s.door.leave()
	s.forget(p)
}

func (s *Server[W, I]) forget(p *peer[W, I]) {
	s.peers = slices.DeleteFunc(s.peers, func(q *peer[W, I]) bool { return q == p })
}

// expire closes the sessions that did not say Hello in time.
func (s *Server[W, I]) expire(now time.Duration) {
	for i := len(s.peers) - 1; i >= 0; i-- {
		if p := s.peers[i]; p.player == nil && now >= p.helloBy {
			s.hangUp(now, p, replica.CloseNoHello, "no hello")
		}
	}
}

// expel ends a peer for what it did: its player, if any, is kicked in the next tick.
func (s *Server[W, I]) expel(now time.Duration, p *peer[W, I], code session.CloseCode, reason string) {
	if p.player == nil {
		s.hangUp(now, p, code, reason)
		return
	}
	s.kick(p.player, code, reason)
}

// drop counts something that the peer should not have sent. Enough of them in a row and it is expelled.
func (s *Server[W, I]) drop(now time.Duration, p *peer[W, I], why Drop) {
	s.stats.dropped[why]++
	if !p.strikes.allow(now, strikeEvery, strikeBurst) {
		s.expel(now, p, replica.CloseFlood, "too many messages")
	}
}
