package main

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/halftick/halftick/netcode"
)

// talker is one member's end: what is typed goes out, what is heard goes to print.
type talker struct {
	conn  *netcode.Conn
	print func(string)

	mu      sync.Mutex
	members map[uint32]Member
}

func dial(ctx context.Context, addr, name, room string, print func(string)) (*talker, error) {
	conn, err := netcode.Dial(ctx, addr, config())
	if err != nil {
		return nil, err
	}
	return &talker{conn: conn, print: print, members: map[uint32]Member{}}, send(conn, Ask{Name: name, Room: room})
}

func send(conn *netcode.Conn, a Ask) error {
	b, err := askCodec.Append(nil, &a)
	if err != nil {
		return err
	}
	return conn.Send(lines, b)
}

// hear prints what is said until the session is over, and returns why.
func (t *talker) hear(ctx context.Context) error {
	for {
		m, err := t.conn.Recv(ctx)
		if err != nil {
			return err
		}
		switch m.Channel {
		case lines:
			var l Line
			if lineCodec.Decode(m.Data, &l) == nil {
				t.line(l)
			}
		case presence:
			var who Member
			if memberCodec.Decode(m.Data, &who) == nil {
				t.seen(who)
			}
		}
	}
}

// line prints; a server is not trusted with the terminal either.
func (t *talker) line(l Line) {
	from, text := clean(l.From, maxName), clean(l.Text, maxText)
	if from == "" {
		t.print("  * " + text)
		return
	}
	t.print(from + ": " + text)
}

func (t *talker) seen(who Member) {
	t.mu.Lock()
	defer t.mu.Unlock()
	who.Name, who.Status = clean(who.Name, maxName), clean(who.Status, maxName)
	if who.Name == "" {
		delete(t.members, who.ID)
	} else if len(t.members) < 2*maxMembers { // a server that invents members gains nothing
		t.members[who.ID] = who
	}
}

// who names the members of the room.
func (t *talker) who() (names []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(t.members)) {
		m := t.members[id]
		if m.Status != "" {
			m.Name += " (" + m.Status + ")"
		}
		names = append(names, m.Name)
	}
	return names
}

// typed does what a line of the keyboard says.
func (t *talker) typed(s string) error {
	word, rest, _ := strings.Cut(strings.TrimSpace(s), " ")
	switch word {
	case "":
		return nil
	case "/rooms":
		return send(t.conn, Ask{Do: listRooms})
	case "/create":
		return send(t.conn, Ask{Do: createRoom})
	case "/leave":
		return send(t.conn, Ask{Do: leaveRoom})
	case "/help":
		t.print(help)
		return nil
	case "/join", "/name", "/away":
		return t.set(word, strings.TrimSpace(rest))
	case "/who":
		t.print("  * " + cmp.Or(strings.Join(t.who(), ", "), "nobody"))
		return nil
	}
	if strings.HasPrefix(word, "/") {
		t.print("  * there is no " + word + ": /help lists what there is")
		return nil
	}
	return send(t.conn, Ask{Text: s})
}

// set asks for a room, a name or a status.
func (t *talker) set(what, value string) error {
	if value == "" {
		t.print("  * " + what + " what? /help")
		return nil
	}
	return send(t.conn, map[string]Ask{"/join": {Room: value}, "/name": {Name: value}, "/away": {Status: value}}[what])
}

const help = `  * what is typed is said in your room, except for
      /rooms        lists the rooms and how many are in them
      /join NAME    goes there; a room that is new is opened, and gone when nobody is in it
      /join #CODE   goes to a private room
      /create       opens a private room, which is not listed: whom you tell its code can join
      /leave        leaves your room
      /who          names those who are in it
      /name NAME    what to be called
      /away WHY     says why you do not answer
      /quit         ends this`
