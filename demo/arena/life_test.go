package arena

import (
	"testing"

	"github.com/halftick/halftick/netcode/sim"
	"pgregory.net/rapid"
)

func TestJoinSpreadsPlayers(t *testing.T) {
	m := newMatch(len(spawns))
	taken := map[sim.Vec2]bool{}
	for _, pl := range m.world.Players.All() {
		if taken[pl.Pos] {
			t.Errorf("two players at %v", pl.Pos)
		}
		taken[pl.Pos] = true
		if pl.Health != MaxHealth {
			t.Errorf("joined with health %d", pl.Health)
		}
	}
	if a, b := m.player(1), m.player(2); a.Color == b.Color {
		t.Error("the first two players have the same colour")
	}
}

func TestDeathAndRespawn(t *testing.T) {
	m := newMatch(2)
	m.put(1, 60, 60, 0)
	victim := m.put(2, 480, 100, 0)
	id, _, _ := m.world.Players.Find(2)
	hurt(&m.ctx, &m.world, id, 1, MaxHealth, Rail)
	if victim.Alive() || victim.Respawn != RespawnTicks || victim.Killer != 1 || victim.Deaths != 1 {
		t.Fatalf("after death: %+v", *victim)
	}
	m.press(2, Input{Dx: 1, Fire: true, AltFire: true, Dash: true, Aim: 1})
	m.step(RespawnTicks - PlaceTicks - 1)
	if victim.Pos != sim.V(480, 100) || victim.Aim != 0 || len(m.shots)+m.world.Rockets.Len() != 0 {
		t.Errorf("the dead acts: %+v", *victim)
	}
	m.step(1)
	if victim.Pos != spawns[1] { // the far corner from (60, 60)
		t.Errorf("placed at %v, want %v", victim.Pos, spawns[1])
	}
	m.press(2, Input{})
	m.step(PlaceTicks - 1)
	if victim.Alive() {
		t.Error("alive a tick too early")
	}
	m.step(1)
	if victim.Health != MaxHealth || victim.Shield != ShieldTicks || victim.Pos != spawns[1] {
		t.Errorf("respawned as %+v", *victim)
	}
	hurt(&m.ctx, &m.world, id, 1, MaxHealth, Rail)
	m.step(ShieldTicks - 1)
	hurt(&m.ctx, &m.world, id, 1, MaxHealth, Rail)
	if victim.Health != MaxHealth {
		t.Error("hurt through the shield")
	}
	m.step(1)
	if !hurt(&m.ctx, &m.world, id, 1, 1, Rail) || victim.Health != MaxHealth-1 {
		t.Error("not hurt after the shield")
	}
}

func TestFiringDropsTheShield(t *testing.T) {
	for _, in := range []Input{{Fire: true}, {AltFire: true}} {
		m := newMatch(1)
		pl := m.put(1, 480, 60, 0)
		pl.Shield = ShieldTicks
		m.step(1)
		if pl.Shield != ShieldTicks-1 {
			t.Errorf("shield %d after a tick", pl.Shield)
		}
		m.once(1, in)
		if pl.Shield != 0 {
			t.Errorf("%+v: shield %d", in, pl.Shield)
		}
	}
}

func TestRespawnIsFarthestFromTheLiving(t *testing.T) {
	m := newMatch(3)
	m.put(1, 60, 60, 0)
	dead := m.put(3, 900, 480, 0)
	dead.Health, dead.Respawn = 0, RespawnTicks // where the dead fell does not count
	if got := farthestSpawn(&m.world, 2); got != spawns[1] {
		t.Errorf("spawn %v, want %v", got, spawns[1])
	}
	m.player(3).Health = 1
	m.player(2).Pos = sim.V(50, 490) // one's own body does not count
	if got := farthestSpawn(&m.world, 2); got != spawns[2] && got != spawns[3] {
		t.Errorf("spawn %v, want one of the free corners", got)
	}
}

func TestThoseWhoDieTogetherReturnApart(t *testing.T) {
	m := newMatch(4)
	for _, p := range []sim.PlayerID{2, 3, 4} {
		id, _, _ := m.world.Players.Find(p)
		hurt(&m.ctx, &m.world, id, 1, MaxHealth, Rail)
	}
	m.step(RespawnTicks)
	places := map[sim.Vec2]bool{}
	for p := sim.PlayerID(2); p <= 4; p++ {
		if pl := m.player(p); !pl.Alive() || places[pl.Pos] {
			t.Errorf("player %d returned at %v, alive %v, where another is", p, pl.Pos, pl.Alive())
		} else {
			places[pl.Pos] = true
		}
	}
}

