// Package server is the authority of a game: it alone decides what is true.
//
//	err := server.Run(ctx, game, ":7777")
//
// Clients send what their players do, never what the world is. Once per tick, at a fixed rate, the
// server executes one input per player, computes the world with the game's Step, and sends every
// client what has changed since the newest world that this client is known to have.
//
//	tick T:  events of the sessions -> leaves, joins, calls -> the inputs for T -> Step -> history -> the game's events -> snapshots
//
// Inputs carry the tick that they are for. One that comes too late is not executed, one that does not
// come is replaced by the one before for 3 ticks, then by a neutral one; all of it is counted, and
// every client is told how early its inputs arrive, by which it steers its clock.
//
// Where Step asks for a player's Past, the whole world is put back to what stood on that player's
// screen when it made its input, in between two ticks if need be, at most Config.RewindCap. The same
// ring of 128 past worlds serves these rewinds and the baselines of snapshots.
//
// A client that may know everything is sent the world as it is, and shares the work with others in the same place. One that
// may not, because of the game's See or of aoi, owner and rate tags, or that cannot be told all at once, is sent a
// snapshot of its own: its own rows first, then the others by weight and age, as many as its byte budget holds.
//
// A Server reads no clock but in Run. Tests drive it in virtual time: New, then Tick(now) once per
// tick, carrying Endpoint's datagrams themselves. Given the same datagrams at the same times, the
// same server computes the same worlds.
//
// A Hall is many matches behind one address, each a Room with a Server and a goroutine of its own.
//
// Reading order: server.go, tick.go (one tick, in order); then what it is made of: peer.go, control.go
// (what clients say), player.go, resume.go, freeze.go and thaw.go, name.go, bot.go (who plays), inputs.go (what they do), history.go,
// rewind.go (the past), watch.go (what they may know), broadcast.go (what they are sent), audience.go (who watches), events.go (what they hear), calls.go (what they ask); then run.go, schedule.go (real time), stats.go,
// record.go, door.go; hall.go, room.go, rooms.go, porter.go, inbox.go, keeper.go, quota.go, crash.go, hall_run.go (many rooms); histogram.go, limits.go, errors.go.
package server
