// Package p2p plays a match without a server: 2 to 4 players, each of whom computes the whole world, exchange nothing but their inputs.
// It is the rollback of GGPO over this module's sessions, and it runs the same sim.Game as server and client do.
//
//	p, err := p2p.Join(ctx, game, p2p.Config{Player: 2, Addrs: []string{"ann.example:7000", ":7000"}})
//	...
//	err = p.Update(input)   // once per frame
//	world := p.View()       // what to draw
//
// # How it works
//
//	own input, sampled at tick 100 --(InputDelay 2)--> is for tick 102 everywhere, own screen included
//
//	tick          97   98   99  100  101
//	own            x    x    x    x    x    (and 102, 103 already)
//	Bob's          x    x    ?    ?    ?    not here yet: what he did last is repeated
//	               confirmed | guessed  |
//
//	Bob's 99 comes and is what was guessed: 99 is confirmed, nothing is computed again.
//	Bob's 99 comes and is not: the world of 98 is taken back, and 99 to 101 are computed again within the same frame.
//
// No more than MaxPrediction ticks are guessed; then the match waits for the missing input. Whoever is ahead of the others runs a
// little slower (see pace.go). Every 30 ticks the players exchange hashes of a confirmed tick; when these differ the match ends with
// a *DesyncError that names table, row and field. Game.Step must be deterministic: see package netvet, and matchtest.SyncTest.
//
// A player who leaves, or is not heard of for Config.Timeout, is taken out of the match at a tick that all who remain agree on (see
// leave.go); there Game.Leave is called, and the match goes on.
//
// With MaxPrediction negative nothing is guessed: lockstep.
//
// # Differences from a match with a server
//
// Nobody is the authority: each player knows the whole world, server fields included, and a player who changes his program can see
// everything, though not change anything. Game.Check is called by everybody for everybody. Game.See, and rates and areas of interest,
// mean nothing here. Ctx.Past is the present: everybody acts in the same tick.
// Events that are Predicted are told when they are first computed, and taken back when a rollback undoes them; the others are told
// when their tick is confirmed. Two players who lose sight of each other while a third sees
// both cannot both stay: one of them, or both, are left out (ErrLeftOut, ErrAlone). A network that falls in two makes two matches.
//
// # Reading order
//
// peer.go (one Advance, from top to bottom), track.go (one player's inputs), timeline.go (worlds, and back), link.go and message.go (what
// players tell each other), pace.go, leave.go, desync.go, events.go, join.go (sockets), stats.go, limits.go.
//
// All of it takes the time as an argument, so that whole matches run in virtual time: New, Connect, Advance. Only join.go
// knows sockets, through netcode.Host, which owns the goroutines. A Peer made by New belongs to its caller's goroutine; one made by Join may be
// used from several.
package p2p
