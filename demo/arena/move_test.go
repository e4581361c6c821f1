package arena

import (
	"testing"

	"github.com/halftick/halftick/netcode/sim"
	"pgregory.net/rapid"
)

func TestNobodyIsEverInsideAWall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		hold := rapid.IntRange(1, 40).Draw(t, "ticks a key is held")
		m := newMatch(8)
		rand := sim.NewRand(seed)
		for tick := range 20 * TickRate {
			for p := range m.entries {
				if (tick+p)%hold == 0 {
					m.entries[p].Input = randomInput(&rand)
				}
			}
			m.step(1)
			mustBeClear(t, m)
		}
	})
}

// A body leaning on a corner is pushed out and rounded to the grid in every tick; it must not wander off.
func TestStandingStillIsStill(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMatch(1)
		r := walls[rapid.IntRange(0, len(walls)-1).Draw(t, "wall")]
		dir := directions[rapid.IntRange(0, AimSteps-1).Draw(t, "direction")]
		pl := m.put(1, 0, 0, 0)
		pl.Pos = sim.V(r.Max.X, r.Max.Y).Add(dir.Mul(PlayerRadius + rapid.Float32Range(0, 0.1).Draw(t, "gap")))
		if blocked(pl.Pos) {
			return
		}
		m.step(2)
		at := pl.Pos
		m.step(30)
		if pl.Pos != at {
			t.Fatalf("crept from %v to %v", at, pl.Pos)
		}
	})
}

func TestBotsAreNeverInsideAWall(t *testing.T) {
	const seed = 11
	t.Logf("seed %d", seed)
	m := newBotMatch(8, seed)
	for range 3 * 60 * TickRate {
		m.play()
		mustBeClear(t, m.match)
	}
}

func mustBeClear(t interface{ Fatalf(string, ...any) }, m *match) {
	for id, pl := range m.world.Players.All() {
		if blocked(pl.Pos) {
			t.Fatalf("tick %d: player %d is in a wall at %v, velocity %v", m.tick, m.world.Players.Owner(id), pl.Pos, pl.Vel)
		}
	}
}

func TestRunningReachesFullSpeedAndBrakes(t *testing.T) {
	m := newMatch(1)
	pl := m.put(1, 480, 60, 0)
	m.press(1, Input{Dx: 1})
	m.step(6)
	if pl.Vel != sim.V(MaxSpeed, 0) {
		t.Errorf("after 6 ticks: velocity %v, want %v to the right", pl.Vel, MaxSpeed)
	}
	m.press(1, Input{})
	m.step(6)
	if pl.Vel != (sim.Vec2{}) {
		t.Errorf("6 ticks after letting go: velocity %v, want 0", pl.Vel)
	}
}

func TestDiagonalIsNotFaster(t *testing.T) {
	m := newMatch(1)
	pl := m.put(1, 400, 100, 0)
	m.press(1, Input{Dx: 1, Dy: 1})
	m.step(20)
	if v := pl.Vel.Len(); v < MaxSpeed-1 || v > MaxSpeed+1 {
		t.Errorf("diagonal speed %v, want %v", v, MaxSpeed)
	}
}

func TestSlidingAlongAWall(t *testing.T) {
	m := newMatch(1)
	pl := m.put(1, 300-PlayerRadius-1, 50, 0)
	m.press(1, Input{Dx: 1, Dy: 1})
	m.step(30)
	if pl.Pos.Y < 100 || pl.Pos.X > 300-PlayerRadius {
		t.Errorf("ended at %v; want to have slid down along the wall at x=300", pl.Pos)
	}
	if pl.Vel.Len() < 150 {
		t.Errorf("speed %v: the wall takes only the speed into it", pl.Vel)
	}
}

func TestWallsStopADash(t *testing.T) {
	for _, gap := range []float32{1, 3, 7, 30, 60} {
		m := newMatch(1)
		pl := m.put(1, 300-PlayerRadius-gap, 100, 0)
		m.press(1, Input{Dx: 1, Dash: true})
		m.step(DashTicks)
		if pl.Pos.X > 300-PlayerRadius || pl.Pos.X < 300-PlayerRadius-0.1 {
			t.Errorf("gap %v: dash ended at x=%v, want at the wall, %v", gap, pl.Pos.X, 300-PlayerRadius)
		}
	}
}

func TestDash(t *testing.T) {
	m := newMatch(1)
	pl := m.put(1, 400, 100, 0)
	m.once(1, Input{Aim: 0, Dash: true}) // no direction pressed: where it aims
	for range DashTicks - 1 {
		if !pl.Dashing() {
			t.Fatalf("dash over after %d ticks, want %d", m.tick, DashTicks)
		}
		m.press(1, Input{Dx: -1}) // has no say until the dash is over
		m.step(1)
	}
	if got, want := pl.Pos.X-400, float32(DashSpeed*DashTicks)/TickRate; got != want {
		t.Errorf("dash covered %v, want %v", got, want)
	}
	m.press(1, Input{})
	m.step(1)
	if pl.Dashing() || pl.Vel.Len() > MaxSpeed {
		t.Errorf("a tick after the dash: dashing %v at speed %v", pl.Dashing(), pl.Vel.Len())
	}
}

func TestDashCooldown(t *testing.T) {
	m := newMatch(1)
	pl := m.put(1, 400, 100, 0)
	var starts []sim.Tick
	for range 3 * DashCooldown {
		m.press(1, Input{Dx: 1 - 2*int8(len(starts)%2), Dash: true})
		m.step(1)
		if pl.Dash == DashCooldown {
			starts = append(starts, m.tick)
		}
	}
	if len(starts) != 3 {
		t.Fatalf("dashed at ticks %v, want 3 times", starts)
	}
	for i := 1; i < len(starts); i++ {
		if d := starts[i].Sub(starts[i-1]); d != DashCooldown {
			t.Errorf("%d ticks between dashes, want %d", d, DashCooldown)
		}
	}
}
