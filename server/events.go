package server

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// EventCounters say what became of the events that the game emitted (Emitted, Flood, Refused, Unknown: each is exactly one of them).
type EventCounters struct {
	Emitted  uint64 // and so sent to those whom they are for
	Flood    uint64 // dropped for everybody: more than one source may cause
	Refused  uint64 // dropped: too large, not a number, or about a row of no table of the world
	Unknown  uint64 // dropped: not in Game.Events
	Copies   uint64 // of the emitted, to clients
	Withheld uint64 // of the emitted that are for some alone, from clients: more of one source than one is told of
	Bytes    uint64 // of the messages with them
	Unsent   uint64 // messages with Unreliable events for which there was no room on the path
}

// emitter gathers what happens in a tick, and counts within tick, source and event as the predicting client does.
type emitter struct {
	tidings                  // of the tick being computed
	types   []*sim.EventType // in the order of the wire
	at      time.Duration
	period  time.Duration
	outside []emission
	sources [sim.MaxPlayers + 1]source
	hear    [sim.MaxEvents][]func(sim.EventKey, []byte)
	counts  EventCounters
	packet  []byte // scratch of tellEvents
	scope   scope
}

// tidings are what happened in a tick.
type tidings struct {
	tick   sim.Tick
	list   []emitted
	bodies []byte // of all in list
}

// copyFrom makes t equal to o. What a wild tick once took is given back.
func (t *tidings) copyFrom(o *tidings) {
	if cap(t.bodies) > keptBodies && len(o.bodies) <= keptBodies {
		t.list, t.bodies = nil, nil
	}
	t.tick, t.list, t.bodies = o.tick, append(t.list[:0], o.list...), append(t.bodies[:0], o.bodies...)
}

// emitted is one event of the tick.
type emitted struct {
	event, n   uint8
	source, to sim.PlayerID
	lossy      bool
	narrow     bool   // not for all
	table      int    // of the plan, that of the row that it is about; 0: about none
	row        sim.ID // in table
	from, upto int    // of its body in bodies
}

// emission is one that was emitted outside of a tick, and waits for the next.
type emission struct {
	event *sim.EventType
	about sim.Emission // the options
	body  []byte
}

// source is what one player, or the world, has caused.
type source struct {
	tick         sim.Tick
	used         [sim.MaxEvents]uint8 // in tick: the next n
	open, narrow allowance
}

func newEmitter(events []sim.AnyEvent, period time.Duration, tables []sim.Rows, filter []bool) emitter {
	e := emitter{period: period, scope: scope{tables: tables, filter: filter}}
	for _, t := range events {
		e.types = append(e.types, t.Type())
	}
	return e
}

// place returns where an event stands in Game.Events, or -1.
func (e *emitter) place(t *sim.EventType) int { return slices.Index(e.types, t) }

// begin starts a tick with what was emitted since the last.
func (e *emitter) begin(t sim.Tick, at time.Duration) {
	e.tick, e.at = t, at
	e.list, e.bodies = e.list[:0], e.bodies[:0]
	for _, o := range e.outside {
		e.take(sim.Emission{Event: o.event, To: o.about.To, Table: o.about.Table, Row: o.about.Row, Body: o.body})
	}
	clear(e.outside)
	e.outside = e.outside[:0]
}

// take is what sim.Frame.Emit calls.
func (e *emitter) take(m sim.Emission) {
	event, table := e.place(m.Event), e.scope.place(m.Table)
	switch {
	case event < 0:
		e.counts.Unknown++
		return
	case m.Err != nil || table < 0:
		e.counts.Refused++
		return
	}
	narrow := m.To != 0 || e.scope.filter[table]
	n, ok := e.sources[m.Source].allow(e, uint8(event), m.Source, narrow, len(m.Body))
	if !ok {
		e.counts.Flood++
		return
	}
	from := len(e.bodies)
	e.bodies = append(e.bodies, m.Body...)
	e.list = append(e.list, emitted{event: uint8(event), n: n, source: m.Source, to: m.To,
		lossy: m.Event.Delivery() == sim.Unreliable, narrow: narrow, table: table, row: m.Row, from: from, upto: len(e.bodies)})
	e.counts.Emitted++
}

// allow reports whether the source may cause one more event, and its number. The number counts what is dropped too, as the client's does.
func (s *source) allow(e *emitter, event uint8, p sim.PlayerID, narrow bool, size int) (n uint8, ok bool) {
	if s.tick != e.tick {
		s.tick, s.used = e.tick, [sim.MaxEvents]uint8{}
	}
	if n = s.used[event]; n == maxSameEvents {
		return 0, false
	}
	s.used[event]++
	if narrow {
		return n, s.narrow.take(eventsOf(p).times(narrowShare), e.at, e.period, size)
	}
	return n, s.open.take(eventsOf(p), e.at, e.period, size)
}

