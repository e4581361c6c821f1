package arena

import "github.com/halftick/halftick/netcode/sim"

// fireRocket spawns a rocket in front of the player. A predicting client spawns the same one at once.
func fireRocket(w *World, p sim.PlayerID, pl *Player) {
	pl.Rocket, pl.Shield = RocketCooldown, 0
	dir := Dir(pl.Aim)
	muzzle := cast(pl.Pos, dir, PlayerRadius+RocketRadius, RocketRadius)
	*w.Rockets.Spawn(p) = Rocket{
		Pos: pl.Pos.Add(dir.Mul(muzzle)), Vel: dir.Mul(RocketSpeed), Life: RocketTicks,
	}
}

// flyRockets moves every rocket by one tick and explodes those that met a wall, a player or their end.
//
// Rockets of players without an input stay where they are. The server has one of everybody; a predicting
// client has its own player's alone, and sees the rockets of others as the newest snapshot has them in every
// tick that it predicts or replays. One that is about to explode would hurt its player in each of them.
func flyRockets(c *Ctx, w *World) {
	for id, r := range w.Rockets.All() {
		p := w.Rockets.Owner(id)
		if _, ok := c.Input(p); !ok {
			continue
		}
		step := r.Vel.Mul(c.DT)
		length := step.Len()
		dir := step.Unit()
		free := firstTouch(w, p, r.Pos, dir, cast(r.Pos, dir, length, RocketRadius))
		r.Pos = r.Pos.Add(dir.Mul(free))
		r.Life--
		if free < length || r.Life == 0 {
			explode(c, w, p, r.Pos)
			w.Rockets.Despawn(id)
		}
	}
}

// firstTouch returns how far a rocket of p flies until it touches somebody else, at most reach.
func firstTouch(w *World, p sim.PlayerID, from, dir sim.Vec2, reach float32) float32 {
	for id, t := range w.Players.All() {
		if w.Players.Owner(id) == p || !t.Alive() {
			continue
		}
		if d, ok := circle(from, dir, t.Pos, PlayerRadius+RocketRadius, reach); ok {
			reach = d
		}
	}
	return reach
}

// explode hurts and pushes everybody in reach whom no wall shelters. Who fired is pushed as hard as the
// others but hurt half as much, so that a rocket at one's own feet can be a way to move.
func explode(c *Ctx, w *World, p sim.PlayerID, at sim.Vec2) {
	sim.Emit(c, BoomEvent, Boom{at}, sim.By(p))
	for id, t := range w.Players.All() {
		gap := t.Pos.Sub(at)
		d := max(gap.Len()-PlayerRadius, 0)
		if !t.Alive() || t.Shield > 0 || d >= BlastRadius || !sees(at, t.Pos) {
			continue
		}
		closeness := 1 - d/BlastRadius
		damage := BlastEdge + int(float32((BlastDamage-BlastEdge)*closeness))
		if w.Players.Owner(id) == p {
			damage /= 2
		}
		t.Vel = limit(t.Vel.Add(gap.Unit().Mul(BlastPush*closeness)), SpeedLimit)
		hurt(c, w, id, p, damage, RocketBlast)
	}
}
