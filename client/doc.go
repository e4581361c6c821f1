// Package client is a player's end of a multiplayer match: it guesses what the server will say, so
// that the player's own input shows at once, and hides that everything else is known late.
//
//	cl, err := client.Dial(ctx, game, "play.example:7777")
//	...
//	err = cl.Update(input)   // once per frame
//	world := cl.View()       // what to draw
//
// What is on the screen stands at two moments of the server's timeline:
//
//	 authoritative past     view         newest snapshot         server's now         predicted
//	-----+-----+-----+-----+-*---+-----+-----#-------------------------|-------------------@-----> ticks
//	                         |               |                         |                   |
//	        everybody else --+    from here on, own inputs             |     the own rows -+
//	                              are replayed when the guess          |
//	                              was wrong                   inputs arrive just before
//	                                                          the server needs them
//
// The view lags behind the newest snapshot by what jitter and loss ask for. The prediction leads by
// one round trip and a little. A shot is judged, here and by the server alike, in the world at the
// view that was drawn last: what stood on the screen.
//
// # Contract
//
// Rows that the player owns are predicted (other tables: below): Step runs for them with the player's inputs alone. All
// else, globals included, is always as in the newest snapshot, and Step need not know where it runs.
// A prediction is right or wrong by comparing integers. Where nothing contests the player it is right
// at any latency, and nothing is computed twice. Where it is wrong, the inputs since are replayed
// from the server's world, and what is drawn fades from the old place to the new one.
//
// A player's row therefore may depend on anything, but what others do to it arrives a round trip late,
// as a correction. An effect on own rows by rows of others that Step moves, such as a hit by another
// player's rocket, is better left to the server: those rows stand where the newest snapshot has them in
// each tick that is predicted or replayed, and would do it again in each. Step can tell by
// sim.Ctx.Input: their owner has none here.
//
// The predict tag of a table says otherwise. predict=none: not even own rows, for what only the server knows, such as chance that it keeps to
// itself. predict=all: every row that the client knows, for what several players touch, such as a ball: who touches
// it sees at once what comes of it. In turn a guess about it is wrong whenever somebody else does something new, and
// then a round trip's worth of ticks is computed again. Of others no input is known, so their rows go on as Step
// moves rows without one. A game that wants others to go on with what they did last keeps the input in the row,
// where Step finds it when sim.Ctx.Input has none, and may let it fade by sim.Ctx.Ahead. All rows of what acts on each other belong
// into tables that are predicted alike; they should be few enough to be in every snapshot, since a row that was not told
// is taken to be now what it was then.
//
// # Events
//
// What the game emits (sim.Emit) is given to the listeners of On at the moment in which the screen shows its tick: what others
// do at the time of the view, what the own input has caused at once, where it is predicted. Each happens once, however often
// its tick is computed again; what the server does not confirm is taken back, see OnCancel.
//
// Every stage can be switched off while playing: see Tuning. Every number it works with can be seen:
// see Stats.
//
// # Reading order
//
// client.go (one Advance, from top to bottom), clock.go and pace.go (which tick the player is in), inputs.go and
// predict.go (guessing), snapshots.go, reconcile.go, replay.go and mispredicted.go (being told), past.go (what a shot hits),
// interp.go, smooth.go and draw.go (hiding), events.go and calls.go (what happens, what is asked), control.go with
// roster.go, chat.go, rooms.go, probes.go and resume.go (the control channel), spectate.go, tuning.go, stats.go, trouble.go, limits.go, errors.go.
//
// All of it takes the time as an argument and does no input or output, so that whole matches run in
// virtual time: New, Advance, ViewAt. Only dial.go and driver.go know sockets, through netcode.Host,
// which owns the goroutines; there is none in here.
package client
