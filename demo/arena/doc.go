// Package arena is the demo game: a top-down duel with a dash, a rail gun and rockets.
//
// It is rules alone: it knows no network, no clock and no screen, and runs the same on a server, in a
// predicting client, in a bot and in a test. Each mechanic shows one technique of multiplayer play: the
// dash is predicted, the rail gun is judged in the past its shooter saw, a rocket is spawned by
// prediction.
//
// Reading order: world.go (what there is, with every number), game.go (the Game and the order of a
// tick), move.go, rail.go, rocket.go, life.go (the rules), events.go (what is heard of them), level.go and aim.go
// (walls and directions), bot.go and nav.go (players made of code).
//
// Units: positions in world units, the level being 960 by 540 with y downwards; speeds in units per
// second; times in ticks of 1/60 s; angles in radians, 0 to the right, growing clockwise on screen.
package arena
