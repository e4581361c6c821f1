package server

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

func idle(*field, sim.PlayerID, sim.Tick) move { return move{} }

func TestJoinAndLeave(t *testing.T) {
	m := newMatch(t, dotGame(), Config{Seed: 42})
	ada := m.join("Ada")
	bob := m.join("Ada")
	want := replica.Welcome{Player: 2, TickRate: 50, SendEvery: 1, Seed: 42, Tick: bob.welcome.Tick, RewindCap: 250 * time.Millisecond}
	if ada.welcome.Player != 1 || bob.welcome != want {
		t.Errorf("welcomes %+v, %+v; want player 1 and %+v", ada.welcome, bob.welcome, want)
	}
	if w := []replica.Joined{{Player: 1, Name: "Ada"}, {Player: 2, Name: "Ada 2"}}; !slices.Equal(ada.joined, w) {
		t.Errorf("Ada met %+v, want %+v", ada.joined, w)
	}
	if w := []replica.Joined{{Player: 2, Name: "Ada 2"}, {Player: 1, Name: "Ada"}}; !slices.Equal(bob.joined, w) {
		t.Errorf("Bob met %+v, want %+v", bob.joined, w)
	}
	ada.conn.Close(m.now, session.CloseNormal, "so long")
	m.run(10)
	if w := []replica.Left{{Player: 1, Reason: "left"}}; !slices.Equal(bob.left, w) {
		t.Errorf("Bob saw %+v leave, want %+v", bob.left, w)
	}
	if _, there := m.dots().Dots.Of(1); there || m.dots().Dots.Len() != 1 {
		t.Error("Ada's row has outlived her")
	}
	if eve := m.join("Eve"); eve.welcome.Player != 1 {
		t.Errorf("Eve is player %d, want the free id 1", eve.welcome.Player)
	}
	st := m.server.Stats()
	if st.Joins != 3 || st.Leaves != 1 || st.Players != 2 || st.Sessions != 2 {
		t.Errorf("%+v", st)
	}
}

func TestLeaveIsTheGames(t *testing.T) {
	g := dotGame()
	var gone []sim.PlayerID
	g.Leave = func(c dotCtx, w *field, p sim.PlayerID) { gone = append(gone, p) } //netvet:ok the test watches
	m := newMatch(t, g, Config{})
	bot, _ := m.server.AddBot("b", idle)
	m.run(1)
	m.server.Kick(bot, "enough")
	m.run(1)
	if !slices.Equal(gone, []sim.PlayerID{bot}) {
		t.Errorf("Leave was called for %v", gone)
	}
	if m.dots().Dots.Len() != 1 {
		t.Error("the row is the game's to remove, but it is gone")
	}
}

func TestFull(t *testing.T) {
	m := newMatch(t, dotGame(), Config{MaxPlayers: 2})
	m.join("one")
	if _, err := m.server.AddBot("bot", idle); err != nil {
		t.Fatal(err)
	}
	if _, err := m.server.AddBot("bot", idle); !errors.Is(err, ErrFull) {
		t.Errorf("a second bot: %v, want ErrFull", err)
	}
	late := m.dial()
	late.tell(replica.Hello{Name: "late"})
	m.run(20)
	var end *session.CloseError
	if !errors.As(late.closed, &end) || end.Code != replica.CloseFull || !end.Remote {
		t.Errorf("the third player's session: %v", late.closed)
	}
	if st := m.server.Stats(); st.TurnedAway != 1 || st.Sessions != 1 {
		t.Errorf("%+v", st)
	}
}

// Those who open sessions and say nothing must not keep players out, for however short a time.
func TestSilentSessionsKeepNobodyOut(t *testing.T) {
	m := newMatch(t, dotGame(), Config{MaxPlayers: 2})
	m.join("one")
	var silent []*puppet
	for range maxSilent + 3 {
		silent = append(silent, m.dial())
	}
	m.run(1)
	if n := m.server.Stats().Sessions; n != 1+maxSilent {
		t.Errorf("%d sessions are open, want one and %d silent ones", n, maxSilent)
	}
	for i, p := range silent {
		if over := p.closed != nil; over != (i < 3) {
			t.Errorf("silent session %d: %v", i, p.closed)
		}
	}
	m.join("two")
}

