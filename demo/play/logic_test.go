package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/demo/play/match"
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
	m := newMeters(false)
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

// Who only watches has no inputs and no predictions to measure, but a picture that is late, of snapshots.
func TestMetersOfWhoWatches(t *testing.T) {
	m := newMeters(true)
	for i := range 40 {
		m.sample(time.Duration(i+1)*sampleEvery, reading{behind: 2050 * time.Millisecond, snapshots: uint64(i) * 3, margin: 7, corrections: uint64(i)})
	}
	if got := m.charts[chartBehind].Series.Back(0); m.charts[chartBehind].Label != "behind the players" || got != 2.05 {
		t.Errorf("%q is %v, want 2.05 s", m.charts[chartBehind].Label, got)
	}
	if got := m.charts[chartSnapshots].Series.Back(0); m.charts[chartSnapshots].Label != "snapshots" || got < 59.9 || got > 60.1 {
		t.Errorf("%q is %v: 3 each 50 ms are 60 a second", m.charts[chartSnapshots].Label, got)
	}
}

// The panel of who only watches has nothing that is about a player.
func TestSwitchesOfWhoWatches(t *testing.T) {
	keys := func(o match.Options) (all []string) {
		ctx, stop := context.WithCancel(context.Background())
		stop()
		m, err := match.Start(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		s := switches{match: m, ghosts: new(bool)}
		for _, r := range s.rows() {
			all = append(all, r.More)
		}
		return all
	}
	plays, watches := keys(match.Options{Local: true}), keys(match.Options{Connect: "127.0.0.1:1", Spectate: true})
	for _, key := range []string{"1", "2", "3", "6", "G", "B"} {
		if !slices.Contains(plays, key) || slices.Contains(watches, key) {
			t.Errorf("key %s: players have it %v, spectators %v", key, slices.Contains(plays, key), slices.Contains(watches, key))
		}
	}
	if want := len(plays) - 6; len(watches) != want {
		t.Errorf("spectators have %d rows, want the other %d", len(watches), want)
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
