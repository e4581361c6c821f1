package demo_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/halftick/halftick/demo/arena"
)

// TestMatchHoldsTogether is the route of a key press, thousands of times: bots play the arena as
// clients, over every kind of network. Each snapshot that a client decodes must equal the server's world of that
// tick to the lane; whatever was said must arrive exactly once and in order.
func TestMatchHoldsTogether(t *testing.T) {
	for name, conditions := range map[string]string{
		"clean":     "none",
		"150ms":     "delay=75ms",
		"loss5":     "delay=25ms,loss=5%",
		"loss20":    "delay=25ms,loss=20%",
		"jitter30":  "delay=20ms,jitter=30ms",
		"burst":     "delay=25ms,burst=5%/60ms",
		"reorder":   "delay=20ms,reorder=20%/40ms",
		"duplicate": "delay=20ms,dup=30%",
		"corrupt":   "delay=20ms,corrupt=5%",
		"rate":      "delay=20ms,rate=64kB/s,queue=100ms",
		"all":       "delay=30ms,jitter=30ms,loss=5%,burst=3%/80ms,dup=5%,reorder=5%/30ms,corrupt=1%",
	} {
		t.Run(name, func(t *testing.T) {
			for _, seed := range []uint64{1, 2} {
				m := newMatch(t, seed, conditions, 4)
				m.talk(90)
				m.settle()
			}
		})
	}
}

func TestMatchSurvivesAnOutage(t *testing.T) {
	m := newMatch(t, 3, "delay=25ms,loss=1%", 4)
	m.talk(20)
	for _, s := range m.seats[:2] {
		s.Outage(2 * time.Second)
	}
	m.talk(20)
	m.settle()
}

// Nothing reaches one of the players for a while, who is heard all the time.
func TestMatchSurvivesSilenceOneWay(t *testing.T) {
	m := newMatch(t, 8, "delay=25ms,loss=1%", 3)
	m.talk(10)
	m.seats[0].SetConditionsEach("delay=25ms,loss=1%", "loss=100%")
	m.talk(6)
	m.seats[0].SetConditions("delay=25ms")
	m.talk(10)
	m.settle()
}

func TestMatchSurvivesAMoveToAnotherAddress(t *testing.T) {
	m := newMatch(t, 4, "delay=25ms,loss=1%", 3)
	m.talk(10)
	m.seats[0].Rebind()
	m.talk(10)
	m.settle()
}

// talk plays, once everybody is in, for a number of seconds in which everybody says something now and then.
func (m *match) talk(seconds int) {
	absent := func(s *seat) bool { return s.Player() == 0 }
	for range 50 {
		if !slices.ContainsFunc(m.seats, absent) {
			break // who comes later does not hear what was said before
		}
		m.Run(100 * time.Millisecond)
	}
	for range seconds {
		m.Run(time.Second)
		for _, s := range m.seats {
			if s.Player() != 0 && m.ticks%120 < 60 {
				if err := s.Say(fmt.Sprintf("%d at %d", s.Player(), m.ticks)); err != nil {
					m.Error(err)
				}
			}
		}
	}
}

// settle takes everybody's hands off the keys, waits, and checks what must hold in the end.
func (m *match) settle() {
	m.Helper()
	for _, s := range m.seats {
		s.still = true
	}
	m.Run(5 * time.Second)
	kills := 0
	for _, s := range m.seats {
		st := s.Stats()
		if s.Player() == 0 || s.Err() != nil {
			m.Fatalf("client %v is not in the match: %v", s.Addr(), s.Err())
		}
		if lag := m.Server.Snapshot().Tick.Sub(st.AuthTick); lag > 60 {
			m.Errorf("client %d is %d ticks behind the server", s.Player(), lag)
		}
		if s.Compared().Worlds < 100 {
			m.Errorf("client %d compared only %d worlds", s.Player(), s.Compared().Worlds)
		}
		if st.ReliableLost+st.ReliableSurplus > 0 || st.ReliableDelivered == 0 || st.ReliableSent-st.ReliableDelivered > 20 {
			m.Errorf("client %d: of %d reliable messages %d came back, %d were lost, %d came twice", s.Player(),
				st.ReliableSent, st.ReliableDelivered, st.ReliableLost, st.ReliableSurplus)
		}
		if !slices.Equal(s.said, m.seats[0].said) || len(s.said) == 0 {
			m.Errorf("client %d heard %d lines, client %d %d, or in another order", s.Player(), len(s.said), m.seats[0].Player(), len(m.seats[0].said))
		}
		if p, ok := s.Auth().Players.Of(s.Player()); ok {
			kills += int(p.Score)
		}
	}
	if len(m.seats) == 4 && m.ticks > 60*60 && kills == 0 {
		m.Error("nobody was hit in over a minute: the bots do not play")
	}
}