// Coming and going without end costs the others no more than the limit allows.
func TestReconnectStorm(t *testing.T) {
	m := newMatch(t, dotGame(), Config{MaxPlayers: 100})
	ada := m.join("Ada")
	const seconds = 4
	for range seconds * 10 {
		for range 10 {
			p := m.dial()
			p.tell(replica.Hello{Name: "storm"})
		}
		m.run(5)
		for _, p := range m.puppets[1:] {
			p.conn.Close(m.now, session.CloseNormal, "")
		}
		m.exchange()
		m.puppets = m.puppets[:1]
	}
	most := joinBurst + seconds*int(time.Second/joinEvery)
	if n := len(ada.joined); n > most+1 || n < most/2 {
		t.Errorf("Ada was told of %d newcomers in %d s, want at most %d", n, seconds, most)
	}
	if ada.closed != nil {
		t.Errorf("Ada's session: %v", ada.closed)
	}
}

func TestFullOfSessions(t *testing.T) {
	m := newMatch(t, dotGame(), Config{MaxPlayers: 1})
	m.join("one")
	for range spareSessions {
		m.dial()
	}
	late := m.dial()
	m.run(1)
	var end *session.CloseError
	if !errors.As(late.closed, &end) || end.Refusal != session.RefusedFull {
		t.Errorf("one session more than there is room for: %v", late.closed)
	}
}

func TestKick(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	ada, bob := m.join("Ada"), m.join("Bob")
	m.server.Kick(ada.welcome.Player, "too\x00 good")
	m.server.Kick(200, "nobody")
	m.run(10)
	var end *session.CloseError
	if !errors.As(ada.closed, &end) || end.Code != session.CloseKicked || end.Reason != "too good" {
		t.Errorf("Ada's session: %v", ada.closed)
	}
	if w := []replica.Left{{Player: 1, Reason: "too good"}}; !slices.Equal(bob.left, w) {
		t.Errorf("Bob saw %+v leave, want %+v", bob.left, w)
	}
	if st := m.server.Stats(); st.Kicks != 1 || st.Players != 1 {
		t.Errorf("%+v", st)
	}
}

func TestNoHello(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	quiet := m.dial()
	ticks := int(helloTimeout / m.server.period)
	m.run(ticks - 2)
	if quiet.closed != nil || m.server.Stats().Sessions != 1 {
		t.Fatalf("closed after %v: %v", m.now, quiet.closed)
	}
	m.run(10)
	var end *session.CloseError
	if !errors.As(quiet.closed, &end) || end.Code != replica.CloseNoHello {
		t.Errorf("a session without a hello: %v", quiet.closed)
	}
	if n := m.server.Stats().Sessions; n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

func TestSilentClientTimesOut(t *testing.T) {
	m := newMatch(t, dotGame(), Config{IdleTimeout: time.Second, Resume: -1})
	m.join("Ada")
	bob := m.join("Bob")
	m.puppets[0].silent = true
	m.puppets[0].ep = m.dial().ep // what Ada says now comes from another session
	m.run(60)
	if w := []replica.Left{{Player: 1, Reason: "timed out"}}; !slices.Equal(bob.left, w) {
		t.Errorf("Bob saw %+v leave, want %+v", bob.left, w)
	}
}

func TestBotsThink(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	var ticks []sim.Tick
	id, err := m.server.AddBot("", func(w *field, p sim.PlayerID, t sim.Tick) move {
		if w.Dots.Len() != 1 {
			return move{Dy: 1}
		}
		ticks = append(ticks, t)
		return move{Dx: 1}
	})
	if err != nil || id != 1 {
		t.Fatal(id, err)
	}
	m.run(3)
	if d, _ := m.dots().Dots.Of(id); d == nil || d.Pos != sim.V(3, 1) || !slices.Equal(ticks, []sim.Tick{1, 2, 3}) {
		t.Errorf("after 3 ticks the bot is %+v; it thought at %v", d, ticks)
	}
	if info := m.server.Players(); len(info) != 1 || !info[0].Bot || info[0].Name != "player" || info[0].Joined != 1 {
		t.Errorf("%+v", info)
	}
}

func TestCheckReplacesInputs(t *testing.T) {
	g := dotGame()
	var prevs []int8
	g.Check = func(p sim.PlayerID, prev, in move) move {
		prevs = append(prevs, prev.Dx) //netvet:ok the test watches
		in.Dx = -100                   // off the grid: clamped to -1
		return in
	}
	m := newMatch(t, g, Config{})
	id, _ := m.server.AddBot("b", func(*field, sim.PlayerID, sim.Tick) move { return move{Dx: 1} })
	m.run(2)
	if d, _ := m.dots().Dots.Of(id); d.Pos.X != -2 || !slices.Equal(prevs, []int8{0, -1}) {
		t.Errorf("the bot is at %v, previous inputs were %v", d.Pos, prevs)
	}
}
