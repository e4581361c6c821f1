package client_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode/sim"
)

func corrections(m *match) (n uint64) {
	for _, s := range m.Players {
		n += s.Stats().Corrections
	}
	return n
}

// settle lets everybody stand still until all is known everywhere, and wants one world.
func settle(m *match) {
	m.Helper()
	for _, s := range m.Players {
		s.Play = nil
	}
	m.Run(4 * time.Second)
	for i, s := range m.Players {
		now := m.Now()
		for id, want := range s.Auth().Dots.All() {
			got, ok := s.ViewAt(now).Dots.Get(id)
			if !ok || got.Pos.Sub(want.Pos).Len() > 1 || got.Hits != want.Hits {
				m.Errorf("client %d shows %+v, the server's is %+v", i, got, want)
			}
		}
	}
}

// Nothing contests the players, so every guess must be right, whatever the path.
func TestPredictionIsExact(t *testing.T) {
	for _, way := range []string{"none", "delay=25ms", "delay=75ms", "delay=75ms,jitter=5ms", "delay=300ms", "delay=450ms"} {
		t.Run(way, func(t *testing.T) {
			m := newMatch(t, 1, way, 3)
			for i, s := range m.Players {
				s.Play = wander(uint64(i))
			}
			m.Run(4 * time.Second)
			before := corrections(m)
			m.Run(8 * time.Second)
			if after := corrections(m); after != before {
				t.Errorf("%d corrections", after-before)
			}
			for i, s := range m.Players {
				st := s.Stats()
				if st.Snapshots < 500 || s.Player() == 0 || len(s.Players()) != 3 {
					t.Errorf("client %d: %d snapshots, player %d of %d", i, st.Snapshots, s.Player(), len(s.Players()))
				}
			}
			settle(m)
		})
	}
}

// Fewer snapshots make others older, not the own guesses worse.
func TestPredictionIsExactAtLowSendRate(t *testing.T) {
	g := dotGame()
	g.SendRate = 20
	m := newMatchOf(t, g, 9, "delay=50ms", 2)
	for i, s := range m.Players {
		s.Play = wander(uint64(i))
	}
	m.Run(20 * time.Second)
	if n := corrections(m); n != 0 {
		t.Errorf("%d corrections", n)
	}
	if st := m.Players[0].Stats(); st.Snapshots < 350 || st.Snapshots > 400 || st.InterpDelay > 60*time.Millisecond {
		t.Errorf("%d snapshots in 20 s, delay %v", st.Snapshots, st.InterpDelay)
	}
	settle(m)
}

func TestComingAndGoing(t *testing.T) {
	m := newMatch(t, 10, "delay=30ms,loss=5%", 2)
	m.Run(2 * time.Second)
	ann := m.Players[0]
	late := m.JoinAs(client.Config{Name: "late"}, nil)
	late.SetConditions("delay=60ms")
	late.Play = wander(1)
	m.Run(2 * time.Second)
	if len(ann.Players()) != 3 || ann.Name(late.Player()) != "late" || own(ann.Auth(), late.Player()) == (dot{}) {
		t.Errorf("present are %v", ann.Players())
	}
	late.Close()
	m.Run(3 * time.Second)
	if len(ann.Players()) != 2 || own(ann.ViewAt(m.Now()), late.Player()) != (dot{}) || ann.Name(late.Player()) != "late" {
		t.Errorf("after one has left: %v", ann.Players())
	}
	m.Server.Kick(ann.Player(), "spitting")
	m.Run(2 * time.Second)
	if err := ann.Err(); err == nil || !strings.Contains(err.Error(), "spitting") {
		t.Errorf("the one who was kicked is told %v", err)
	}
}

// On bad paths guesses may be wrong where an input came too late; everything else must hold.
func TestPlayOverBadPaths(t *testing.T) {
	for _, way := range []string{"delay=25ms,loss=5%", "delay=25ms,loss=20%", "delay=40ms,jitter=30ms,loss=5%",
		"delay=25ms,burst=10%/200ms", "delay=25ms,dup=10%,reorder=10%/30ms"} {
		t.Run(way, func(t *testing.T) {
			m := newMatch(t, 2, way, 3)
			for i, s := range m.Players {
				s.Play = wander(uint64(i))
			}
			m.Run(10 * time.Second)
			for i, s := range m.Players {
				st := s.Stats()
				t.Logf("client %d: %d corrections, %d missed, margin %.2f, delay %v, lost %d of %d, gap %v, dilation %.4f, jumps %d", i, st.Corrections,
					st.MissedInputs, st.InputMargin, st.InterpDelay, st.SnapshotsLost, st.Snapshots, st.SnapshotGapMax, st.Dilation, st.ClockJumps)
				if st.MissedInputs > st.Snapshots/20 && way != "delay=25ms,burst=10%/200ms" {
					t.Errorf("client %d: the server missed %d inputs of %d", i, st.MissedInputs, st.Snapshots)
				}
				if st.ReliableLost+st.ReliableSurplus != 0 || st.ReliableDelivered < st.ReliableSent-20 {
					t.Errorf("client %d: of %d probes %d came back, %d lost, %d twice", i, st.ReliableSent, st.ReliableDelivered, st.ReliableLost, st.ReliableSurplus)
				}
				if st.SnapshotsMalformed+st.ReplayCapped != 0 {
					t.Errorf("client %d: %d malformed messages, %d ticks not replayed", i, st.SnapshotsMalformed, st.ReplayCapped)
				}
			}
			settle(m)
		})
	}
}

