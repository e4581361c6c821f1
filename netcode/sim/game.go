package sim

import "fmt"

// Tick numbers the steps of a world. Tick 0 is the world as Init left it. At 60 Hz it wraps after 2.2 years.
type Tick uint32

// Before reports whether t comes before u, across wraparound: true when u is less than 2^31 ticks ahead.
func (t Tick) Before(u Tick) bool { return int32(t-u) < 0 }

// Sub returns t-u in ticks, negative when t comes before u, across wraparound.
func (t Tick) Sub(u Tick) int { return int(int32(t - u)) }

// PlayerID names a player of one match: 1 to 255. The zero PlayerID is nobody: rows it owns belong to the server.
type PlayerID uint8

// MaxPlayers is the number of players one world can tell apart; a server refuses the next one as full.
const MaxPlayers = 255

// Default rates of a Game, in Hz.
const (
	DefaultTickRate = 60
	MaxTickRate     = 240
)

// Game is a whole multiplayer game: a name, rates and pure functions over its world W and its input I.
//
// W is a plain struct of Tables and scalars; I is a small plain struct. Neither may hold pointers,
// slices, maps, strings or interfaces. Fields carry `net:"..."` tags that say how they travel
// (see package replica). Only Step is required.
type Game[W, I any] struct {
	// Name identifies the game on the wire; client and server must agree. 1 to 32 bytes.
	Name string

	// TickRate is the number of Steps per second, 1 to 240. Zero means 60.
	TickRate int

	// SendRate is the number of snapshots per second and client. Zero means TickRate; it is
	// rounded so that a snapshot leaves every whole number of ticks.
	SendRate int

	// Init prepares an empty world, on the server, once. It may be nil.
	Init func(w *W)

	// Join is called on the server when a player enters, before that tick's Step. It may be nil.
	Join func(c *Ctx[W, I], w *W, p PlayerID)

	// Leave is called on the server when a player has gone, before that tick's Step. Nil means that
	// every row the player owned is despawned.
	Leave func(c *Ctx[W, I], w *W, p PlayerID)

	// Step advances the world by one tick. On a client it is called with the local player's input
	// alone, and again for the same tick whenever the server's truth differed from the guess.
	Step func(c *Ctx[W, I], w *W)

	// See decides what player p may know of the world and how much each row matters to it; see View. It is
	// called on the server before each snapshot for p, after Step. The world is not to be changed. Nil means
	// what the tables' aoi tags say (see package replica), and everything of tables without one.
	See func(w *W, p PlayerID, v *View)

	// Check lets the server clamp or replace an input before it is executed; prev is the player's
	// input of the tick before. It may be nil. It runs on the server only.
	Check func(p PlayerID, prev, in I) I

	// Events are the kinds of events that the game emits, RPCs the questions that clients may ask: at most 64
	// each. Client and server must have the same, in the same order.
	Events []AnyEvent
	RPCs   []AnyRPC
}

// Rates returns the tick rate and the number of ticks between two snapshots, with the defaults applied.
func (g *Game[W, I]) Rates() (tickRate, sendEvery int) {
	tickRate = g.TickRate
	if tickRate == 0 {
		tickRate = DefaultTickRate
	}
	sendEvery = 1
	if g.SendRate > 0 && g.SendRate < tickRate {
		sendEvery = (tickRate + g.SendRate/2) / g.SendRate
	}
	return tickRate, sendEvery
}

// Validate reports the first thing that makes the game unusable, naming the field and its value.
func (g *Game[W, I]) Validate() error {
	switch {
	case len(g.Name) == 0 || len(g.Name) > 32:
		return fmt.Errorf("sim: Game.Name %q: want 1 to 32 bytes", g.Name)
	case g.Step == nil:
		return fmt.Errorf("sim: game %q has no Step function", g.Name)
	case g.TickRate < 0 || g.TickRate > MaxTickRate:
		return fmt.Errorf("sim: Game.TickRate %d: want 1 to %d Hz, or 0 for %d", g.TickRate, MaxTickRate, DefaultTickRate)
	case g.SendRate < 0:
		return fmt.Errorf("sim: Game.SendRate %d: want 0 or more Hz", g.SendRate)
	}
	return g.validateKinds()
}