// TestSameSeedSameMatch: a failure that prints its seed can be replayed exactly.
func TestSameSeedSameMatch(t *testing.T) {
	var hashes [2]uint64
	for i := range hashes {
		m := newMatch(t, 42, "delay=20ms,jitter=30ms,loss=10%,dup=5%", 4)
		m.Run(30 * time.Second)
		hashes[i] = m.Server.Snapshot().Hash()
	}
	if hashes[0] != hashes[1] {
		t.Errorf("one seed gave worlds %016x and %016x", hashes[0], hashes[1])
	}
	other := newMatch(t, 43, "delay=20ms,jitter=30ms,loss=10%,dup=5%", 4)
	other.Run(30 * time.Second)
	if other.Server.Snapshot().Hash() == hashes[0] {
		t.Error("another seed gave the same world")
	}
}

// TestPredictionIsExact: with nobody to contest the player there is nothing to correct, at any latency.
func TestPredictionIsExact(t *testing.T) {
	for _, delay := range []string{"0ms", "10ms", "75ms", "150ms", "400ms"} {
		m := newMatch(t, 5, "delay="+delay, 1)
		m.Run(3 * time.Second) // the clock finds its pace
		before := m.seats[0].Stats()
		m.Run(60 * time.Second)
		after := m.seats[0].Stats()
		if n := after.Corrections - before.Corrections; n != 0 {
			t.Errorf("delay %s each way: %d corrections in a minute", delay, n)
		}
		if n := after.MissedInputs - before.MissedInputs; n != 0 {
			t.Errorf("delay %s each way: %d inputs came too late", delay, n)
		}
		if m.seats[0].Compared().Worlds < 3000 {
			t.Errorf("delay %s each way: only %d snapshots", delay, m.seats[0].Compared().Worlds)
		}
	}
}

// TestDashAndRailAreImmediate: at a round trip of 150 ms the player's own dash and beam are on the
// screen in the frame of the key.
func TestDashAndRailAreImmediate(t *testing.T) {
	m := newMatch(t, 6, "delay=75ms", 1)
	s := m.seats[0]
	s.still = true
	m.Run(4 * time.Second)
	m.verify = false
	me, ok := s.View().Players.Of(s.Player())
	if !ok || !me.Alive() {
		t.Fatal("the player is not alive")
	}
	start := me.Pos
	s.Play = func(*player) arena.Input { return arena.Input{Dx: 1, Dash: true, Fire: true} }
	m.Run(3 * tick)
	me, _ = s.View().Players.Of(s.Player())
	if moved := me.Pos.Sub(start).Len(); moved < 10 {
		t.Errorf("three frames into a dash the player has moved by %.1f", moved)
	}
	if n := len(s.shots); n != 1 {
		t.Errorf("%d shots heard, want the player's own", n)
	}
	if len(m.judged) > 0 {
		t.Error("the server has answered already: the test proves nothing")
	}
}

// TestWhatTheShooterSawIsHit: the server judges a rail shot in the world of the shooter's screen.
func TestWhatTheShooterSawIsHit(t *testing.T) {
	for _, conditions := range []string{"none", "delay=25ms", "delay=75ms", "delay=50ms,jitter=10ms,loss=2%"} {
		agreed, denied, contested := 0, 0, 0
		for seed := range uint64(3) {
			m := newMatch(t, 10+seed, conditions, 6)
			m.Run(60 * time.Second)
			for _, s := range m.seats {
				agreed += s.agreed
				denied += s.denied
				contested += s.contested
			}
		}
		t.Logf("%s: of the hits on the shooters' screens the server confirmed %d, denied %d; others undid %d", conditions, agreed, denied, contested)
		if agreed < 40 || denied*100 > agreed || contested*10 > agreed {
			t.Errorf("%s: %d hits confirmed, %d denied, %d contested; want at most 1 of 100 denied", conditions, agreed, denied, contested)
		}
	}
}

// BenchmarkMatch is the speed of the harness: four players, 5 % loss. realtime/op is seconds of play per second.
func BenchmarkMatch(b *testing.B) {
	m := newMatch(b, 1, "delay=25ms,loss=5%", 4)
	m.verify = false
	m.Run(2 * time.Second)
	b.ReportAllocs()
	start := m.Now()
	for b.Loop() {
		m.Run(time.Second)
	}
	b.ReportMetric((m.Now()-start).Seconds()/b.Elapsed().Seconds(), "x_realtime")
}
