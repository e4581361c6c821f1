package arena

import (
	"math"
	"slices"
	"testing"

	"github.com/halftick/halftick/netcode/sim"
)

// oneShot returns the only shot so far, which must be player 1's, and forgets it.
func oneShot(t *testing.T, m *match) Shot {
	t.Helper()
	if len(m.shots) != 1 || m.shots[0].by != 1 {
		t.Fatalf("%+v, want one shot by player 1", m.shots)
	}
	shot := m.shots[0].Shot
	m.shots = nil
	return shot
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
	b := oneShot(t, m)
	if b.From != sim.V(350, 100) || b.To.X < 437 || b.To.X > 439 || b.Hit != 3 || b.Lag != 0 {
		t.Errorf("shot %+v", b)
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
	if b := oneShot(t, m); b.Hit != 0 || b.To.X != 636 {
		t.Errorf("shot %+v; want a miss that ends on the wall at x=636", b)
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
	if b := oneShot(t, m); b.Hit != 0 || b.To != sim.V(300, 100) {
		t.Errorf("shot %+v, want it to end at (300, 100)", b)
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
	b := oneShot(t, m)
	if b.Hit != 2 || b.From != sim.V(350, 100) || b.Lag != 7.25 {
		t.Errorf("shot %+v", b)
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
	if b := oneShot(t, m); b.Hit != 0 || b.To.X != 636 {
		t.Errorf("dead now: shot %+v", b)
	}
	m, before := pastMatch(4)
	old, _ := before.world.Players.Of(2)
	old.Health = 0
	m.once(1, Input{Fire: true})
	if b := oneShot(t, m); b.Hit != 0 || m.player(2).Health != MaxHealth {
		t.Errorf("dead on the screen: shot %+v", b)
	}
	m, _ = pastMatch(4)
	m.world.Players.DespawnOwned(2)
	m.entries = m.entries[:1]
	m.once(1, Input{Fire: true})
	if b := oneShot(t, m); b.Hit != 0 || b.To.X != 636 {
		t.Errorf("gone: shot %+v", b)
	}
}

func TestShieldStopsABeamUnhurt(t *testing.T) {
	m := newMatch(2)
	m.put(1, 350, 100, 0)
	m.put(2, 500, 100, 0).Shield = 10
	m.once(1, Input{Fire: true})
	if b := oneShot(t, m); b.Hit != 0 || b.To.X > 490 || m.player(2).Health != MaxHealth {
		t.Errorf("shot %+v, health %d", b, m.player(2).Health)
	}
}

func TestRailCooldown(t *testing.T) {
	m := newMatch(1)
	m.put(1, 400, 100, 0)
	m.press(1, Input{Fire: true})
	shots := 0
	for range 3 * RailCooldown {
		m.step(1)
		if m.player(1).Rail == RailCooldown {
			shots++
		}
	}
	if shots != 3 || len(m.shots) != 3 {
		t.Errorf("%d shots, %d of them heard; want 3", shots, len(m.shots))
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
	if want := []Death{{2, Rail}, {1, Rail}}; !slices.Equal(m.deaths, want) || len(m.hurts) != 2 || m.hurts[0].Damage != RailDamage {
		t.Errorf("heard of the deaths %v, want %v; hurts %v", m.deaths, want, m.hurts)
	}
}
