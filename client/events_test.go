package client_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/server"
)

// The game of these tests adds to the dots what is heard: a shot by whoever fires (predicted), a bang where a bullet's life ends (by
// the world), and a puff of dust that may be lost.
type fired struct{ X int32 }

var (
	shotEvent = sim.NewEvent[fired]("shot", sim.Predicted)
	bangEvent = sim.NewEvent[fired]("bang", sim.Reliable)
	puffEvent = sim.NewEvent[fired]("puff", sim.Unreliable)
)

func eventGame() *sim.Game[field, move] {
	g := dotGame()
	g.Events = []sim.AnyEvent{shotEvent, bangEvent, puffEvent}
	g.Step = stepLoud
	return g
}

func stepLoud(c ctx, w *field) {
	for _, b := range w.Bullets.All() {
		if b.Life == 1 {
			sim.Emit(c, bangEvent, fired{int32(b.Pos.X)})
		}
	}
	for p, in := range c.Inputs() {
		if d, ok := w.Dots.Of(p); ok && in.Shoot && d.Wait == 0 {
			sim.Emit(c, shotEvent, fired{int32(d.Pos.X)}, sim.By(p))
			sim.Emit(c, puffEvent, fired{1}, sim.By(p))
		}
	}
	stepDots(c, w)
}

// ear writes down what one seat hears.
type ear struct {
	shown, undone map[string]int // by event and key
	infos         []client.EventInfo
	views         []float64 // where the view was when it was shown
	byOthers      []bool
}

func listenTo(s *seat) *ear {
	e := &ear{shown: map[string]int{}, undone: map[string]int{}}
	key := func(what string, i client.EventInfo) string {
		return fmt.Sprintf("%s %d by %d, %d", what, i.Tick, i.Source, i.N)
	}
	for what, ev := range map[string]*sim.Event[fired]{"shot": shotEvent, "bang": bangEvent, "puff": puffEvent} {
		client.On(s.Client, ev, func(_ fired, i client.EventInfo) {
			e.shown[key(what, i)]++
			e.infos = append(e.infos, i)
			e.views = append(e.views, s.Stats().ViewTick)
			e.byOthers = append(e.byOthers, i.Source != s.Player())
		})
		client.OnCancel(s.Client, ev, func(_ fired, i client.EventInfo) { e.undone[key(what, i)]++ })
	}
	return e
}

// happened writes down what the server says.
func happened(m *match) map[string]int {
	all := map[string]int{}
	for what, ev := range map[string]*sim.Event[fired]{"shot": shotEvent, "bang": bangEvent} {
		server.On(m.Server, ev, func(_ fired, k sim.EventKey) { all[fmt.Sprintf("%s %d by %d, %d", what, k.Tick, k.Source, k.N)]++ })
	}
	return all
}

// Over bad paths, with pushes that make predictions wrong: each client is shown each reliable and predicted event of the server
// exactly once, and whatever it was shown besides is taken back, once.
func TestEventsAreShownOnce(t *testing.T) {
	for _, conditions := range []string{"delay=10ms", "delay=60ms,jitter=15ms,loss=5%", "delay=120ms,jitter=40ms,loss=15%"} {
		t.Run(conditions, func(t *testing.T) {
			m := newMatchOf(t, eventGame(), 31, conditions, 3)
			truth := happened(m)
			var ears []*ear
			for i, s := range m.Players {
				ears = append(ears, listenTo(s))
				play := wander(uint64(i))
				n := -1
				s.Play = func(s *seat) move {
					n++
					in := play(s)
					in.Push = n%50 == 25
					return in
				}
			}
			m.Run(time.Second)
			clear(truth) // what everybody has heard begins here
			from := m.Server.Stats().Tick
			m.Run(6 * time.Second)
			upto := m.Server.Stats().Tick
			for _, s := range m.Players {
				s.Play = nil
			}
			m.Run(3 * time.Second)
			for i, e := range ears {
				checkEar(t, m.Players[i], e, truth, from+60, upto)
				if st := m.Players[i].Stats().Events; st.Predicted == 0 || st.Crowded+st.Hurried+st.Malformed > 0 {
					t.Errorf("player %d: %+v", m.Players[i].Player(), st)
				}
			}
			if st := m.Server.Stats().Events; st.Flood+st.Refused+st.Unknown > 0 || len(truth) < 80 {
				t.Errorf("%d events, %+v", len(truth), st)
			}
		})
	}
}

func checkEar(t *testing.T, s *seat, e *ear, truth map[string]int, from, upto sim.Tick) {
	t.Helper()
	within := func(key string) bool {
		var what string
		var tick sim.Tick
		fmt.Sscan(key, &what, &tick)
		return what != "puff" && tick >= from && tick < upto
	}
	for key := range truth {
		if within(key) && e.shown[key]-e.undone[key] != 1 {
			t.Errorf("player %d: %s was shown %d times and taken back %d times", s.Player(), key, e.shown[key], e.undone[key])
		}
	}
	for key, n := range e.shown {
		if within(key) && (n != 1 || truth[key] == 0 && e.undone[key] != 1) {
			t.Errorf("player %d: %s was shown %d times and taken back %d times; on the server %d", s.Player(), key, n, e.undone[key], truth[key])
		}
	}
}

