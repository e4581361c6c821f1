package server

import (
	"errors"
	"strings"
	"testing"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

func newHello(name string) replica.Hello { return replica.Hello{Name: name} }

func TestPanicsOfTheGameStopItAlone(t *testing.T) {
	boom := errors.New("boom")
	for name, breakIt := range map[string]func(g *sim.Game[field, move]){
		"Step": func(g *sim.Game[field, move]) {
			g.Step = func(c dotCtx, w *field) {
				if c.Tick == 5 {
					panic(boom)
				}
			}
		},
		"Join":  func(g *sim.Game[field, move]) { g.Join = func(dotCtx, *field, sim.PlayerID) { panic(boom) } },
		"Check": func(g *sim.Game[field, move]) { g.Check = func(sim.PlayerID, move, move) move { panic(boom) } },
		"Leave": func(g *sim.Game[field, move]) { g.Leave = func(dotCtx, *field, sim.PlayerID) { panic(boom) } },
	} {
		g := dotGame()
		breakIt(g)
		m := newMatch(t, g, Config{})
		m.run(4)
		id, _ := m.server.AddBot("b", idle)
		m.run(1)
		m.server.Kick(id, "")
		m.run(3)
		var end *PanicError
		if err := m.server.Err(); !errors.As(err, &end) || !errors.Is(err, boom) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := sim.Tick(5)
		if name == "Leave" {
			want = 6
		}
		if end.Tick != want || !strings.Contains(string(end.Stack), "panic_test.go") {
			t.Errorf("%s: tick %d, want %d; stack:\n%s", name, end.Tick, want, end.Stack)
		}
		if m.server.Stats().Tick != want-1 {
			t.Errorf("%s: ticks went on to %d", name, m.server.Stats().Tick)
		}
	}
}

func TestPanicInInit(t *testing.T) {
	g := dotGame()
	g.Init = func(*field) { panic("boom") }
	_, err := New(g, Config{Secret: testSecret})
	if end, ok := errors.AsType[*PanicError](err); !ok || end.Value != "boom" {
		t.Errorf("New: %v", err)
	}
}

func TestPanicOfABot(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	if _, err := m.server.AddBot("b", func(*field, sim.PlayerID, sim.Tick) move { panic("think") }); err != nil {
		t.Fatal(err)
	}
	m.run(1)
	if _, ok := errors.AsType[*PanicError](m.server.Err()); !ok {
		t.Errorf("%v", m.server.Err())
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	for name, c := range map[string]struct {
		game *sim.Game[field, move]
		cfg  Config
	}{
		"no step":          {&sim.Game[field, move]{Name: "x"}, Config{Secret: testSecret}},
		"too many players": {dotGame(), Config{Secret: testSecret, MaxPlayers: 256}},
		"negative players": {dotGame(), Config{Secret: testSecret, MaxPlayers: -1}},
	} {
		if _, err := New(c.game, c.cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