// Another player pushes: that cannot be guessed, is corrected, and fades on the screen.
func TestContestIsCorrectedSmoothly(t *testing.T) {
	m := newMatch(t, 3, "delay=150ms", 2)
	m.Run(4 * time.Second)
	victim, bully := m.Players[0], m.Players[1]
	bully.Play = by(func(int) move { return move{Push: true} })
	before := victim.Stats()
	var last float32
	jump := float32(0)
	y := func() float32 {
		d, _ := victim.View().Dots.Of(victim.Player())
		return d.Pos.Y
	}
	last = y()
	victim.After = func(*seat) {
		v := y()
		jump, last = max(jump, v-last), v
	}
	m.Run(time.Second / 60)
	bully.Play = nil
	m.Run(2 * time.Second)
	victim.After = nil
	after := victim.Stats()
	if after.Corrections == before.Corrections || after.Resimulated == before.Resimulated || after.LastCorrection == 0 {
		t.Fatalf("the push was not corrected: %+v", after)
	}
	auth, _ := victim.Auth().Dots.Of(victim.Player())
	if auth.Pos.Y < 30 || math.Abs(float64(last-auth.Pos.Y)) > 0.5 {
		t.Errorf("shown at %v, pushed to %v", last, auth.Pos.Y)
	}
	if jump > auth.Pos.Y/4 { // unhidden it is nearly all of it, since 20 ticks are replayed
		t.Errorf("of %v the dot jumped %v at once on the screen", auth.Pos.Y, jump)
	}
	settle(m)
}

// A ray on the screen is a ray on the server: the target runs, and the hit is predicted in the world
// that the server rewinds to.
func TestRayIsPredicted(t *testing.T) {
	for _, way := range []string{"none", "delay=25ms", "delay=75ms"} {
		t.Run(way, func(t *testing.T) {
			m := newMatch(t, 4, way, 2)
			m.Players[0].Play = by(func(i int) move { return move{Dy: int8(1 - 2*((i+10)/20%2))} }) // up and down across the ray
			m.Run(4 * time.Second)
			before := corrections(m)
			shooter := m.Players[1]
			shooter.Play = by(func(int) move { return move{Ray: true} })
			m.Run(10 * time.Second)
			if n := corrections(m) - before; n != 0 {
				t.Errorf("%d corrections", n)
			}
			d, _ := shooter.Auth().Dots.Of(shooter.Player())
			if d.Hits == 0 || d.Hits > 500 || d.Lag == 0 {
				t.Errorf("%d hits of 600 rays, %d/32 ticks back", d.Hits, d.Lag)
			}
		})
	}
}

func TestTuning(t *testing.T) {
	all := client.DefaultTuning()
	for name, set := range map[string]func(*client.Tuning){
		"no prediction":     func(t *client.Tuning) { t.Prediction = false },
		"no interpolation":  func(t *client.Tuning) { t.Interpolation = false },
		"no extrapolation":  func(t *client.Tuning) { t.Extrapolation = false },
		"no smoothing":      func(t *client.Tuning) { t.Smoothing = false },
		"no reconciliation": func(t *client.Tuning) { t.Reconciliation = false },
		"no rewind":         func(t *client.Tuning) { t.Rewind = false },
		"fixed delay":       func(t *client.Tuning) { t.InterpDelay = 200 * time.Millisecond },
	} {
		t.Run(name, func(t *testing.T) {
			m := newMatch(t, 5, "delay=50ms", 2)
			s := m.Players[0]
			tuning := all
			set(&tuning)
			s.SetTuning(tuning)
			m.Players[1].Play = wander(9)
			m.Run(4 * time.Second)
			start := own(s.ViewAt(m.Now()), s.Player())
			s.Play = by(func(int) move { return move{Dx: 1, Ray: true} })
			m.Run(100 * time.Millisecond)
			now := m.Now()
			moved := own(s.ViewAt(now), s.Player()).Pos.X - start.Pos.X
			if predicted := moved > 0; predicted != tuning.Prediction {
				t.Errorf("100 ms after the key the dot has moved by %v", moved)
			}
			m.Run(time.Second)
			st := s.Stats()
			if behind := float64(st.AuthTick) - st.ViewTick; !tuning.Interpolation && behind != 0 {
				t.Errorf("shown %v ticks behind the newest snapshot", behind)
			}
			if tuning.InterpDelay > 0 && (st.InterpDelay < 190*time.Millisecond || st.InterpDelay > 210*time.Millisecond) {
				t.Errorf("delay %v, want 200 ms", st.InterpDelay)
			}
			if lag := own(s.Auth(), s.Player()).Lag; (lag > 0) != tuning.Rewind {
				t.Errorf("judged %d/32 ticks back", lag)
			}
			s.SetTuning(all)
			m.Run(5 * time.Second)
			if st := s.Stats(); st.InterpDelay > 30*time.Millisecond {
				t.Errorf("everything on again: the delay is %v", st.InterpDelay)
			}
			settle(m)
		})
	}
}