// takes reports whether a player is told of one more of the events of a source that are for some alone.
func (p *player[W, I]) takes(e *emitter, m *emitted) bool {
	if p.told == nil {
		p.told = new([sim.MaxPlayers + 1]allowance)
	}
	return p.told[m.source].take(eventsOf(m.source), e.at, e.period, m.upto-m.from)
}

// body returns the body of one of list.
func (t *tidings) body(m *emitted) []byte { return t.bodies[m.from:m.upto] }

// heard calls who listens on the server.
func (e *emitter) heard() {
	for i := range e.list {
		m := &e.list[i]
		for _, fn := range e.hear[m.event] {
			fn(sim.EventKey{Tick: e.tick, Source: m.source, N: m.n}, e.body(m))
		}
	}
}

// events tells everybody what has happened in the tick that was computed.
func (s *Server[W, I]) events(now time.Duration) {
	if len(s.emit.list) == 0 {
		return
	}
	s.emit.heard()
	s.openScope()
	for _, p := range s.roster.active {
		if p.peer == nil || p.end != nil || p.peer.closed {
			continue
		}
		s.inform(now, &s.emit.tidings, p)
	}
}

// inform tells one what has happened in a tick.
func (s *Server[W, I]) inform(now time.Duration, t *tidings, p *player[W, I]) {
	if len(t.list) == 0 {
		return
	}
	s.scopeOf(p)
	if s.tellEvents(now, t, p, replica.ChanEvent) {
		p.happened, p.everHappened = t.tick, true
	}
	s.tellEvents(now, t, p, replica.ChanEffect)
}

// tellEvents sends a player the tick's events of one channel, and reports whether there were any.
func (s *Server[W, I]) tellEvents(now time.Duration, t *tidings, p *player[W, I], channel int) bool {
	e := &s.emit
	header := replica.EventHeader{Tick: t.tick}
	b := replica.AppendEventHeader(e.packet[:0], header)
	empty, any := len(b), false
	e.scope.skipped.begin()
	for i := range t.list {
		m := &t.list[i]
		if m.lossy != (channel == replica.ChanEffect) {
			continue
		}
		if !s.mayHear(p, m) {
			e.scope.skipped.add(m)
			continue
		}
		if m.narrow && !p.takes(e, m) {
			e.counts.Withheld++
			continue
		}
		if body := t.body(m); len(b)+replica.MaxHappening+len(body) > replica.MaxEventMessage && len(b) > empty {
			replica.AppendEventHeader(b[:0], replica.EventHeader{Tick: t.tick, More: true})
			s.sendEvents(now, p, channel, b)
			b = replica.AppendEventHeader(b[:0], header)
		}
		b = replica.AppendHappening(b, replica.Happening{Event: m.event, Source: m.source, N: m.n - e.scope.skipped.before(p.id, m), Body: t.body(m)})
		e.counts.Copies++
		any = true
	}
	e.packet = b
	if any {
		s.sendEvents(now, p, channel, b)
	}
	return any
}

func (s *Server[W, I]) sendEvents(now time.Duration, p *player[W, I], channel int, b []byte) {
	if channel == replica.ChanEffect && s.budget(now, p.peer) <= 0 {
		s.emit.counts.Unsent++
		return
	}
	s.emit.counts.Bytes += uint64(len(b))
	if err := s.send(now, p.peer, channel, b); errors.Is(err, session.ErrQueueFull) {
		s.kick(p, replica.CloseSlow, "too far behind")
	}
}

// Emit makes an event happen in the next tick, with the world as its source: a notice from outside of the game, to everybody or to
// one player (sim.To). It may be called from any goroutine, but not from within the game's functions, which have sim.Emit. Errors:
// ErrBusy when 256 wait already, sim.ErrEventSize and those of package msg for a value that cannot travel, and one when
// the event is not in Game.Events.
func Emit[T, W, I any](s *Server[W, I], e *sim.Event[T], v T, opts ...sim.EmitOption) error {
	body, err := e.Append(nil, &v)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.emit.place(e.Type()) < 0:
		return unknownEvent(e.Type())
	case len(s.emit.outside) == maxOutside:
		return ErrBusy
	}
	m := sim.Options(opts...)
	s.emit.outside = append(s.emit.outside, emission{e.Type(), m, body})
	return nil
}

// On calls fn with each event e, at the end of the tick in which it happens, from the goroutine that ticks: for logs and figures.
// fn must not call the server, nor keep it waiting. On panics when the event is not in Game.Events.
func On[T, W, I any](s *Server[W, I], e *sim.Event[T], fn func(T, sim.EventKey)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.emit.place(e.Type())
	if i < 0 {
		panic(unknownEvent(e.Type()))
	}
	s.emit.hear[i] = append(s.emit.hear[i], func(k sim.EventKey, body []byte) {
		var v T
		if e.Decode(body, &v) == nil {
			fn(v, k)
		}
	})
}

func unknownEvent(t *sim.EventType) error {
	return fmt.Errorf("server: event %q is not in Game.Events", t.Name())
}
