package arena

import (
	"testing"

	"github.com/halftick/halftick/netcode/sim"
	"pgregory.net/rapid"
)

// flight fires a rocket of player 1 and waits for its explosion.
func flight(t *testing.T, m *match) (b Boom, ticks int) {
	t.Helper()
	m.once(1, Input{Aim: m.player(1).Aim, AltFire: true})
	for m.world.Rockets.Len() > 0 {
		if ticks++; ticks > RocketTicks {
			t.Fatal("the rocket never exploded")
		}
		m.step(1)
	}
	if len(m.booms) != 1 || m.booms[0].by != 1 || m.booms[0].tick != m.tick {
		t.Fatalf("%+v, want one by player 1 in tick %d", m.booms, m.tick)
	}
	return m.booms[0].Boom, ticks
}

func TestRocketFliesAndExplodesOnAWall(t *testing.T) {
	m := newMatch(1)
	m.put(1, 400, 100, 0)
	m.once(1, Input{AltFire: true})
	r, ok := m.world.Rockets.Of(1)
	if want := float32(400) + PlayerRadius + RocketRadius + float32(RocketSpeed)/TickRate; !ok || r.Pos.X-want > 0.05 || want-r.Pos.X > 0.05 {
		t.Fatalf("rocket %+v, want it at x=%v after its first tick", r, want)
	}
	m = newMatch(1)
	m.put(1, 400, 100, 0)
	b, ticks := flight(t, m)
	if b.At != sim.V(636-RocketRadius, 100) {
		t.Errorf("exploded at %v, want before the wall at x=636", b.At)
	}
	if want := (636 - 400) * TickRate / RocketSpeed; ticks < want-4 || ticks > want {
		t.Errorf("flew %d ticks, want about %d", ticks, want)
	}
}

func TestRocketExplodesOnAPlayer(t *testing.T) {
	m := newMatch(2)
	m.put(1, 350, 100, 0)
	victim := m.put(2, 500, 100, 0)
	b, _ := flight(t, m)
	if gap := 500 - b.At.X; gap < PlayerRadius+RocketRadius-0.1 || gap > PlayerRadius+RocketRadius+0.1 {
		t.Errorf("exploded %v from the player's centre, want %v", gap, PlayerRadius+RocketRadius)
	}
	// A direct hit is RocketRadius away from the edge.
	if got := MaxHealth - victim.Health; got < BlastDamage-4 || got > BlastDamage {
		t.Errorf("damage %d, want nearly %d", got, BlastDamage)
	}
	if v := victim.Vel; v.X < 300 || v.Y != 0 {
		t.Errorf("pushed with %v, want to the right", v)
	}
	if got := m.player(1).Health; got != MaxHealth {
		t.Errorf("the shooter, out of reach, has health %d", got)
	}
}

func TestRocketExplodesByItself(t *testing.T) {
	m := newMatch(1)
	m.put(1, 400, 100, 0)
	m.once(1, Input{AltFire: true})
	r, _ := m.world.Rockets.Of(1)
	r.Vel, r.Life = sim.V(8, 0), 10
	m.step(9)
	if m.world.Rockets.Len() != 1 {
		t.Fatal("exploded too early")
	}
	m.step(1)
	if m.world.Rockets.Len() != 0 || len(m.booms) != 1 {
		t.Error("did not explode at the end of its life")
	}
}

func TestRocketAtTheWallInFrontOfOnesNose(t *testing.T) {
	m := newMatch(1)
	pl := m.put(1, 300-PlayerRadius-skin, 100, 0)
	b, ticks := flight(t, m)
	if ticks != 0 || b.At.X > 300 {
		t.Errorf("exploded after %d ticks at %v", ticks, b.At)
	}
	if pl.Health >= MaxHealth || pl.Vel.X >= 0 {
		t.Errorf("health %d, velocity %v; want to be hurt and pushed off the wall", pl.Health, pl.Vel)
	}
}

