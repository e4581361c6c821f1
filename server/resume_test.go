package server

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
)

var adasKey = [32]byte{0xad, 0xa}

// enter joins with a key and waits for a ticket.
func (m *match) enter(name string, key [32]byte, opt session.DialOptions) *puppet {
	m.t.Helper()
	p := m.dialWith(key, opt)
	p.tell(replica.Hello{Name: name})
	m.run(5)
	if p.welcome.Player == 0 || len(p.ticket) == 0 {
		m.t.Fatalf("%s: %+v, ticket % x, %v", name, p.welcome, p.ticket, p.closed)
	}
	return p
}

// vanish lets a puppet say and hear nothing any more.
func (m *match) vanish(p *puppet) {
	p.silent = true
	p.ep = m.dial().ep
}

// A player whose session was lost comes back to its row, id and name, and nobody else hears of it.
func TestPlayerComesBack(t *testing.T) {
	m := newMatch(t, dotGame(), Config{IdleTimeout: time.Second})
	ada := m.enter("Ada", adasKey, session.DialOptions{})
	bob := m.join("Bob")
	ada.input = move{Dx: 1}
	m.run(20)
	m.vanish(ada)
	m.run(60)
	row := func() dot {
		d, ok := m.dots().Dots.Of(1)
		if !ok {
			t.Fatal("Ada's row is gone")
		}
		return *d
	}
	there := row()
	if st := m.server.Stats(); st.Away != 1 || st.Players != 2 || len(bob.left) != 0 {
		t.Fatalf("while Ada is away: row %+v, %d away, Bob saw %+v leave", there, st.Away, bob.left)
	}
	m.run(50)
	if now := row(); now.Pos != there.Pos || now.Age != there.Age+50 {
		t.Errorf("while its player is away a dot became %+v from %+v", now, there)
	}
	back := m.enter("somebody", adasKey, session.DialOptions{Resume: ada.ticket})
	if back.welcome.Player != 1 || !back.returned {
		t.Errorf("came back as %+v, returned %v", back.welcome, back.returned)
	}
	if w := []replica.Joined{{Player: 1, Name: "Ada"}, {Player: 2, Name: "Bob"}}; !slices.Equal(back.joined, w) {
		t.Errorf("was told of %+v, want %+v", back.joined, w)
	}
	if len(bob.joined) != 2 || len(bob.left) != 0 {
		t.Errorf("Bob heard of it: %+v, %+v", bob.joined, bob.left)
	}
	back.input = move{Dx: 1}
	m.run(10)
	if now := row(); now.Pos.X <= there.Pos.X || back.decoded < 10 {
		t.Errorf("the dot is %+v; %d snapshots", now, back.decoded)
	}
	if st := m.server.Stats(); st.Joins != 2 || st.Leaves != 0 || st.Returns != 1 || st.Away != 0 {
		t.Errorf("%+v", st)
	}
}

// After any silence up to the idle timeout and Config.Resume, with all limits as they are by default, the same player comes back.
func TestPlayerComesBackAfterSilence(t *testing.T) {
	for _, silence := range []time.Duration{20 * time.Second, 35 * time.Second, 58 * time.Second} {
		m := newMatch(t, dotGame(), Config{})
		ada := m.enter("Ada", adasKey, session.DialOptions{})
		m.run(int(29 * time.Second / m.server.period)) // the ticket is about to be replaced
		m.vanish(ada)
		m.run(int(silence / m.server.period))
		back := m.enter("Ada", adasKey, session.DialOptions{Resume: ada.ticket})
		if st := m.server.Stats(); back.welcome.Player != 1 || !back.returned || st.Joins != 1 || st.Returns != 1 {
			t.Errorf("after %v: %+v, returned %v, %d joins", silence, back.welcome, back.returned, st.Joins)
		}
	}
}

// Who dials again before the server has noticed anything takes over at once.
func TestPlayerTakesOver(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	ada := m.enter("Ada", adasKey, session.DialOptions{})
	back := m.enter("Ada", adasKey, session.DialOptions{Resume: ada.ticket})
	m.run(20)
	var end *session.CloseError
	if back.welcome.Player != 1 || !errors.As(ada.closed, &end) || end.Code != session.CloseReplaced {
		t.Errorf("came back as %d; the old session: %v", back.welcome.Player, ada.closed)
	}
	if st := m.server.Stats(); st.Players != 1 || st.Away != 0 || st.Sessions != 1 || st.Returns != 1 {
		t.Errorf("%+v", st)
	}
	if back.decoded < 20 {
		t.Errorf("%d snapshots", back.decoded)
	}
}

