package main

import (
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/demo/play/ui"
	"github.com/halftick/halftick/netcode/sim"
)

// twoPlayers is a scene with the player 1 and an enemy 2.
func twoPlayers() *scene {
	w := &arena.World{}
	for p := sim.PlayerID(1); p <= 2; p++ {
		w.Players.Spawn(p).Health = arena.MaxHealth
	}
	return &scene{me: 1, view: w, auth: w, tick: 1000, name: func(sim.PlayerID) string { return "" }}
}

func TestMetersTurnCountersIntoRates(t *testing.T) {
	m := newMeters()
	for i := range 40 {
		now := time.Duration(i+1) * sampleEvery
		m.sample(now, reading{rtt: 80 * time.Millisecond, lossIn: 0.02, lossOut: 0.05, down: uint64(i) * 500})
	}
	last := func(chart int) float32 { return m.charts[chart].Series.Back(0) }
	if got := last(chartDown); got < 9.9 || got > 10.1 {
		t.Errorf("500 bytes each 50 ms are %v kB/s, want 10", got)
	}
	if last(chartRTT) != 80 || last(chartLoss) != 5 {
		t.Errorf("RTT %v, loss %v; want 80 and the worse direction, 5", last(chartRTT), last(chartLoss))
	}
	m.sample(41*sampleEvery, reading{})
	if last(chartDown) != 0 {
		t.Errorf("counters that began anew gave %v kB/s", last(chartDown))
	}
	n := m.charts[chartRTT].Series.Len()
	if m.sample(41*sampleEvery+1, reading{}); m.charts[chartRTT].Series.Len() != n {
		t.Error("a sample was taken too soon")
	}
}

func TestChatLineIsBounded(t *testing.T) {
	var c chat
	c.add([]rune("hi\x00\n\x1b there"))
	if c.text != "hi there" {
		t.Errorf("typed %q: control characters stay out", c.text)
	}
	c.add([]rune(strings.Repeat("é", maxChat)))
	if len(c.text) > maxChat {
		t.Errorf("%d bytes, cap %d", len(c.text), maxChat)
	}
	c.erase()
	if !strings.HasPrefix(c.take(), "hi thereé") || c.text != "" {
		t.Error("take did not return and clear the line")
	}
}

func TestObituaries(t *testing.T) {
	for _, c := range []struct {
		death arena.Death
		by    sim.PlayerID
		want  ui.Line
	}{
		{arena.Death{Whom: 2, Weapon: arena.Rail}, 1, ui.Line{Who: 1, Text: "railed", Whom: 2}},
		{arena.Death{Whom: 2, Weapon: arena.RocketBlast}, 1, ui.Line{Who: 1, Text: "blew up", Whom: 2}},
		{arena.Death{Whom: 2, Weapon: arena.RocketBlast}, 2, ui.Line{Who: 2, Text: "blew up"}},
	} {
		if got := obituary(c.death, c.by); got != c.want {
			t.Errorf("%+v by %d is told as %+v", c.death, c.by, got)
		}
	}
}

// The ghosts ask for the world of the tick of the shot, less its lag.
func TestGhostsLookWhereTheServerRewoundTo(t *testing.T) {
	s := twoPlayers()
	enemy, _ := s.auth.Players.Of(2)
	enemy.Pos = sim.V(123, 45)
	h := ghosts{on: true}
	asked := []float64{}
	at := func(tick float64) (*arena.World, bool) { asked = append(asked, tick); return s.auth, true }
	h.watch(s, at)
	h.shot(996, 10.5)
	h.watch(s, at)
	h.watch(s, at)
	if len(asked) != 1 || asked[0] != 1000-4-10.5 {
		t.Errorf("asked for ticks %v, want 985.5 once", asked)
	}
	if len(h.past) != 1 || h.past[0] != sim.V(123, 45) {
		t.Errorf("outlines at %v, want the enemy's place alone", h.past)
	}
	if ms, ok := h.rewound(s.now); !ok || ms != 175 {
		t.Errorf("rewound %v ms, %v; want 175", ms, ok)
	}
	if _, ok := h.rewound(s.now + pastLife); ok {
		t.Error("the outlines stay for ever")
	}
}

func TestBoardAlwaysShowsThePlayer(t *testing.T) {
	all := []standing{{player: 4}, {player: 2}, {player: 1}, {player: 3}}
	got := shorten(all, 2, 1)
	if len(got) != 2 || got[0].player != 4 || got[1].player != 1 {
		t.Errorf("%v: want the best, and the player", got)
	}
}
