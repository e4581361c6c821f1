package p2p

import (
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// Connect says where a player before this one is; it is dialled until the match has begun.
func (p *Peer[W, I]) Connect(player sim.PlayerID, to session.Path) {
	if s := p.seat(player); s != nil && s != p.own {
		s.path = to
	}
}

// dial dials whoever is not here.
func (p *Peer[W, I]) dial(now time.Duration) {
	for _, s := range p.seats {
		if s.state != awaited || s.link.conn != nil || s.path == (session.Path{}) || now < s.again {
			continue
		}
		var opt session.DialOptions
		if len(p.cfg.Keys) > 0 {
			opt.ServerKey = p.cfg.Keys[s.id-1]
		}
		s.again = now + dialAgain
		c, err := p.ep.DialWith(now, s.path, opt)
		if s.why = err; err == nil {
			s.link = newLink(c)
		}
	}
}

// greet says who we are, on each session that has not been told.
func (p *Peer[W, I]) greet(now time.Duration) {
	for _, s := range p.seats {
		l := &s.link
		if l.conn == nil || l.greeted || !l.conn.Opened() {
			continue
		}
		m := hello{p.cfg.Player, len(p.seats), p.cfg.InputDelay, p.cfg.Seed}
		l.greeted = p.send(now, l.conn, m.appendTo(p.buf[:0])) == nil
	}
	for len(p.strangers) > 0 && now-p.strangers[0].since > helloTimeout {
		p.turnAway(now, p.strangers[0].conn, "did not say who it is")
	}
}

// send sends a control message, whose memory it keeps for the next.
func (p *Peer[W, I]) send(now time.Duration, c *session.Conn, b []byte) error {
	p.buf = b
	return c.Send(now, chanControl, b)
}

// broadcast sends a control message to everybody who is here.
func (p *Peer[W, I]) broadcast(now time.Duration, b []byte) {
	p.buf = b
	for _, s := range p.seats {
		if s != p.own && s.state == here {
			_ = s.link.conn.Send(now, chanControl, b) // when it does not fit, the session is about to end
		}
	}
}

// receive takes in the events.
func (p *Peer[W, I]) receive(now time.Duration) {
	for ev, ok := p.ep.Event(); ok; ev, ok = p.ep.Event() {
		s := p.by(ev.Conn)
		switch {
		case ev.Conn == nil:
		case ev.Kind == session.Opened && s == nil:
			p.meet(now, ev.Conn)
		case ev.Kind == session.Closed && s != nil:
			s.why = ev.Err
			p.lose(now, s)
		case ev.Kind == session.Closed:
			p.forget(ev.Conn)
		case ev.Kind == session.Message && s == nil:
			p.introduce(now, ev.Conn, ev.Data)
		case ev.Kind == session.Message && s.state == lost, ev.Kind == session.Message && s.state == out: // it has no say any more
		case ev.Kind == session.Message && ev.Channel == chanInput:
			p.inputs(s, ev.Data)
		case ev.Kind == session.Message:
			p.control(now, s, ev.Data)
		}
	}
}

// by returns the seat that a session belongs to, or nil.
func (p *Peer[W, I]) by(c *session.Conn) *seat[I] {
	for _, s := range p.seats {
		if c != nil && s.link.conn == c {
			return s
		}
	}
	return nil
}

// meet waits for the hello of a session that was not dialled.
func (p *Peer[W, I]) meet(now time.Duration, c *session.Conn) {
	p.strangers = append(p.strangers, stranger{c, now})
	if len(p.strangers) > maxStrangers {
		p.turnAway(now, p.strangers[0].conn, "too many sessions do not say who they are")
	}
}

func (p *Peer[W, I]) turnAway(now time.Duration, c *session.Conn, why string) {
	p.count.Strangers++
	p.forget(c)
	c.Close(now, session.CloseApp, why)
}

func (p *Peer[W, I]) forget(c *session.Conn) {
	for i := range p.strangers {
		if p.strangers[i].conn == c {
			p.strangers = append(p.strangers[:i], p.strangers[i+1:]...)
			return
		}
	}
}

// introduce takes the first message of a session that was not dialled: who it is.
func (p *Peer[W, I]) introduce(now time.Duration, c *session.Conn, b []byte) {
	if len(b) == 0 || b[0] != kindHello {
		p.turnAway(now, c, "did not say who it is")
		return
	}
	m, err := parseHello(b[1:])
	s := p.seat(m.player)
	switch {
	case err != nil || m.players != len(p.seats):
		p.turnAway(now, c, "this is a match of another number of players")
	case s == nil || s == p.own || s.state != awaited || s.link.conn != nil || s.path != (session.Path{}):
		p.turnAway(now, c, "nobody is awaited under this number")
	case len(p.cfg.Keys) > 0 && c.ClientKey() != p.cfg.Keys[m.player-1]:
		p.turnAway(now, c, "this is not the key of that player")
	default:
		p.forget(c)
		s.link = newLink(c)
		p.welcome(s, m)
	}
}

func (p *Peer[W, I]) welcome(s *seat[I], m hello) {
	s.state, s.link.delay = here, m.delay
	if m.player == 1 {
		p.cfg.Seed = m.seed
	}
}

// control takes a control message of a player.
func (p *Peer[W, I]) control(now time.Duration, s *seat[I], b []byte) {
	if len(b) == 0 {
		p.count.Malformed++
		return
	}
	var err error
	switch kind, body := b[0], b[1:]; {
	case kind == kindHello && s.state == awaited:
		var m hello
		if m, err = parseHello(body); err == nil && (m.player != s.id || m.players != len(p.seats)) {
			err = errMessage
		}
		if err == nil {
			p.welcome(s, m)
		}
	case s.state != here:
		err = errMessage
	case kind == kindGone:
		err = p.gone(now, s, body)
	case kind == kindHashes || kind == kindRows || kind == kindRow:
		err = p.part(now, s, kind, body)
	default:
		err = errMessage
	}
	if err != nil {
		p.count.Malformed++
	}
}

// inputs takes an input message of a player.
func (p *Peer[W, I]) inputs(s *seat[I], b []byte) {
	if len(b) == 0 || s.state != here {
		p.count.Malformed++
		return
	}
	ack, cmds, err := p.code.Parse(b[1:], p.commands)
	p.commands = cmds[:0]
	if err != nil {
		p.count.Malformed++
		return
	}
	p.merge(s, cmds)
	if own := p.own.track.newest; ack.Has {
		if has := own - int64(sim.Tick(own)-ack.Tick); has <= own && own-has < trackTicks {
			s.link.acked = max(s.link.acked, has)
		}
	}
	if p.line != nil && len(cmds) > 0 {
		s.link.noteLead(p.line.tick, s.track.newest-int64(s.link.delay), int8(b[0]))
	}
}

// merge adds the inputs of a player that are the next.
func (p *Peer[W, I]) merge(s *seat[I], cmds []replica.Command[I]) {
	for i := range cmds {
		next := s.track.newest + 1
		if cmds[i].Tick != sim.Tick(next) {
			continue // had already, or after a gap
		}
		if next > p.confirmed+trackTicks/2 {
			p.count.Malformed++
			return
		}
		p.add(s, cmds[i].Input)
	}
}

// speak sends everybody the inputs that they lack: after each tick, and while nothing can be computed at the same beat.
func (p *Peer[W, I]) speak(now time.Duration) {
	if !p.played && (now-p.spoke).Seconds()*p.pace.rate < 1 {
		return
	}
	p.played, p.spoke = false, now
	for _, s := range p.seats {
		if s == p.own || s.state != here {
			continue
		}
		lead := min(max(4*s.link.lead, -128), 127)
		p.buf = append(p.buf[:0], byte(int8(lead)))
		ack := replica.SnapshotAck{Tick: sim.Tick(s.track.newest), Has: s.track.newest > 0}
		p.buf = p.code.Append(p.buf, ack, p.commandsOf(p.own, s.link.acked))
		_ = s.link.conn.Send(now, chanInput, p.buf) // the next one repeats it
	}
}

// commandsOf returns what a player does after a tick, at most as much as a message holds.
func (p *Peer[W, I]) commandsOf(s *seat[I], after int64) []replica.Command[I] {
	p.commands = p.commands[:0]
	for t := max(after+1, s.track.newest-replica.MaxCommands+1, 1); t <= s.track.newest; t++ {
		in, _ := s.track.at(t)
		p.commands = append(p.commands, replica.Command[I]{Tick: sim.Tick(t), Input: in})
	}
	return p.commands
}