// The same user needs no ticket.
func TestUserComesBack(t *testing.T) {
	users := map[byte]uint64{1: 7, 2: 7, 3: 8}
	m := newMatch(t, dotGame(), Config{Authorize: func(_ [32]byte, token []byte) (session.Grant, session.Refusal) {
		return session.Grant{User: users[token[0]]}, session.RefusedNot
	}})
	m.enter("Ada", [32]byte{}, session.DialOptions{Token: []byte{1}})
	eve := m.enter("Eve", [32]byte{}, session.DialOptions{Token: []byte{3}})
	back := m.enter("Ada", [32]byte{}, session.DialOptions{Token: []byte{2}})
	if back.welcome.Player != 1 || eve.welcome.Player != 2 || m.server.Stats().Players != 2 {
		t.Errorf("Ada came back as %d; %+v", back.welcome.Player, m.server.Players())
	}
}

func TestPlayerDoesNotComeBack(t *testing.T) {
	for name, c := range map[string]struct {
		key [32]byte
		do  func(m *match, ada *puppet)
	}{
		"too late":         {adasKey, func(m *match, ada *puppet) { m.vanish(ada); m.run(50 + 50 + 20) }},
		"not the same":     {[32]byte{0xe}, func(m *match, ada *puppet) {}},
		"kicked":           {adasKey, func(m *match, ada *puppet) { m.server.Kick(1, "out"); m.run(10) }},
		"kicked when away": {adasKey, func(m *match, ada *puppet) { m.vanish(ada); m.run(60); m.server.Kick(1, "out"); m.run(2) }},
		"left":             {adasKey, func(m *match, ada *puppet) { ada.conn.Close(m.now, session.CloseNormal, "bye"); m.run(10) }},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMatch(t, dotGame(), Config{IdleTimeout: time.Second, Resume: time.Second})
			ada := m.enter("Ada", adasKey, session.DialOptions{})
			bob := m.join("Bob")
			c.do(m, ada)
			if gone := len(bob.left) == 1; gone != (name != "not the same") {
				t.Errorf("Bob saw %+v leave", bob.left)
			}
			back := m.enter("Ada", c.key, session.DialOptions{Resume: ada.ticket})
			if back.returned || len(bob.joined) != 3 || m.server.Stats().Returns != 0 {
				t.Errorf("came back as %d; Bob saw %+v", back.welcome.Player, bob.joined)
			}
		})
	}
}

// Who is here goes before who is away.
func TestFullMatchMakesRoomForWhoIsHere(t *testing.T) {
	m := newMatch(t, dotGame(), Config{IdleTimeout: time.Second, MaxPlayers: 2})
	ada := m.enter("Ada", adasKey, session.DialOptions{})
	bob := m.join("Bob")
	m.vanish(ada)
	m.run(60)
	eve := m.enter("Eve", [32]byte{}, session.DialOptions{})
	if w := []replica.Left{{Player: 1, Reason: "timed out"}}; eve.welcome.Player != 1 || !slices.Equal(bob.left, w) {
		t.Errorf("Eve is %d; Bob saw %+v leave", eve.welcome.Player, bob.left)
	}
	if d, _ := m.dots().Dots.Of(1); d == nil || d.Age > 10 {
		t.Errorf("Eve has Ada's row: %+v", d)
	}
	late := m.dialWith(adasKey, session.DialOptions{Resume: ada.ticket})
	late.tell(replica.Hello{Name: "Ada"})
	m.run(20)
	var end *session.CloseError
	if !errors.As(late.closed, &end) || end.Code != replica.CloseFull {
		t.Errorf("Ada came back to a full match: %v", late.closed)
	}
}

// A ticket is replaced long before it is too old, and a server that keeps nobody gives none.
func TestTicketsAreRenewed(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	ada := m.enter("Ada", adasKey, session.DialOptions{})
	if m.run(int(61 * time.Second / m.server.period)); ada.tickets != 3 {
		t.Errorf("%d tickets in a minute, want 3", ada.tickets)
	}
	m = newMatch(t, dotGame(), Config{Resume: -1})
	if p := m.join("Bob"); p.tickets != 0 {
		t.Errorf("%d tickets of a server that keeps nobody", p.tickets)
	}
}
