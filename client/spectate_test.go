package client_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode/matchtest"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/server"
)

// The game of these tests: beetles that nobody sees but their owner, and who shout every second.
type (
	den struct {
		Beetles sim.Table[beetle]
		Count   uint32
	}
	denMatch  = matchtest.Match[den, move]
	denPlayer = matchtest.Player[den, move]
)

var (
	shout   = sim.NewEvent[uint32]("shout", sim.Reliable)
	whisper = sim.NewEvent[uint32]("whisper", sim.Reliable)
)

func denGame() *sim.Game[den, move] {
	return &sim.Game[den, move]{
		Name: "den", TickRate: 60, SendRate: 30, Events: []sim.AnyEvent{shout, whisper},
		See:  func(w *den, p sim.PlayerID, v *sim.View) { v.Of(&w.Beetles).HideAll() },
		Join: func(c *sim.Ctx[den, move], w *den, p sim.PlayerID) { w.Beetles.Spawn(p) },
		Step: func(c *sim.Ctx[den, move], w *den) {
			w.Count++
			for p, in := range c.Inputs() {
				if b, ok := w.Beetles.Of(p); ok {
					b.Pos = b.Pos.Add(sim.V(float32(in.Dx), float32(in.Dy)))
				}
			}
			if c.Tick%60 == 0 {
				sim.Emit(c, shout, w.Count)
				sim.Emit(c, whisper, w.Count, sim.To(1))
			}
		},
	}
}

// stands is a spectator in a den, and what it must never know too early.
type stands struct {
	*denPlayer
	m      *denMatch
	delay  int // ticks
	worlds int
	shouts []uint32
}

// watch adds a spectator over a bad path, who holds all it is told against what was.
func watch(m *denMatch, truth map[sim.Tick]uint64, delay int) *stands {
	s := &stands{m: m, delay: delay}
	s.denPlayer = m.JoinAs(client.Config{Spectate: true}, nil)
	s.SetConditions("delay=40ms,jitter=10ms,loss=5%")
	var seen sim.Tick
	s.After = func(p *denPlayer) {
		if got := p.Snapshot(); got != nil && got.Tick != seen {
			seen = got.Tick
			s.late(seen)
			if s.worlds++; got.Partial() || truth[seen] != got.Hash() {
				m.Errorf("tick %d is another world to a spectator", seen)
			}
		}
	}
	client.On(s.Client, shout, func(n uint32, e client.EventInfo) {
		s.late(e.Tick)
		s.shouts = append(s.shouts, n)
	})
	client.On(s.Client, whisper, func(uint32, client.EventInfo) { m.Error("a spectator heard what was for one player") })
	return s
}

// late fails when something of a tick is known too early.
func (s *stands) late(t sim.Tick) {
	if now := s.m.Server.Snapshot().Tick; now.Sub(t) < s.delay {
		s.m.Errorf("at tick %d a spectator knows of %d", now, t)
	}
}

