package arena

import "github.com/halftick/halftick/netcode/sim"

// join gives a new player a body.
func join(_ *Ctx, w *World, p sim.PlayerID) {
	pl := w.Players.Spawn(p)
	pl.Color = uint8(p-1) % Colors
	pl.Pos = farthestSpawn(w, p)
	revive(pl)
}

func revive(pl *Player) {
	pl.Health, pl.Shield, pl.Vel = MaxHealth, ShieldTicks, sim.Vec2{}
	pl.Dash, pl.Rail, pl.Rocket, pl.Respawn = 0, 0, 0, 0
}

// age counts every timer down by one tick.
func age(w *World) {
	for id, pl := range w.Players.All() {
		countDown(&pl.Dash)
		countDown(&pl.Rail)
		countDown(&pl.Rocket)
		countDown(&pl.Shield)
		if !pl.Alive() {
			wait(w, w.Players.Owner(id), pl)
		}
	}
}

// countDown takes one tick off and reports whether none are left.
func countDown(ticks *uint8) bool {
	if *ticks > 0 {
		*ticks--
	}
	return *ticks == 0
}

// wait brings a dead player one tick nearer to its next life. The body is placed PlaceTicks before it
// lives: a client hears the server's choice of place in time, and nobody sees the body fly there.
func wait(w *World, p sim.PlayerID, pl *Player) {
	done := countDown(&pl.Respawn)
	if pl.Respawn == PlaceTicks {
		pl.Pos, pl.Vel = farthestSpawn(w, p), sim.Vec2{}
	}
	if done {
		revive(pl)
	}
}

// farthestSpawn returns the spawn point whose nearest enemy of p is farthest away. Among equals
// the first from place p on is taken, so that an empty arena fills evenly.
func farthestSpawn(w *World, p sim.PlayerID) sim.Vec2 {
	best, most := sim.Vec2{}, float32(-1)
	for i := range spawns {
		at := spawns[(i+int(p)-1)%len(spawns)]
		if d := nearestEnemy(w, p, at); d > most {
			best, most = at, d
		}
	}
	return best
}

// nearestEnemy returns the square of the distance from a point to the nearest enemy of p who lives or has
// been placed to live again.
func nearestEnemy(w *World, p sim.PlayerID, at sim.Vec2) float32 {
	least := float32(Width*Width + Height*Height)
	for id, e := range w.Players.All() {
		if (e.Alive() || e.Respawn <= PlaceTicks) && w.Players.Owner(id) != p {
			least = min(least, e.Pos.Sub(at).Len2())
		}
	}
	return least
}

// hurt takes health from the player named id, by is who did it, and reports whether it did. The dead and
// the shielded are not hurt.
func hurt(c *Ctx, w *World, id sim.ID, by sim.PlayerID, damage int, with Weapon) bool {
	pl, ok := w.Players.Get(id)
	if !ok || !pl.Alive() || pl.Shield > 0 {
		return false
	}
	whom := w.Players.Owner(id)
	sim.Emit(c, HurtEvent, Hurt{whom, uint8(damage), pl.Pos}, sim.By(by))
	if damage < int(pl.Health) {
		pl.Health -= uint8(damage)
		return true
	}
	kill(w, whom, pl, by)
	sim.Emit(c, DeathEvent, Death{whom, with}, sim.By(by))
	return true
}

// kill ends a life and keeps the score: one for the killer, one off for a suicide.
func kill(w *World, p sim.PlayerID, pl *Player, by sim.PlayerID) {
	pl.Health, pl.Respawn, pl.Killer, pl.Vel = 0, RespawnTicks, by, sim.Vec2{}
	pl.Deaths = min(pl.Deaths+1, MaxDeaths)
	if p == by {
		pl.Score = max(pl.Score-1, MinScore)
	} else if k, ok := w.Players.Of(by); ok {
		k.Score = min(k.Score+1, MaxScore)
	}
}
