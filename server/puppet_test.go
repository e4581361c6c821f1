package server

import (
	"bytes"
	"errors"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// puppet is the least of a client: it speaks the protocol and predicts nothing. It allocates nothing
// per tick either.
type puppet struct {
	m    *match
	ep   *session.Endpoint
	conn *session.Conn

	// How it plays; may be changed at any time.
	input   move
	view    uint16
	lead    int      // ticks ahead of the server that its inputs are for
	silent  bool     // it sends no inputs
	watches bool     // it only watches
	script  func()   // what it sends instead of inputs
	base    sim.Tick // scratch of scripts
	lie     func(replica.SnapshotAck) replica.SnapshotAck
	newest  sim.Tick // of the snapshots decoded, once has
	has     bool
	hold    *replica.Holder
	missing uint64
	ring    [historyTicks]*replica.Snapshot
	cmds    [4]replica.Command[move]
	message []byte

	// What it was told.
	welcome replica.Welcome
	joined  []replica.Joined
	left    []replica.Left
	said    []replica.Said
	echoes  int
	header  replica.SnapshotHeader // the newest
	decoded int                    // snapshots
	full    int                    // of them, without a baseline
	heard   []note
	told    sim.Tick // of the newest complete messages of events
	replies []replica.Reply
	closed  error

	ticket   []byte // the newest
	tickets  int
	returned bool
}

func newPuppet(m *match, i int, key [32]byte, opt session.DialOptions) *puppet {
	cfg := m.server.sessionConfig()
	cfg.Secret[0] = byte(i + 7)
	cfg.Key = key
	ep, err := session.NewEndpoint(cfg)
	if err != nil {
		m.t.Fatal(err)
	}
	p := &puppet{m: m, ep: ep, lead: 1}
	p.hold = m.server.plan.NewHolder()
	for i := range p.ring {
		p.ring[i] = m.server.plan.NewSnapshot()
	}
	opt.ServerKey = m.server.endpoint.PublicKey()
	if p.conn, err = ep.DialWith(m.now, serverPath, opt); err != nil {
		m.t.Fatal(err)
	}
	return p
}

// tell sends a control message; send sends any bytes.
func (p *puppet) tell(c replica.Control) { p.send(replica.ChanControl, replica.AppendControl(nil, c)) }

func (p *puppet) send(channel int, b []byte) {
	if err := p.conn.Send(p.m.now, channel, b); err != nil && !errors.Is(err, session.ErrClosed) {
		p.m.t.Fatalf("send: %v", err)
	}
}

// play sends the inputs of the last few ticks, the newest of them for the server's next tick plus the lead.
func (p *puppet) play() {
	if p.watches && p.has && p.closed == nil {
		p.message = p.m.server.codec.Append(p.message[:0], replica.SnapshotAck{Tick: p.newest, Has: true, Missing: p.missing}, nil)
		p.send(replica.ChanInput, p.message)
	}
	if p.welcome.Player == 0 || p.silent || p.closed != nil {
		return
	}
	if p.script != nil {
		p.script()
		return
	}
	copy(p.cmds[:], p.cmds[1:])
	target := p.m.server.present.tick + sim.Tick(p.lead)
	p.cmds[len(p.cmds)-1] = replica.Command[move]{Tick: target, View: p.view, Input: p.input}
	first := 0
	for i := range p.cmds {
		if p.cmds[i].Tick != target-sim.Tick(len(p.cmds)-1-i) {
			first = i + 1
		}
	}
	ack := replica.SnapshotAck{Tick: p.newest, Has: p.has, Missing: p.missing}
	if p.lie != nil {
		ack = p.lie(ack)
	}
	p.message = p.m.server.codec.Append(p.message[:0], ack, p.cmds[first:])
	p.send(replica.ChanInput, p.message)
}

// listen takes in what arrived.
func (p *puppet) listen() {
	for {
		ev, ok := p.ep.Event()
		if !ok {
			return
		}
		switch {
		case ev.Kind == session.Closed:
			p.closed = ev.Err
		case ev.Kind == session.Message && ev.Channel == replica.ChanSnapshot:
			p.decode(ev.Data)
		case ev.Kind == session.Message && ev.Channel == replica.ChanControl:
			p.hear(ev.Data)
		case ev.Kind == session.Message && (ev.Channel == replica.ChanEvent || ev.Channel == replica.ChanEffect):
			if !p.m.mute {
				p.note(ev.Channel, ev.Data)
			}
		case ev.Kind == session.Message && ev.Channel == replica.ChanCall:
			r, err := replica.ParseReply(ev.Data)
			if err != nil {
				p.m.t.Fatalf("reply % x: %v", ev.Data, err)
			}
			r.Body = bytes.Clone(r.Body)
			p.replies = append(p.replies, r)
		}
	}
}

func (p *puppet) hear(b []byte) {
	m, err := replica.ParseControl(b)
	if err != nil {
		p.m.t.Fatalf("the server sent % x: %v", b, err)
	}
	switch m := m.(type) {
	case replica.Welcome:
		p.welcome = m
	case replica.Joined:
		p.joined = append(p.joined, m)
	case replica.Left:
		p.left = append(p.left, m)
	case replica.Said:
		p.said = append(p.said, m)
	case replica.ProbeEcho:
		p.echoes++
	case replica.Resume:
		p.tickets++
		p.ticket, p.returned = bytes.Clone(m.Ticket), m.Returned
	}
}

func (p *puppet) decode(b []byte) {
	h, rest, err := replica.ParseSnapshotHeader(b)
	if err != nil {
		p.m.t.Fatalf("snapshot header: %v", err)
	}
	var base *replica.Snapshot
	if h.HasBase {
		base = p.ring[h.Base%historyTicks]
		if base.Tick != h.Base {
			p.m.t.Fatalf("snapshot %d is against %d, which this client never had", h.Tick, h.Base)
		}
	} else {
		p.full++
	}
	var older *replica.Snapshot
	if h.HasOlder {
		older = p.ring[h.Older%historyTicks]
		if older.Tick != h.Older {
			p.m.t.Fatalf("snapshot %d takes motion from %d, which this client never had", h.Tick, h.Older)
		}
	}
	from := h.Base
	if !h.HasBase {
		from = h.Start - 1
	}
	var prev *replica.Snapshot
	if p.has && from.Before(p.newest+1) && (h.HasBase || from.Before(p.newest)) {
		prev = p.ring[p.newest%historyTicks]
	}
	s := p.ring[h.Tick%historyTicks]
	if err := p.hold.Take(s, h.Tick, base, older, prev, rest); err != nil {
		p.m.t.Fatalf("snapshot %d: %v", h.Tick, err)
	}
	p.missing = p.lost(h.Tick, from)
	if truth := p.m.server.history.at(h.Tick); !p.hold.Partial() && !p.m.server.plan.Equal(s, truth) {
		p.m.t.Fatalf("snapshot %d differs: %s", h.Tick, p.m.server.plan.Diff(s, truth))
	}
	p.header, p.newest, p.has = h, h.Tick, true
	p.decoded++
}

// lost returns which snapshots between from and t did not come.
func (p *puppet) lost(t, from sim.Tick) (missing uint64) {
	for i := range 64 {
		u := t - sim.Tick((i+1)*p.m.server.sendEvery)
		if !from.Before(u) {
			break
		}
		if p.ring[u%historyTicks].Tick != u {
			missing |= 1 << i
		}
	}
	return missing
}
