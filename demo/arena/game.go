package arena

import "github.com/halftick/halftick/netcode/sim"

// Game returns the game, to be given to a server or a client.
func Game() *sim.Game[World, Input] {
	return &sim.Game[World, Input]{Name: "arena", TickRate: TickRate, Step: func(*Ctx, *World) {}}
}
