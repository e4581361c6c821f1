package demo_test

import (
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode/matchtest"
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/server"
)

// Whole matches of the arena in one process and in virtual time, with bots at the keys. Everything follows from the seed, and each
// snapshot that a client takes in is held against the server's world: see package matchtest.

const tick = time.Second / arena.TickRate

type player = matchtest.Player[arena.World, arena.Input]

// seat is one client and the bot that plays it.
type seat struct {
	*player
	bot   *arena.Bot
	still bool // takes its hands off the keys
	said  []string

	shots     map[sim.EventKey]arena.Shot // own rail shots as they were shown before the server had judged them
	agreed    int                         // hits that the server saw too
	denied    int                         // hits that it did not, though the victim was in play
	contested int                         // hits that others undid: the victim was out of play, or the shooter was pushed
}

type match struct {
	*matchtest.Match[arena.World, arena.Input]
	seats  []*seat
	ticks  int
	judged map[sim.EventKey]arena.Shot // what the server has heard since followShots
	verify bool                        // follows shots
	plan   *replica.Plan[arena.World]
	worlds [2]*replica.World[arena.World] // the server's newest two, by tick
}

// newMatch starts a match of n players over a network with the same conditions each way.
func newMatch(t testing.TB, seed uint64, conditions string, n int) *match {
	t.Helper()
	m := &match{Match: matchtest.New(t, arena.Game(), matchtest.Options{Seed: seed, Conditions: conditions}),
		verify: true, judged: map[sim.EventKey]arena.Shot{}}
	server.On(m.Server, arena.ShotEvent, func(e arena.Shot, k sim.EventKey) { m.judged[k] = e })
	var err error
	if m.plan, err = replica.NewPlan[arena.World](); err != nil {
		t.Fatal(err)
	}
	for i := range m.worlds {
		m.worlds[i] = m.plan.NewWorld()
	}
	m.AfterTick = m.ticked
	for i := range n {
		m.sit(arena.NewBot(seed + uint64(2+i)))
	}
	return m
}

// sit lets a bot join.
func (m *match) sit(bot *arena.Bot) {
	m.Helper()
	s := &seat{bot: bot, shots: map[sim.EventKey]arena.Shot{}}
	s.player = m.JoinAs(client.Config{ProbeEvery: 100 * time.Millisecond}, func(p *player) (in arena.Input) {
		if !s.still {
			in = s.bot.Think(p.View(), p.Player(), p.Stats().Tick)
		}
		return in
	})
	s.After = func(p *player) {
		for _, l := range p.Said() {
			s.said = append(s.said, l.Text)
		}
	}
	client.On(s.Client, arena.ShotEvent, func(e arena.Shot, i client.EventInfo) {
		if i.Predicted {
			s.shots[i.EventKey] = e
		}
	})
	m.seats = append(m.seats, s)
}

func (m *match) ticked() {
	m.ticks++
	if m.verify {
		s := m.Server.Snapshot()
		m.plan.Restore(m.worlds[s.Tick%2], s)
		m.followShots()
	}
}

// followShots counts how many of the rail hits that players saw at once the server saw too. The world of their tick must be known.
func (m *match) followShots() {
	for key, judged := range m.judged {
		s := m.seatOf(key.Source)
		delete(m.judged, key)
		if s == nil {
			continue
		}
		switch predicted, known := s.shots[key]; {
		case !known || predicted.Hit == 0:
		case judged.Hit == predicted.Hit:
			s.agreed++
		case judged.From != predicted.From: // a blast had pushed the shooter, who did not know yet
			s.contested++
		case m.outOfPlay(predicted.Hit):
			s.contested++
		default:
			s.denied++
		}
	}
}

// seatOf returns the seat of a player, or nil.
func (m *match) seatOf(p sim.PlayerID) *seat {
	for _, s := range m.seats {
		if s.Player() == p {
			return s
		}
	}
	return nil
}

// outOfPlay reports whether somebody else had killed player p before the newest tick, or it had come back with a shield:
// what the shooter could not know yet.
func (m *match) outOfPlay(p sim.PlayerID) bool {
	for _, w := range m.worlds {
		row, ok := w.V.Players.Of(p)
		if !ok || !row.Alive() || row.Shield > 0 {
			return true
		}
	}
	return false
}
