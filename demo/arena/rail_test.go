package arena

import (
	"math"
	"testing"

	"github.com/halftick/halftick/netcode/sim"
)

// oneBeam returns the only beam, which must be player 1's.
func oneBeam(t *testing.T, m *match) Beam {
	t.Helper()
	b, ok := m.world.Beams.Of(1)
	if !ok || m.world.Beams.Len() != 1 {
		t.Fatalf("%d beams, want one of player 1", m.world.Beams.Len())
	}
	return *b
}

func TestRailHitsTheFirstInLine(t *testing.T) {
	m := newMatch(3)
	m.put(1, 350, 100, 0)
	m.put(2, 560, 105, 0)
	m.put(3, 450, 95, 0)
	m.once(1, Input{Fire: true})
	if h2, h3 := m.player(2).Health, m.player(3).Health; h2 != MaxHealth || h3 != MaxHealth-RailDamage {
		t.Errorf("health %d and %d; want the nearer one hurt alone", h2, h3)
	}
	b := oneBeam(t, m)
	if b.From != sim.V(350, 100) || b.To.X < 437 || b.To.X > 439 || b.Hit != 3 || b.Lag != 0 || b.Life != BeamTicks {
		t.Errorf("beam %+v", b)
	}
	if got := m.player(1).Health; got != MaxHealth {
		t.Errorf("the shooter has health %d", got)
	}
}

func TestRailMisses(t *testing.T) {
	m := newMatch(2)
	m.put(1, 350, 100, 0)
	m.put(2, 560, 100+PlayerRadius+1, 0)
	m.once(1, Input{Fire: true})
	if b := oneBeam(t, m); b.Hit != 0 || b.To.X != 636 {
		t.Errorf("beam %+v; want a miss that ends on the wall at x=636", b)
	}
	m.step(RailCooldown)
	m.once(1, Input{Fire: true, Aim: math.Pi}) // looks the other way
	if got := m.player(2).Health; got != MaxHealth {
		t.Errorf("missed twice, health %d", got)
	}
}

func TestWallsStopARail(t *testing.T) {
	m := newMatch(2)
	m.put(1, 250, 100, 0)
	m.put(2, 400, 100, 0)
	m.once(1, Input{Fire: true})
	if b := oneBeam(t, m); b.Hit != 0 || b.To != sim.V(300, 100) {
		t.Errorf("beam %+v, want it to end at (300, 100)", b)
	}
	m.put(1, 250, 210, 0)
	m.put(2, 400, 210, 0)
	m.step(RailCooldown)
	m.once(1, Input{Fire: true})
	if got := m.player(2).Health; got != MaxHealth-RailDamage {
		t.Errorf("through the doorway: health %d", got)
	}
}

// pastMatch is a match in which player 1 sees player 2 where it stood before, lag ticks ago.
func pastMatch(lag float32) (m, before *match) {
	m, before = newMatch(2), newMatch(2)
	m.past = func(p sim.PlayerID) sim.Past[World] {
		return sim.Past[World]{World: &before.world, Lag: lag}
	}
	m.put(1, 350, 100, 0)
	before.put(1, 350, 400, 0)
	before.put(2, 500, 100, 0)
	m.put(2, 500, 160, 0)
	return m, before
}

func TestRailIsJudgedInThePast(t *testing.T) {
	m, _ := pastMatch(7.25)
	m.once(1, Input{Fire: true})
	if got := m.player(2).Health; got != MaxHealth-RailDamage {
		t.Errorf("health %d; want a hit where the shooter saw it", got)
	}
	b := oneBeam(t, m)
	if b.Hit != 2 || b.From != sim.V(350, 100) || b.Lag != 7*LagUnit+LagUnit/4 {
		t.Errorf("beam %+v", b)
	}
	m.step(RailCooldown)
	m.put(2, 500, 100, 0)
	before := m.past(1).World
	pl, _ := before.Players.Of(2)
	pl.Pos = sim.V(500, 160)
	m.once(1, Input{Fire: true})
	if got := m.player(2).Health; got != MaxHealth-RailDamage {
		t.Errorf("health %d; want a miss: the shooter did not see it there", got)
	}
}

func TestThePastIsNotChanged(t *testing.T) {
	m, before := pastMatch(4)
	was := rows(&before.world, 0)
	m.once(1, Input{Fire: true})
	mustEqual(t, m.tick, rows(&before.world, 0), was)
}

func TestWhoIsDeadOrGoneStopsNoBeam(t *testing.T) {
	m, _ := pastMatch(4)
	m.player(2).Health, m.player(2).Respawn = 0, 50
	m.once(1, Input{Fire: true})
	if b := oneBeam(t, m); b.Hit != 0 || b.To.X != 636 {
		t.Errorf("dead now: beam %+v", b)
	}
	m, before := pastMatch(4)
	old, _ := before.world.Players.Of(2)
	old.Health = 0
	m.once(1, Input{Fire: true})
	if b := oneBeam(t, m); b.Hit != 0 || m.player(2).Health != MaxHealth {
		t.Errorf("dead on the screen: beam %+v", b)
	}
	m, _ = pastMatch(4)
	m.world.Players.DespawnOwned(2)
	m.entries = m.entries[:1]
	m.once(1, Input{Fire: true})
	if b := oneBeam(t, m); b.Hit != 0 || b.To.X != 636 {
		t.Errorf("gone: beam %+v", b)
	}
}

func TestShieldStopsABeamUnhurt(t *testing.T) {
	m := newMatch(2)
	m.put(1, 350, 100, 0)
	m.put(2, 500, 100, 0).Shield = 10
	m.once(1, Input{Fire: true})
	if b := oneBeam(t, m); b.Hit != 0 || b.To.X > 490 || m.player(2).Health != MaxHealth {
		t.Errorf("beam %+v, health %d", b, m.player(2).Health)
	}
}

func TestLagIsBounded(t *testing.T) {
	for lag, want := range map[float32]uint16{-3: 0, 0: 0, 1: 32, 0.5: 16, 5000: 65535} {
		if got := lagUnits(lag); got != want {
			t.Errorf("lagUnits(%v) = %d, want %d", lag, got, want)
		}
	}
}

func TestRailCooldownAndBeamLife(t *testing.T) {
	m := newMatch(1)
	m.put(1, 400, 100, 0)
	m.press(1, Input{Fire: true})
	shots := 0
	for range 3 * RailCooldown {
		m.step(1)
		if m.player(1).Rail == RailCooldown {
			shots++
		}
		if n := m.world.Beams.Len(); (n > 0) != (m.player(1).Rail > RailCooldown-BeamTicks) {
			t.Fatalf("%d beams %d ticks after a shot", n, RailCooldown-m.player(1).Rail)
		}
	}
	if shots != 3 {
		t.Errorf("%d shots, want 3", shots)
	}
}

// Two players who shoot each other in the same tick both die, whatever their ids.
func TestTrade(t *testing.T) {
	m := newMatch(2)
	m.put(1, 400, 100, 0).Health = 50
	m.put(2, 560, 100, math.Pi).Health = 50
	m.press(1, Input{Fire: true})
	m.press(2, Input{Fire: true, Aim: math.Pi})
	m.step(1)
	for p := sim.PlayerID(1); p <= 2; p++ {
		if pl := m.player(p); pl.Alive() || pl.Score != 1 || pl.Deaths != 1 {
			t.Errorf("player %d: %+v; want dead with one kill", p, *pl)
		}
	}
}