// What others do is shown when the view is at its tick, the own shot in the very frame of its input.
func TestEventsAreShownWithTheirTick(t *testing.T) {
	m := newMatchOf(t, eventGame(), 32, "delay=80ms,jitter=5ms,loss=2%", 2)
	for i, s := range m.Players {
		s.Play = by(func(n int) move { return move{Shoot: (n/40+i)%2 == 0} })
	}
	m.Run(3 * time.Second)
	e := listenTo(m.Players[0])
	m.Run(6 * time.Second)
	own, aged, others, slack := 0, 0, 0, 0.0
	for i, info := range e.infos {
		if !e.byOthers[i] {
			if !info.Predicted { // a puff, which comes a round trip later
				continue
			}
			own++
			if info.Age > 0 { // found out by a replay only, after a correction
				aged++
			}
			continue
		}
		others++
		late := e.views[i] - float64(info.Tick)
		if slack = max(slack, late); late < 0 {
			t.Errorf("event of tick %d shown at %.2f", info.Tick, e.views[i])
		}
		if age := time.Duration(late / 60 * float64(time.Second)); info.Age > age+time.Millisecond || info.Age < age-2*time.Millisecond {
			t.Errorf("event of tick %d shown at %.2f with an age of %v", info.Tick, e.views[i], info.Age)
		}
	}
	if lead := m.Players[0].Stats().Lead; own < 15 || aged > own/10 || lead < 5 {
		t.Errorf("%d of %d own events with an age; the lead is %.1f ticks", aged, own, lead)
	}
	if others < 20 || m.Players[0].Stats().Events.Late > uint64(others/20) {
		t.Errorf("%d of others, at most %.2f ticks late, %+v", others, slack, m.Players[0].Stats().Events)
	}
}

// Events that come late are shown all the same, with their age.
func TestLateEventsAreShownWithTheirAge(t *testing.T) {
	m := newMatchOf(t, eventGame(), 33, "delay=20ms", 2)
	m.Players[1].Play = by(func(n int) move { return move{Shoot: true} })
	m.Run(3 * time.Second)
	e := listenTo(m.Players[0])
	truth := happened(m)
	m.Players[0].SetConditions("delay=20ms,loss=100%")
	m.Run(600 * time.Millisecond)
	m.Players[0].SetConditions("delay=20ms")
	m.Run(3 * time.Second)
	missing := 0
	for key := range truth {
		if e.shown[key] != 1 {
			missing++
		}
	}
	oldest := slices.MaxFunc(e.infos, func(a, b client.EventInfo) int { return int(a.Age - b.Age) })
	if missing > 3 || oldest.Age < 50*time.Millisecond || m.Players[0].Stats().Events.Late == 0 { // 3: not yet come
		t.Errorf("%d of %d missing, the oldest was %v old, %+v", missing, len(truth), oldest.Age, m.Players[0].Stats().Events)
	}
}

// With everything of prediction switched off the own shot comes from the server, once.
func TestEventsWithoutPrediction(t *testing.T) {
	m := newMatchOf(t, eventGame(), 34, "delay=50ms", 1)
	s := m.Players[0]
	s.SetTuning(client.Tuning{})
	e := listenTo(s)
	s.Play = by(func(n int) move { return move{Shoot: true} })
	m.Run(3 * time.Second)
	if st := s.Stats().Events; st.Predicted > 0 || st.Shown < 20 || len(e.undone) > 0 {
		t.Errorf("%+v, %d taken back", st, len(e.undone))
	}
	for key, n := range e.shown {
		if n != 1 {
			t.Errorf("%s was shown %d times", key, n)
		}
	}
}

// To limits an event to one player; server.Emit makes one from outside of the game.
func TestEventsToOnePlayer(t *testing.T) {
	m := newMatchOf(t, eventGame(), 35, "delay=10ms", 2)
	m.Run(time.Second)
	heard := [2][]int32{}
	for i, s := range m.Players {
		client.On(s.Client, bangEvent, func(f fired, _ client.EventInfo) { heard[i] = append(heard[i], f.X) })
	}
	if err := server.Emit(m.Server, bangEvent, fired{1}); err != nil {
		t.Fatal(err)
	}
	if err := server.Emit(m.Server, bangEvent, fired{2}, sim.To(m.Players[1].Player())); err != nil {
		t.Fatal(err)
	}
	m.Run(time.Second)
	if !slices.Equal(heard[0], []int32{1}) || !slices.Equal(heard[1], []int32{1, 2}) {
		t.Errorf("heard %v", heard)
	}
	other := sim.NewEvent[int]("other", sim.Reliable)
	if err := server.Emit(m.Server, other, 1); err == nil {
		t.Error("an event that the game does not know")
	}
}
