package main

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"
)

// hall is all rooms and who is in them. It knows no network and no clock: what it has to say goes to each member's tell and show.
type hall struct {
	rooms  map[string]*room
	nextID uint32
}

// room lives while somebody is in it.
type room struct {
	name    string
	members []*member
	told    []Line // the latest
}

// member is somebody who is connected.
type member struct {
	Member
	room  *room
	tell  func(Line)   // in order, all of them
	show  func(Member) // the newest of each member
	purse float64      // how many lines may be said now
	last  time.Duration
}

func newHall() *hall { return &hall{rooms: map[string]*room{}} }

// enter makes somebody known, who is in no room yet.
func (h *hall) enter(tell func(Line), show func(Member)) *member {
	h.nextID++
	return &member{Member: Member{ID: h.nextID, Name: fmt.Sprintf("guest %d", h.nextID)}, tell: tell, show: show, purse: burst}
}

// ask does what a member wants, as far as it may.
func (h *hall) ask(m *member, a Ask, now time.Duration) {
	if !m.affords(now) {
		m.tell(Line{Text: "not so fast: that was not passed on"})
		return
	}
	if name := clean(a.Name, maxName); name != "" {
		m.Name = name
	}
	if status := clean(a.Status, maxName); status != "" {
		m.Status = status
	}
	if name := clean(a.Room, maxName); name != "" {
		h.join(m, strings.ToLower(name))
	} else if m.room != nil && (a.Name != "" || a.Status != "") {
		m.Name = m.room.free(m.Name, m)
		m.room.show(m.Member)
	}
	switch a.Do {
	case listRooms:
		h.list(m)
	case createRoom:
		h.create(m)
	case leaveRoom:
		h.quit(m)
	}
	if text := clean(a.Text, maxText); text != "" {
		h.say(m, text)
	}
}

// affords takes one from the member's purse, which time fills.
func (m *member) affords(now time.Duration) bool {
	m.purse = min(m.purse+(now-m.last).Seconds()*perSecond, burst)
	m.last = now
	if m.purse < 1 {
		return false
	}
	m.purse--
	return true
}

// list tells which rooms there are, those with the most members first, but for private ones.
func (h *hall) list(m *member) {
	var open []*room
	for _, r := range h.rooms {
		if !r.private() {
			open = append(open, r)
		}
	}
	slices.SortFunc(open, func(a, b *room) int {
		return cmp.Or(cmp.Compare(len(b.members), len(a.members)), cmp.Compare(a.name, b.name))
	})
	for _, r := range open {
		text := fmt.Sprintf("%s: %d of %d", r.name, len(r.members), maxMembers)
		if r == m.room {
			text += ", you are here"
		}
		m.tell(Line{Text: text})
	}
	if len(open) == 0 {
		m.tell(Line{Text: "there are no rooms but private ones"})
	}
}

func (r *room) private() bool { return strings.HasPrefix(r.name, private) }

// create opens a private room for a member.
func (h *hall) create(m *member) {
	code := private + strings.ToLower(rand.Text()[:codeLength])
	if h.rooms[code] != nil { // once in a billion
		h.create(m)
		return
	}
	if h.move(m, code) {
		m.tell(Line{Text: "it is private: others come by /join " + code})
	}
}

// quit takes a member out of its room at its own wish.
func (h *hall) quit(m *member) {
	if m.room == nil {
		m.tell(Line{Text: nowhere})
		return
	}
	name := m.room.name
	h.leave(m)
	m.tell(Line{Text: "you have left " + name})
}

// nowhere is told to who is in no room and wants what takes one.
const nowhere = "you are in no room: /rooms lists them, /join NAME, /create"

// join brings a member to a room, which is opened if it is new and not private.
func (h *hall) join(m *member, name string) {
	switch r := h.rooms[name]; {
	case r == nil && strings.HasPrefix(name, private):
		m.tell(Line{Text: "there is no private room " + name})
	case r != nil && r == m.room:
		m.tell(Line{Text: "you are in " + name + " already"})
	default:
		h.move(m, name)
	}
}

// move brings a member from its room to another, which is made if it is new, and reports whether there was a place.
func (h *hall) move(m *member, name string) bool {
	r := h.rooms[name]
	switch {
	case r == nil && len(h.rooms) >= maxRooms:
		m.tell(Line{Text: "there are too many rooms"})
		return false
	case r == nil:
		r = &room{name: name}
	case len(r.members) >= maxMembers:
		m.tell(Line{Text: name + " is full"})
		return false
	}
	h.leave(m)
	h.rooms[name], m.room = r, r
	m.Name = r.free(m.Name, m)
	m.tell(Line{Text: "you are in " + name})
	for _, l := range r.told {
		m.tell(l)
	}
	r.members = append(r.members, m)
	for _, o := range r.members {
		m.show(o.Member)
	}
	r.show(m.Member)
	r.tell(Line{Text: m.Name + " is here"})
	return true
}

// leave takes a member out of its room; a room that nobody is in is gone.
func (h *hall) leave(m *member) {
	r := m.room
	if r == nil {
		return
	}
	for _, o := range r.members {
		m.show(Member{ID: o.ID})
	}
	r.members = slices.DeleteFunc(r.members, func(o *member) bool { return o == m })
	r.show(Member{ID: m.ID})
	r.tell(Line{Text: m.Name + " has left"})
	if m.room = nil; len(r.members) == 0 {
		delete(h.rooms, r.name)
	}
}

// say tells the room, and keeps the line for those who come later.
func (h *hall) say(m *member, text string) {
	r := m.room
	if r == nil {
		m.tell(Line{Text: nowhere})
		return
	}
	l := Line{From: m.Name, Text: text}
	if r.told = append(r.told, l); len(r.told) > kept {
		r.told = slices.Delete(r.told, 0, len(r.told)-kept)
	}
	r.tell(l)
}

func (r *room) tell(l Line) {
	for _, m := range r.members {
		m.tell(l)
	}
}

func (r *room) show(who Member) {
	for _, m := range r.members {
		m.show(who)
	}
}

// free returns the name, or one like it that nobody else in the room has.
func (r *room) free(name string, but *member) string {
	taken := func(s string) bool {
		return slices.ContainsFunc(r.members, func(m *member) bool { return m != but && strings.EqualFold(m.Name, s) })
	}
	for n, s := 2, name; ; n++ {
		if !taken(s) {
			return s
		}
		end := fmt.Sprintf(" %d", n)
		s = clean(name, maxName-len(end)) + end
	}
}