// TestSpectators: they see all of every world, whatever players may see, but nothing sooner than the server says.
func TestSpectators(t *testing.T) {
	for _, delay := range []time.Duration{0, 5 * time.Second} {
		t.Run(delay.String(), func(t *testing.T) {
			ticks := int(delay.Seconds() * 60)
			m := matchtest.New(t, denGame(), matchtest.Options{Seed: 4, Server: server.Config{MaxSpectators: 4, SpectatorDelay: delay, IdleTimeout: 3 * time.Second}})
			truth := map[sim.Tick]uint64{}
			m.AfterTick = func() { s := m.Server.Snapshot(); truth[s.Tick] = s.Hash() }
			ann := m.JoinAs(client.Config{Name: "Ann"}, denWander)
			first := watch(m, truth, ticks)
			m.Run(time.Second)
			bob := m.JoinAs(client.Config{Name: "Bob"}, denWander)
			m.Run(7 * time.Second)
			second := watch(m, truth, ticks)
			m.Run(time.Second)
			if err := ann.Say("hello"); err != nil {
				t.Fatal(err)
			}
			bob.Leave()
			said := m.Now()
			m.RunUntil(10*time.Second, func() bool { return len(first.Said()) > 0 })
			if took := m.Now() - said; took < delay || took > delay+time.Second {
				t.Errorf("a line of chat came after %v", took)
			}
			m.Run(4 * time.Second)
			for i, s := range []*stands{first, second} {
				st := s.Stats()
				if s.worlds < 60 || len(s.shouts) < 3 || st.Corrections+st.MissedInputs > 0 || s.Player() != 0 || st.Tick != 0 {
					t.Errorf("spectator %d: %d worlds, %d shouts, %+v", i+1, s.worlds, len(s.shouts), st)
				}
				if a := s.Audience(); a.Spectators != 2 || a.Delay != delay {
					t.Errorf("spectator %d: %+v", i+1, a)
				}
				if got := fmt.Sprint(s.Players()); got != "[{1 Ann false}]" {
					t.Errorf("spectator %d knows of %v", i+1, got)
				}
				if st.SnapshotsUnusable+st.SnapshotsMalformed > 0 || st.Snapshots < 100 {
					t.Errorf("spectator %d: %+v", i+1, st)
				}
				if !slices.IsSorted(s.shouts) || slices.Compact(s.shouts)[len(s.shouts)-1] != s.shouts[len(s.shouts)-1] {
					t.Errorf("spectator %d heard %v", i+1, s.shouts)
				}
				if s.Say("me too") == nil {
					t.Error("a spectator is heard")
				}
			}
			if a := ann.Audience(); a.Spectators != 2 {
				t.Errorf("a player knows of %+v", a)
			}
			second.Leave()
			m.Run(2 * time.Second)
			if a := ann.Audience(); a.Spectators != 1 || m.Server.Stats().Leaves != 1 {
				t.Errorf("after one has gone: %+v, %d leaves", a, m.Server.Stats().Leaves)
			}
			m.Settle()
			first.Vanish()
			if m.Run(5 * time.Second); m.Server.Stats().Watching != 0 {
				t.Error("a spectator who is gone is still told")
			}
		})
	}
}

var denWander = func(p *denPlayer) move {
	t := p.Stats().Tick / 20
	return move{Dx: int8(t%3) - 1, Dy: int8(t/3%3) - 1}
}

// TestSpectatorsScreen: what a spectator sees moves evenly, between two worlds.
func TestSpectatorsScreen(t *testing.T) {
	m := matchtest.New(t, denGame(), matchtest.Options{Seed: 5, Conditions: "delay=30ms,jitter=10ms,loss=3%", Server: server.Config{MaxSpectators: 1, SpectatorDelay: time.Second}})
	m.JoinAs(client.Config{}, func(*denPlayer) move { return move{Dx: 1} })
	s := m.JoinAs(client.Config{Spectate: true}, nil)
	m.Run(4 * time.Second)
	var x, steps []float32
	s.After = func(p *denPlayer) {
		for _, b := range p.View().Beetles.All() {
			x = append(x, b.Pos.X)
		}
	}
	m.Run(4 * time.Second)
	for i := range x[1:] {
		steps = append(steps, x[i+1]-x[i])
	}
	if len(x) < 200 || slices.Min(steps) < 0.8 || slices.Max(steps) > 1.2 {
		t.Errorf("%d frames; it moves by %v to %v", len(x), slices.Min(steps), slices.Max(steps))
	}
}

func TestNoRoomForASpectator(t *testing.T) {
	m := matchtest.New(t, denGame(), matchtest.Options{Seed: 6})
	s := m.JoinAs(client.Config{Spectate: true}, nil)
	m.Run(time.Second)
	if err := s.Err(); !errors.Is(err, client.ErrFull) {
		t.Errorf("%v", err)
	}
}