// hurtAt returns what a blast does to player 2 at a distance between centre and near edge.
func hurtAt(gap float32, by sim.PlayerID) (damage int, push sim.Vec2) {
	m := newMatch(2)
	m.put(1, 900, 500, 0)
	pl := m.put(2, 400+gap+PlayerRadius, 100, 0)
	m.begin(nil)
	explode(&m.ctx, &m.world, by, sim.V(400, 100))
	return MaxHealth - int(pl.Health), pl.Vel
}

func TestBlastFallsOffWithDistance(t *testing.T) {
	for _, c := range []struct {
		gap    float32
		damage int
	}{{-PlayerRadius, BlastDamage}, {0, BlastDamage}, {BlastRadius / 2, (BlastDamage + BlastEdge) / 2}, {BlastRadius - 0.01, BlastEdge}, {BlastRadius, 0}, {200, 0}} {
		if got, _ := hurtAt(c.gap, 1); got != c.damage {
			t.Errorf("at %v: damage %d, want %d", c.gap, got, c.damage)
		}
		if got, _ := hurtAt(c.gap, 2); got != c.damage/2 {
			t.Errorf("own rocket at %v: damage %d, want %d", c.gap, got, c.damage/2)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		near := rapid.Float32Range(0, 100).Draw(t, "near")
		far := near + rapid.Float32Range(0, 20).Draw(t, "farther by")
		d1, v1 := hurtAt(near, 1)
		d2, v2 := hurtAt(far, 1)
		if d1 < d2 || v1.Len() < v2.Len() {
			t.Fatalf("nearer: damage %d, push %v; farther: %d, %v", d1, v1, d2, v2)
		}
	})
}

func TestWallsShelterFromABlast(t *testing.T) {
	m := newMatch(2)
	m.put(1, 900, 500, 0)
	pl := m.put(2, 324+PlayerRadius+1, 80, 0)
	explode(&m.ctx, &m.world, 1, sim.V(295, 80))
	if pl.Health != MaxHealth || pl.Vel != (sim.Vec2{}) {
		t.Errorf("health %d, velocity %v behind a wall", pl.Health, pl.Vel)
	}
}

func TestShieldHoldsABlastOff(t *testing.T) {
	m := newMatch(2)
	m.put(1, 900, 500, 0)
	pl := m.put(2, 420, 80, 0)
	pl.Shield = 1
	explode(&m.ctx, &m.world, 1, sim.V(400, 80))
	if pl.Health != MaxHealth || pl.Vel != (sim.Vec2{}) {
		t.Errorf("health %d, velocity %v behind a shield", pl.Health, pl.Vel)
	}
}

func TestRocketCooldown(t *testing.T) {
	m := newMatch(1)
	m.put(1, 400, 100, 0)
	m.press(1, Input{AltFire: true})
	shots := 0
	for range 3 * RocketCooldown {
		m.step(1)
		m.player(1).Health = MaxHealth
		if m.player(1).Rocket == RocketCooldown {
			shots++
		}
	}
	if shots != 3 {
		t.Errorf("%d rockets, want 3", shots)
	}
}

// A client predicts with its own input alone, tick after tick upon the same newest snapshot. What another
// player's rocket does to it is the server's to say.
func TestRocketsOfOthersAreNotPredicted(t *testing.T) {
	m := newMatch(2)
	m.put(1, 350, 100, 0)
	m.put(2, 500, 100, 0)
	m.once(1, Input{AltFire: true})
	for r, _ := m.world.Rockets.Of(1); r.Pos.X < 500-PlayerRadius-RocketRadius-8; {
		m.step(1)
	}
	m.begin(m.entries[1:])
	m.game.Step(&m.ctx, &m.world)
	if pl := m.player(2); pl.Health != MaxHealth || pl.Vel != (sim.Vec2{}) || len(m.booms) != 0 {
		t.Errorf("the client of the victim guesses %+v and %d blasts", *pl, len(m.booms))
	}
	m.begin(m.entries)
	m.game.Step(&m.ctx, &m.world)
	if pl := m.player(2); pl.Health == MaxHealth {
		t.Error("the server does not know the hit either: the test proves nothing")
	}
}
