package arena

import "github.com/halftick/halftick/netcode/sim"

// Game returns the game, to be given to a server or a client. Whoever leaves takes all rows along.
func Game() *sim.Game[World, Input] {
	return &sim.Game[World, Input]{
		Name:     "arena",
		TickRate: TickRate,
		Join:     join,
		Step:     step,
		Check:    check,
		Events:   []sim.AnyEvent{ShotEvent, BoomEvent, HurtEvent, DeathEvent},
	}
}

// step is one tick. Weapons fire before anybody moves: the shooter aimed from where it last saw itself.
func step(c *Ctx, w *World) {
	age(w)
	for id, pl := range w.Players.All() {
		p := w.Players.Owner(id)
		in, _ := c.Input(p)
		fireWeapons(c, w, p, pl, in)
	}
	for id, pl := range w.Players.All() {
		in, _ := c.Input(w.Players.Owner(id))
		movePlayer(pl, in, c.DT)
	}
	flyRockets(c, w)
}

// fireWeapons takes aim and shoots. Players who died this very tick still shoot: of two who fire in the
// same tick, the one with the lower PlayerID must not win.
func fireWeapons(c *Ctx, w *World, p sim.PlayerID, pl *Player, in Input) {
	if !pl.Alive() && pl.Respawn != RespawnTicks {
		return
	}
	if saneAngle(in.Aim) {
		pl.Aim = in.Aim
	}
	if in.Fire && pl.Rail == 0 {
		fireRail(c, w, p, pl)
	}
	if in.AltFire && pl.Rocket == 0 {
		fireRocket(w, p, pl)
	}
}

// check makes an input one that the arena knows: the server calls it on whatever a client sent.
func check(_ sim.PlayerID, prev, in Input) Input {
	in.Dx, in.Dy = min(max(in.Dx, -1), 1), min(max(in.Dy, -1), 1)
	if !saneAngle(in.Aim) {
		in.Aim = prev.Aim
	}
	return in
}
