package arena

import "github.com/halftick/halftick/netcode/sim"

// fireRail shoots along pl.Aim at once, through the world as p saw it: whoever stood in the line on p's
// screen is hit, though by now they may be elsewhere. The damage is dealt in the present.
func fireRail(c *Ctx, w *World, p sim.PlayerID, pl *Player) {
	pl.Rail, pl.Shield = RailCooldown, 0
	past := c.PastOf(p)
	dir := Dir(pl.Aim)
	reach := cast(pl.Pos, dir, farAway, 0)
	id, reach := firstHit(w, past.World, p, pl.Pos, dir, reach)
	var victim sim.PlayerID
	if hurt(c, w, id, p, RailDamage, Rail) {
		victim = w.Players.Owner(id)
	}
	sim.Emit(c, ShotEvent, Shot{From: pl.Pos, To: pl.Pos.Add(dir.Mul(reach)), Hit: victim, Lag: past.Lag}, sim.By(p))
}

// firstHit returns the first player that a ray meets in the past, but p itself and those who are not in
// play any more; or 0 and reach.
func firstHit(w, past *World, p sim.PlayerID, from, dir sim.Vec2, reach float32) (first sim.ID, at float32) {
	for id, t := range past.Players.All() {
		if past.Players.Owner(id) == p || !t.Alive() {
			continue
		}
		if now, ok := w.Players.Get(id); !ok || !now.Alive() {
			continue
		}
		if d, ok := circle(from, dir, t.Pos, PlayerRadius, reach); ok {
			first, reach = id, d
		}
	}
	return first, reach
}