// What corrections move is known also when they are shown as jumps.
func TestCorrectionsAreMeasuredWithoutSmoothing(t *testing.T) {
	m := newMatch(t, 11, "delay=50ms", 2)
	m.Run(3 * time.Second)
	victim, bully := m.Players[0], m.Players[1]
	tuning := client.DefaultTuning()
	tuning.Smoothing = false
	victim.SetTuning(tuning)
	bully.Play = by(func(int) move { return move{Push: true} })
	m.Run(200 * time.Millisecond)
	bully.Play = nil
	m.Run(time.Second)
	if st := victim.Stats(); st.LastCorrection == 0 {
		t.Errorf("the size of the latest of %d corrections is not known", st.Corrections)
	}
	if shown, auth := own(victim.ViewAt(m.Now()), victim.Player()), own(victim.Auth(), victim.Player()); shown.Pos.Y != auth.Pos.Y {
		t.Errorf("shown at %v, the server has it at %v", shown.Pos, auth.Pos)
	}
}

// With reconciliation off the prediction drifts away from the server's truth.
func TestWithoutReconciliation(t *testing.T) {
	m := newMatch(t, 6, "delay=50ms", 2)
	m.Run(3 * time.Second)
	victim, bully := m.Players[0], m.Players[1]
	tuning := client.DefaultTuning()
	tuning.Reconciliation = false
	victim.SetTuning(tuning)
	bully.Play = by(func(int) move { return move{Push: true} })
	m.Run(200 * time.Millisecond)
	bully.Play = nil
	m.Run(2 * time.Second)
	shown, auth := own(victim.ViewAt(m.Now()), victim.Player()), own(victim.Auth(), victim.Player())
	if shown.Pos.Y != 0 || auth.Pos.Y < 50 {
		t.Errorf("shown at %v, the server has it at %v", shown.Pos, auth.Pos)
	}
}

func TestOutageAndStall(t *testing.T) {
	for name, disturb := range map[string]func(m *match){
		"outage":        func(m *match) { m.Players[0].Outage(2 * time.Second) },
		"server stalls": func(m *match) { m.StallServer(5 * time.Second) },
		"caller stalls": func(m *match) { m.Players[0].Stall(5 * time.Second) },
		"one fps":       func(m *match) { m.Players[0].Frame = time.Second },
		"latency":       func(m *match) { m.Players[0].SetConditions("delay=100ms") },
	} {
		t.Run(name, func(t *testing.T) {
			m := newMatch(t, 7, "delay=10ms", 2)
			for i, s := range m.Players {
				s.Play = wander(uint64(i))
			}
			m.Run(4 * time.Second)
			disturb(m)
			m.Run(6 * time.Second)
			m.Players[0].Frame = time.Second / 60
			m.Run(3 * time.Second)
			before := m.Players[0].Stats()
			m.Run(4 * time.Second)
			after := m.Players[0].Stats()
			if n := after.MissedInputs - before.MissedInputs; n > 5 {
				t.Errorf("the server still misses inputs: %d in 4 s, margin %.2f ticks", n, after.InputMargin)
			}
			if n := after.Snapshots - before.Snapshots; n < 200 {
				t.Errorf("%d snapshots in 4 s", n)
			}
			if after.Corrections-before.Corrections > 5 || after.InputMargin > 4 || after.InterpDelay > 40*time.Millisecond {
				t.Errorf("not recovered: %+v", after)
			}
			settle(m)
		})
	}
}

// own returns the dot of a player in a world.
func own(w *field, p sim.PlayerID) dot {
	if d, ok := w.Dots.Of(p); ok {
		return *d
	}
	return dot{}
}