func TestScore(t *testing.T) {
	m := newMatch(2)
	kill := func(victim, by sim.PlayerID) {
		m.player(victim).Health = 1
		id, _, _ := m.world.Players.Find(victim)
		hurt(&m.ctx, &m.world, id, by, 1, Rail)
	}
	kill(2, 1)
	if a, b := m.player(1), m.player(2); a.Score != 1 || a.Deaths != 0 || b.Score != 0 || b.Deaths != 1 {
		t.Errorf("after a kill: %+v, %+v", *a, *b)
	}
	kill(1, 1)
	if a := m.player(1); a.Score != 0 || a.Deaths != 1 || a.Killer != 1 {
		t.Errorf("after a suicide: %+v", *a)
	}
	kill(2, 99) // somebody who has left
	if b := m.player(2); b.Score != 0 || b.Deaths != 2 || b.Killer != 99 {
		t.Errorf("killed by nobody: %+v", *b)
	}
	m.player(1).Score, m.player(2).Score, m.player(2).Deaths = MaxScore, MinScore, MaxDeaths
	kill(2, 1)
	kill(2, 2)
	if a, b := m.player(1), m.player(2); a.Score != MaxScore || b.Score != MinScore || b.Deaths != MaxDeaths {
		t.Errorf("at the limits: %+v, %+v", *a, *b)
	}
}

func TestTheDeadDieOnce(t *testing.T) {
	m := newMatch(2)
	id, pl, _ := m.world.Players.Find(2)
	if !hurt(&m.ctx, &m.world, id, 1, MaxHealth, Rail) || hurt(&m.ctx, &m.world, id, 1, MaxHealth, Rail) {
		t.Error("want the first blow to hurt and the second not to")
	}
	if pl.Deaths != 1 || m.player(1).Score != 1 {
		t.Errorf("%d deaths, score %d", pl.Deaths, m.player(1).Score)
	}
	if hurt(&m.ctx, &m.world, 0, 1, 10, Rail) || hurt(&m.ctx, &m.world, id+1<<16, 1, 10, Rail) {
		t.Error("hurt a player who is not there")
	}
}

// Health only falls, but for a respawn, and what is on the wire stays in its range.
func TestNumbersStayInRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rand := sim.NewRand(rapid.Uint64().Draw(t, "seed"))
		m := newMatch(6)
		var before [7]uint8
		for range 15 * TickRate {
			for p := range m.entries {
				m.entries[p].Input = randomInput(&rand)
			}
			m.step(1)
			for id, pl := range m.world.Players.All() {
				p := m.world.Players.Owner(id)
				if h := pl.Health; h > MaxHealth || h > before[p] && before[p] > 0 {
					t.Fatalf("tick %d: health of %d went from %d to %d", m.tick, p, before[p], h)
				}
				before[p] = pl.Health
				mustBeInRange(t, m.tick, pl)
			}
		}
	})
}

func mustBeInRange(t *rapid.T, tick sim.Tick, pl *Player) {
	if pl.Dash > DashCooldown || pl.Rail > RailCooldown || pl.Rocket > RocketCooldown ||
		pl.Respawn > RespawnTicks || pl.Shield > ShieldTicks || pl.Vel.Len() > SpeedLimit+1 ||
		pl.Alive() == (pl.Respawn > 0) {
		t.Fatalf("tick %d: %+v", tick, *pl)
	}
}

func TestLeavingTakesTheRowsAlong(t *testing.T) {
	m := newMatch(2)
	m.put(1, 400, 60, 0)
	m.once(1, Input{Fire: true, AltFire: true})
	if m.world.Rockets.Len() != 1 || len(m.shots) != 1 {
		t.Fatal("nothing was fired")
	}
	if m.game.Leave != nil {
		t.Error("want Leave nil: the engine removes what the player owned")
	}
	for _, table := range []sim.Rows{&m.world.Players, &m.world.Rockets} {
		table.DespawnOwned(1)
	}
	m.entries = m.entries[1:]
	m.player(2).Killer = 1
	m.step(2 * RocketTicks) // must play on
	if w := &m.world; w.Players.Len() != 1 || w.Rockets.Len() != 0 {
		t.Error("something of the player who left is still there")
	}
}
