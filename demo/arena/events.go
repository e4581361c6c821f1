package arena

import "github.com/halftick/halftick/netcode/sim"

// What happens and leaves nothing behind: it is heard, and seen for a moment, at the time of its tick. Shots and
// explosions are predicted, since who fires knows all about them; who was hurt or killed the server decides.
var (
	ShotEvent  = sim.NewEvent[Shot]("shot", sim.Predicted)
	BoomEvent  = sim.NewEvent[Boom]("boom", sim.Predicted)
	HurtEvent  = sim.NewEvent[Hurt]("hurt", sim.Reliable)
	DeathEvent = sim.NewEvent[Death]("death", sim.Reliable)
)

// Shot is a rail shot of the event's source.
type Shot struct {
	From sim.Vec2     // centre of the shooter
	To   sim.Vec2     // on a wall or a player
	Hit  sim.PlayerID // who was hurt; 0 for nobody
	Lag  float32      // how far back the shot was judged, in ticks
}

// Boom is the explosion of a rocket of the event's source.
type Boom struct{ At sim.Vec2 }

// Hurt is damage that the event's source did, oneself included.
type Hurt struct {
	Whom   sim.PlayerID
	Damage uint8
	At     sim.Vec2 // where the victim stood
}

// Death is a death that the event's source dealt, oneself included.
type Death struct {
	Whom   sim.PlayerID
	Weapon Weapon
}

// Weapon is what hurts.
type Weapon uint8

// The weapons.
const (
	Rail Weapon = iota
	RocketBlast
)
