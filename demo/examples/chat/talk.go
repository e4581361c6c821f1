package main

import (
	"context"
	"fmt"
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
	case "/join":
		return send(t.conn, Ask{Room: rest})
	case "/name":
		return send(t.conn, Ask{Name: rest})
	case "/away":
		return send(t.conn, Ask{Status: rest})
	case "/who":
		t.print("  * " + strings.Join(t.who(), ", "))
		return nil
	}
	if strings.HasPrefix(word, "/") {
		t.print(fmt.Sprintf("  * there is no %s: /join ROOM, /name NAME, /away WHY, /who, /quit", word))
		return nil
	}
	return send(t.conn, Ask{Text: s})
}
