package server

import (
	"slices"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
)

// Poll takes what the sessions brought to their rooms, and new sessions to the room that they want. The caller holds the endpoint. It
// never waits for a room.
//
//	Opened -> no room yet -> Hello: which? -> room -> all else into its inbox, to the end
//	             |             +-> none: closed
//	             +-> ListRooms: answered
func (h *Hall[W, I]) Poll(now time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		ev, ok := h.endpoint.Event()
		if !ok {
			return
		}
		h.route(now, &ev)
	}
}

func (h *Hall[W, I]) route(now time.Duration, ev *session.Event) {
	if ev.Kind == session.Opened {
		h.admit(now, ev.Conn)
		return
	}
	p, ok := ev.Conn.Owner().(*peer[W, I])
	if !ok {
		return
	}
	switch {
	case ev.Kind == session.Closed:
		h.closed(now, p, ev)
	case p.room != nil:
		h.pass(now, p, ev)
	case ev.Kind == session.Message:
		h.ask(now, p, ev)
	}
}

// admit takes in a session that has not said yet what it wants.
func (h *Hall[W, I]) admit(now time.Duration, c *session.Conn) {
	if p := oneTooMany(h.peers, func(p *peer[W, I]) bool { return p.room == nil && !p.dismissed }); p != nil {
		h.dismiss(now, p, replica.CloseNoHello, "no hello")
	}
	h.peers = append(h.peers, newPeer[W, I](now, c))
}

// dismiss ends a session that is in no room.
func (h *Hall[W, I]) dismiss(now time.Duration, p *peer[W, I], code session.CloseCode, reason string) {
	p.dismissed = true
	p.conn.Close(now, code, reason)
}

// closed forgets a session that is over, but not where it was.
func (h *Hall[W, I]) closed(now time.Duration, p *peer[W, I], ev *session.Event) {
	h.peers = slices.DeleteFunc(h.peers, func(q *peer[W, I]) bool { return q == p })
	if p.room == nil {
		return
	}
	if !p.watching {
		p.room.seats--
	}
	if s := h.stays[p.conn.ID()]; s != nil {
		s.until = now + max(0, h.cfg.Resume)
	}
	p.room.inbox.put(p, ev)
}

// pass gives an event to the room of its session.
func (h *Hall[W, I]) pass(now time.Duration, p *peer[W, I], ev *session.Event) {
	if p.dismissed || p.room.inbox.put(p, ev) {
		return
	}
	h.counts.Dropped[DropFlood]++
	if ev.Channel != replica.ChanInput {
		h.dismiss(now, p, replica.CloseFlood, "too many messages")
	}
}

// ask takes in what a session says before it is in a room.
func (h *Hall[W, I]) ask(now time.Duration, p *peer[W, I], ev *session.Event) {
	switch {
	case p.dismissed:
		return
	case ev.Channel != replica.ChanControl:
		h.drop(now, p, DropUnexpected)
		return
	}
	m, err := replica.ParseControl(ev.Data)
	if err != nil {
		h.drop(now, p, DropMalformed)
		return
	}
	switch m := m.(type) {
	case replica.Hello:
		h.lodge(now, p, m, ev)
	case replica.Watch:
		p.watching = true
		h.lodge(now, p, replica.Hello{Room: m.Room}, ev)
	case replica.ListRooms:
		h.tellRooms(now, p)
	default:
		h.drop(now, p, DropUnexpected)
	}
}

func (h *Hall[W, I]) drop(now time.Duration, p *peer[W, I], why Drop) {
	h.counts.Dropped[why]++
	if !p.strikes.allow(now, strikeEvery, strikeBurst) {
		h.dismiss(now, p, replica.CloseFlood, "too many messages")
	}
}

// lodge brings a session to its room.
func (h *Hall[W, I]) lodge(now time.Duration, p *peer[W, I], m replica.Hello, ev *session.Event) {
	r, code, reason := (*Room[W, I])(nil), replica.CloseNoRoom, "no room is open"
	if p.watching && m.Room == "" {
		r = h.rooms.liveliest()
	} else {
		r, code, reason = h.choose(now, p.conn, m)
	}
	if r == nil {
		h.dismiss(now, p, code, reason)
		return
	}
	p.room = r
	if !p.watching {
		r.seats++
		h.stays[p.conn.ID()] = &stay[W, I]{room: r, user: p.conn.User()}
	}
	r.inbox.put(p, &session.Event{Kind: session.Opened, Conn: p.conn, At: ev.At})
	r.inbox.put(p, ev)
}

