// Package matchtest runs whole matches for tests: a server, its clients and the network between them in one process and in
// virtual time. Minutes of play take a fraction of a second, and the same seed gives the same match, packet by packet.
//
//	m := matchtest.New(t, game, matchtest.Options{Seed: 1, Conditions: "delay=40ms,loss=5%"})
//	ann := m.Join(func(p *matchtest.Player[World, Input]) Input { return Input{Dx: 1} })
//	m.Run(10 * time.Second)
//	ann.SetConditions("delay=150ms")
//	m.Uncorrected(func() { m.Run(time.Minute) })
//	m.Settle()
//
// Nothing is replaced: the sessions are real, encrypted and all, and so are the server and the clients; only sockets and clocks are
// simulated. At each snapshot that a client takes in, its world is held against the server's of that tick, lane by lane. A failed
// test says how to make the same match again.
//
// SyncTest needs no network: it runs ticks again from earlier worlds and compares.
//
// # Reading order
//
// match.go (a match), player.go (who plays), drive.go (the loop), check.go (what is held against what), play.go (hands on the
// keys), synctest.go.
//
// A Match belongs to the goroutine of its test. Nothing here starts goroutines or reads clocks.
package matchtest
