package server

import (
	"errors"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// receive takes in one message. Its bytes are borrowed.
func (s *Server[W, I]) receive(now time.Duration, p *peer[W, I], channel int, b []byte) {
	switch channel {
	case replica.ChanInput:
		s.receiveInput(now, p, b)
	case replica.ChanControl:
		s.receiveControl(now, p, b)
	case replica.ChanCall:
		s.receiveCall(now, p, b)
	default:
		s.drop(now, p, DropUnexpected)
	}
}

// receiveInput files commands under their ticks, and notes which snapshot the client has.
func (s *Server[W, I]) receiveInput(now time.Duration, p *peer[W, I], b []byte) {
	every := s.period / inputRateFactor
	if !p.input.allow(now, every, inputRateFactor*inputBurstSeconds*s.tickRate) {
		s.drop(now, p, DropFlood)
		return
	}
	pl := p.player
	if pl != nil && pl.watches() {
		s.receiveAck(now, p, b)
		return
	}
	if pl == nil || !pl.active {
		s.drop(now, p, DropUnexpected)
		return
	}
	ack, cmds, err := s.codec.Parse(b, s.commands[:0])
	if err != nil || len(cmds) == 0 {
		s.drop(now, p, DropMalformed)
		return
	}
	s.commands = cmds
	pl.inputs.ack = ack
	for i := range cmds {
		pl.inputs.offer(&cmds[i], now, s.present)
	}
	if !pl.feed.Ack(ack, s.sendEvery, s.history.ring[:]) {
		s.drop(now, p, DropAck)
	}
}

// receiveControl does what the client asks, if it may.
func (s *Server[W, I]) receiveControl(now time.Duration, p *peer[W, I], b []byte) {
	if !p.control.allow(now, controlEvery, controlBurst) {
		s.drop(now, p, DropFlood)
		return
	}
	m, err := replica.ParseControl(b)
	if err != nil {
		s.drop(now, p, DropMalformed)
		return
	}
	known := p.player != nil
	switch m := m.(type) {
	case replica.Hello:
		if !known {
			s.hello(now, p, m)
			return
		}
	case replica.Watch:
		if !known {
			s.spectate(now, p, m)
			return
		}
	case replica.ListRooms:
		if s.inbox == nil { // one match, no rooms
			_ = s.send(now, p, replica.ChanControl, replica.AppendControl(nil, replica.RoomList{}))
			return
		}
	case replica.Probe:
		if known {
			s.tell(now, p.player, replica.ProbeEcho(m))
			return
		}
	case replica.Say:
		if known && !p.player.watches() {
			s.say(now, p, m.Text)
			return
		}
	}
	s.drop(now, p, DropUnexpected)
}

// hello makes the peer the player that it was, or one from the next tick on, or turns it away when the match is full.
func (s *Server[W, I]) hello(now time.Duration, p *peer[W, I], m replica.Hello) {
	if s.strayed(now, p, m.Room) {
		return
	}
	if pl := s.awaited(p.conn); pl != nil {
		s.comeBack(now, pl, p)
		return
	}
	pl := &player[W, I]{peer: p}
	in := s.roster.enter(pl, m.Name, s.cfg.MaxPlayers)
	if !in && s.makeRoom(now) {
		in = s.roster.enter(pl, m.Name, s.cfg.MaxPlayers)
	}
	if !in {
		s.stats.full++
		s.log(now, "player turned away: full", pl)
		s.hangUp(now, p, replica.CloseFull, "server full")
		return
	}
	p.player = pl
}

// strayed turns a peer away that wants a room, where there are none.
func (s *Server[W, I]) strayed(now time.Duration, p *peer[W, I], room string) bool {
	if room == "" || s.inbox != nil {
		return false
	}
	s.hangUp(now, p, replica.CloseNoRoom, "this server has no rooms")
	return true
}

// say shows a line of chat to everybody, its author included.
func (s *Server[W, I]) say(now time.Duration, p *peer[W, I], text string) {
	if !p.say.allow(now, sayEvery, sayBurst) {
		s.stats.dropped[DropFlood]++
		return
	}
	if text = replica.CleanText(text, replica.MaxText); text != "" {
		s.tellAll(now, replica.Said{Player: p.player.id, Text: text})
	}
}

// welcome tells a new player where it is, and everybody who is there: first itself, whom the others
// learn about now, then the others.
func (s *Server[W, I]) welcome(now time.Duration, p *player[W, I], t sim.Tick) {
	s.greet(now, p, t)
	s.tellAll(now, p.introduction())
	for _, other := range s.roster.active {
		if other != p {
			s.tell(now, p, other.introduction())
		}
	}
}

func (p *player[W, I]) introduction() replica.Joined {
	return replica.Joined{Player: p.id, Name: p.name, Bot: p.peer == nil}
}

func (s *Server[W, I]) tellAll(now time.Duration, m replica.Control) {
	s.audience.hear(m)
	for _, p := range s.roster.active {
		s.tell(now, p, m)
	}
}

// tell sends a control message to one player. A client whose queue of reliable messages is full has
// stopped listening: it is expelled, since it can never be told the rest. Of a session that has ended
// meanwhile, poll will hear.
func (s *Server[W, I]) tell(now time.Duration, p *player[W, I], m replica.Control) {
	if p.peer == nil || p.end != nil || p.peer.closed {
		return
	}
	s.control = replica.AppendControl(s.control[:0], m)
	if err := s.send(now, p.peer, replica.ChanControl, s.control); errors.Is(err, session.ErrQueueFull) {
		s.kick(p, replica.CloseSlow, "too far behind")
	}
}
