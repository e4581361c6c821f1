// Package sim is the game contract: what a game developer writes against.
//
// A game is one plain value (the world, W), one plain input (I) and one function, Step. The same
// Step runs on the authoritative server, in the predicting client, in bots, in replays and in tests,
// unchanged. This package knows no network, reads no clock and starts no goroutine.
//
//	type World struct { Players sim.Table[Player] }
//	type Input struct { Dx, Dy int8 `net:"range=-1:1"` }
//	var game = &sim.Game[World, Input]{Name: "hello", TickRate: 60, Join: ..., Step: ...}
//
// Reading order: game.go (the contract), ctx.go (what Step is given), table.go (rows with stable ids), custom.go (values that say themselves how they travel), view.go
// (who may know which of them), event.go (what happens), call.go (what clients ask), kinds.go and limits.go (what a game may declare of both), vec.go and
// rand.go (arithmetic and chance that are equal on every machine).
//
// Rules for Step, because it is replayed: no clock, no goroutine, no global, no math/rand, no map
// iteration; and float32(x*y)+z instead of x*y+z, since Go may fuse the latter on some CPUs.
package sim