// choose returns the room that a session goes to: where the session was that it resumes; the one that it wants, a new one if it may
// have that; else where its user was, or any. Of none it says why.
func (h *Hall[W, I]) choose(now time.Duration, c *session.Conn, m replica.Hello) (r *Room[W, I], code session.CloseCode, reason string) {
	if s := h.stays[c.Resumes()]; s != nil && h.enterable(s.room) {
		return s.room, 0, ""
	}
	if m.Room == "" && m.Flags&replica.OpenRoom == 0 {
		return h.any(c)
	}
	if m.Room != "" {
		if r := h.rooms.find(m.Room); r != nil && h.mayLook(now, c) {
			return r, 0, ""
		}
		if m.Flags&replica.OpenRoom == 0 {
			h.counts.NoRoom++
			h.wrong.allow(now, clientOf(c), wrongEvery, wrongBurst)
			return nil, replica.CloseNoRoom, "no such room"
		}
	}
	if r := h.openFor(now, c, m); r != nil {
		return r, 0, ""
	}
	h.counts.NoOpen++
	return nil, replica.CloseNoOpen, "no room may be opened now"
}

// mayLook reports whether a client may still be told that there is a room: not when it has asked for too many that there are not.
func (h *Hall[W, I]) mayLook(now time.Duration, c *session.Conn) bool {
	l := h.wrong[clientOf(c)]
	return l == nil || l.paid-now <= (wrongBurst-1)*wrongEvery
}

// enterable reports whether a room is still there.
func (h *Hall[W, I]) enterable(r *Room[W, I]) bool { return h.rooms.byCode[r.code] == r }

// any returns the room where the client's user was, or the one that has least place left, or a new one.
func (h *Hall[W, I]) any(c *session.Conn) (r *Room[W, I], code session.CloseCode, reason string) {
	if user := c.User(); user != 0 {
		for _, s := range h.stays {
			if s.user == user && h.enterable(s.room) {
				return s.room, 0, ""
			}
		}
	}
	if r := h.rooms.fullest(); r != nil {
		return r, 0, ""
	}
	if h.cfg.Grow {
		if r := h.openBrief("", false); r != nil {
			return r, 0, ""
		}
	}
	h.counts.NoPlace++
	return nil, replica.CloseFull, "server full"
}

// openFor opens the room that a client wants, if it may; nil if not.
func (h *Hall[W, I]) openFor(now time.Duration, c *session.Conn, m replica.Hello) *Room[W, I] {
	if !h.cfg.ClientsOpen || len(h.rooms.order) >= h.cfg.MaxRooms || !h.openings.allow(now, clientOf(c), openEvery, openBurst) {
		return nil
	}
	return h.openBrief(m.Room, m.Flags&replica.HiddenRoom != 0)
}

// openBrief opens a room that its goroutine will build. Nil means that it may not be.
func (h *Hall[W, I]) openBrief(name string, hidden bool) *Room[W, I] {
	r, err := h.register(name, RoomConfig{Hidden: hidden, Brief: true})
	if err != nil {
		return nil
	}
	r.lazy = true
	h.launch(r)
	return r
}

// tellRooms answers ListRooms.
func (h *Hall[W, I]) tellRooms(now time.Duration, p *peer[W, I]) {
	if !p.say.allow(now, listEvery, listBurst) {
		h.drop(now, p, DropFlood)
		return
	}
	h.counts.Lists++
	var open []replica.ListedRoom
	for _, r := range h.rooms.order {
		if !r.hidden && len(open) < listedRooms {
			players := min(r.seats+int(r.bots.Load()), r.cfg.MaxPlayers)
			open = append(open, replica.ListedRoom{Name: r.name, Code: r.code, Players: uint8(players), Max: uint8(r.cfg.MaxPlayers)})
		}
	}
	for {
		n := min(len(open), replica.RoomsPerList)
		h.list = replica.AppendControl(h.list[:0], replica.RoomList{More: n < len(open), Rooms: open[:n]})
		if p.conn.Send(now, replica.ChanControl, h.list) != nil || n == len(open) {
			return
		}
		open = open[n:]
	}
}
