package p2p

import (
	"errors"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// Why a match is over.
var (
	ErrLeft    = errors.New("p2p: left the match")
	ErrAlone   = errors.New("p2p: everybody else has left the match")
	ErrLeftOut = errors.New("p2p: the others have lost sight of this player and went on without it")
)

// When a player is lost, the others may have heard different amounts of it. They go on from the most that any of them has:
//
//	A has Cay's inputs up to 103, B up to 101
//	A: gone Cay, inputs ... 103  --->  B adds 102 and 103, and says so
//	A  <--- gone Cay, inputs ... 101, then ... 103
//	both: everybody who remains has 103. Cay is out; its last tick is 103, and Leave is called in 104
//
// Whoever hears that somebody is gone takes it for gone as well, so that all agree in the end on who remains; and what
// a player has of one who is gone only grows by what the others have, so that all agree on the last tick.

// lose takes a player for gone.
func (p *Peer[W, I]) lose(now time.Duration, s *seat[I]) {
	switch {
	case p.line == nil:
		s.state, s.link = awaited, newLink(nil)
		return
	case s.state != here:
		return
	}
	s.state = lost
	s.link.conn.Close(now, session.CloseApp, "lost sight of you")
	p.tellGone(now, s)
}

// tellGone tells the others what we have of a player who is gone.
func (p *Peer[W, I]) tellGone(now time.Duration, s *seat[I]) {
	b := append(p.buf[:0], kindGone, byte(s.id))
	p.broadcast(now, p.code.Append(b, replica.SnapshotAck{}, p.commandsOf(s, 0)))
}

// gone takes what another player has of one who is gone.
func (p *Peer[W, I]) gone(now time.Duration, from *seat[I], b []byte) error {
	if len(b) == 0 {
		return errMessage
	}
	s := p.seat(sim.PlayerID(b[0]))
	if s == nil || s == from {
		return errMessage
	}
	_, cmds, err := p.code.Parse(b[1:], p.commands)
	p.commands = cmds[:0]
	switch {
	case err != nil:
		return err
	case s == p.own:
		p.end(now, ErrLeftOut)
		return nil
	case s.state == out:
		return nil
	}
	p.lose(now, s)
	before := s.track.newest
	if s.state == lost {
		p.merge(s, cmds)
	}
	from.link.has[s.id] = 0
	if n := len(cmds); n > 0 {
		from.link.has[s.id] = before + int64(int32(cmds[n-1].Tick-sim.Tick(before)))
	}
	if s.track.newest != before {
		p.tellGone(now, s)
	}
	return nil
}

// agree takes those out of the match of whom everybody who remains has the same.
func (p *Peer[W, I]) agree() {
	alone := true
	for _, s := range p.seats {
		if s.state == lost && p.agreed(s) {
			s.state, s.left = out, s.track.newest
			p.wrong = min(p.wrong, s.left+1)
		}
		alone = alone && (s == p.own || s.state == out)
	}
	if alone {
		p.end(p.now, ErrAlone)
	}
}

func (p *Peer[W, I]) agreed(gone *seat[I]) bool {
	for _, s := range p.seats {
		if s != p.own && s.state == here && s.link.has[gone.id] != gone.track.newest {
			return false
		}
	}
	return true
}

// end is the end of the match for this player.
func (p *Peer[W, I]) end(now time.Duration, why error) {
	if p.err != nil {
		return
	}
	p.err = why
	for _, s := range p.seats {
		if s.link.conn != nil {
			s.link.conn.Close(now, session.CloseNormal, "left the match")
		}
	}
}
