package server

import (
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// audience is those who only watch, and all that they are told, Config.SpectatorDelay after it happened:
//
//	tick t    world, events, comings and goings, chat --> moments
//	          moments, those of tick t-delay          --> out.past, here --> every spectator
//
// Spectators know everything: to them neither Game.See nor aoi tags apply, only owner tags. So nothing younger may reach them.
type audience[W, I any] struct {
	members []*player[W, I] // in no match, and of no number
	most    int
	moments []moment // the newest, in turns: one more than the delay has ticks
	kept    uint64   // ticks that were taken in
	out     broadcaster
	filter  []bool                             // nothing is hidden
	here    [sim.MaxPlayers + 1]replica.Joined // who plays in what is shown; Player 0: nobody
	told    replica.Audience                   // what everybody knows of the audience
}

// moment is all that is told of one tick.
type moment struct {
	tidings
	world *replica.Snapshot
	news  []replica.Control // in order
}

// newAudience returns nil when nobody may watch. Nothing was shown before tick t.
func newAudience[W, I any](s *Server[W, I], t sim.Tick) *audience[W, I] {
	if s.cfg.MaxSpectators == 0 {
		return nil
	}
	delay := int((s.cfg.SpectatorDelay + s.period - 1) / s.period)
	a := &audience[W, I]{most: s.cfg.MaxSpectators, moments: make([]moment, delay+1), filter: make([]bool, len(s.filter))}
	a.told.Delay = s.cfg.SpectatorDelay
	a.out = broadcaster{past: newHistory(s.plan.NewSnapshot), enc: s.plan.NewEncoder(), comp: s.plan.NewComposer()}
	a.out.past.newest = t
	for i := range a.moments {
		a.moments[i].world = s.plan.NewSnapshot()
	}
	return a
}

// filling returns the moment of the tick that is being computed.
func (a *audience[W, I]) filling() *moment { return &a.moments[a.kept%uint64(len(a.moments))] }

// hear takes a control message that all players were told.
func (a *audience[W, I]) hear(m replica.Control) {
	if a != nil {
		f := a.filling()
		f.news = append(f.news, m)
	}
}

// take takes in the tick that was computed, and returns the one to be shown now, or nil while it is too early for any.
func (a *audience[W, I]) take(now *replica.Snapshot, happened *tidings) *moment {
	m := a.filling()
	m.world.CopyFrom(now)
	m.copyFrom(happened)
	a.kept++
	if a.kept < uint64(len(a.moments)) {
		return nil
	}
	return a.filling()
}

// show tells the spectators what has happened long enough ago.
func (s *Server[W, I]) show(now time.Duration) {
	a := s.audience
	if a == nil {
		return
	}
	s.dismiss(now)
	if m := a.take(s.history.at(s.present.tick), &s.emit.tidings); m != nil {
		s.showMoment(now, m)
	}
	if c := len(a.members); c != a.told.Spectators && int(s.present.tick)%s.tickRate == 0 {
		a.told.Spectators = c
		for _, p := range s.roster.active {
			s.tell(now, p, a.told)
		}
		for _, p := range a.members {
			s.tell(now, p, a.told)
		}
	}
}

// showMoment tells the spectators a tick, and makes room for another.
func (s *Server[W, I]) showMoment(now time.Duration, m *moment) {
	a := s.audience
	for _, c := range m.news {
		a.note(c)
		for _, p := range a.members {
			s.tell(now, p, c)
		}
	}
	clear(m.news)
	m.news = m.news[:0]
	m.world = a.out.past.swap(m.tick, m.world)
	a.out.used = 0
	for _, p := range a.members {
		if p.end != nil || p.peer.closed {
			continue
		}
		s.inform(now, &m.tidings, p)
		if m.tick%sim.Tick(s.sendEvery) == 0 {
			s.sendSnapshot(now, &a.out, p)
		}
	}
}

// note keeps who plays in what is shown.
func (a *audience[W, I]) note(c replica.Control) {
	switch c := c.(type) {
	case replica.Joined:
		a.here[c.Player] = c
	case replica.Left:
		a.here[c.Player] = replica.Joined{}
	}
}

// spectate lets a peer watch, if there is room.
func (s *Server[W, I]) spectate(now time.Duration, p *peer[W, I], m replica.Watch) {
	if s.strayed(now, p, m.Room) {
		return
	}
	a := s.audience
	pl := &player[W, I]{peer: p, name: "spectator"}
	if a == nil || len(a.members) >= a.most {
		s.stats.full++
		s.log(now, "spectator turned away", pl)
		s.hangUp(now, p, replica.CloseFull, "no room for a spectator")
		return
	}
	p.player = pl
	a.members = append(a.members, pl)
	shown := a.out.past.newest
	pl.feed = s.plan.NewFeed(0, shown+1, a.filter)
	s.log(now, "spectator came", pl)
	if s.sign != nil {
		s.tell(now, pl, *s.sign)
	}
	s.tell(now, pl, replica.Welcome{TickRate: s.tickRate, SendEvery: s.sendEvery, Tick: shown, RewindCap: s.cfg.RewindCap})
	s.tell(now, pl, replica.Audience{Spectators: len(a.members), Delay: a.told.Delay})
	for _, j := range a.here {
		if j.Player != 0 {
			s.tell(now, pl, j)
		}
	}
}

// tellAudience tells a player who has come how many are watching.
func (s *Server[W, I]) tellAudience(now time.Duration, p *player[W, I]) {
	if s.audience != nil {
		s.tell(now, p, s.audience.told)
	}
}

// dismiss takes out the spectators who have gone, or have to go.
func (s *Server[W, I]) dismiss(now time.Duration) {
	a, kept := s.audience, s.audience.members[:0]
	for _, p := range a.members {
		if p.end == nil {
			kept = append(kept, p)
			continue
		}
		s.log(now, "spectator left", p, "reason", leaveReason(p.end))
		s.hangUp(now, p.peer, p.end.Code, p.end.Reason)
		p.peer.player = nil
	}
	clear(a.members[len(kept):])
	a.members = kept
}

// receiveAck notes which snapshot a spectator has. It may not send anything else.
func (s *Server[W, I]) receiveAck(now time.Duration, p *peer[W, I], b []byte) {
	ack, cmds, err := s.codec.Parse(b, s.commands[:0])
	s.commands = cmds[:0]
	switch {
	case err != nil:
		s.drop(now, p, DropMalformed)
	case len(cmds) > 0:
		s.drop(now, p, DropUnexpected)
	case !p.player.feed.Ack(ack, s.sendEvery, s.audience.out.past.ring[:]):
		s.drop(now, p, DropAck)
	}
}

// watches reports whether p is a spectator.
func (p *player[W, I]) watches() bool { return p.id == 0 }
