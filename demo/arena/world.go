package arena

import "github.com/halftick/halftick/netcode/sim"

// The level and the clock.
const (
	Width    = 960 // world units
	Height   = 540
	TickRate = 60 // ticks per second; every number of ticks below rests on it
)

// Movement, in units, units per second and units per second per tick.
const (
	PlayerRadius = 13
	MaxSpeed     = 250 // of a player on foot
	Accel        = 42  // per tick towards the wanted velocity: standstill to full speed in 6 ticks, 100 ms
	Slide        = 16  // per tick while faster than MaxSpeed, after a dash or a blast: 420 surplus is gone in 433 ms
	SpeedLimit   = 1000
	DashSpeed    = 900
	DashTicks    = 8  // 133 ms: a dash covers 120 units
	DashCooldown = 75 // 1250 ms from one dash to the next
)

// Rail gun: hit-scan.
const (
	RailDamage   = 50
	RailCooldown = 60 // 1000 ms
)

// Rockets.
const (
	RocketSpeed    = 430
	RocketRadius   = 4
	RocketCooldown = 42  // 700 ms
	RocketTicks    = 120 // 2000 ms of flight, 860 units
	BlastRadius    = 72  // from the centre to the near edge of a player
	BlastDamage    = 56  // at distance 0, falling linearly to BlastEdge at BlastRadius
	BlastEdge      = 8
	BlastPush      = 460 // units per second at distance 0, falling linearly to 0
)

// Life and death.
const (
	MaxHealth    = 100
	RespawnTicks = 90 // 1500 ms dead
	PlaceTicks   = 30 // 500 ms before the respawn the body is moved to its spawn point
	ShieldTicks  = 60 // 1000 ms unhurt after a spawn, or until the first shot
	MaxScore     = 9999
	MinScore     = -999
	MaxDeaths    = 9999
)

// Colors is the number of values of Player.Color.
const Colors = 8

// Player is the body of one player; its owner is the player. The row stays while the player is dead.
// Everything a client predicts about itself is in here, so that it needs nothing else to replay a tick.
type Player struct {
	Pos     sim.Vec2     `net:"range=-32:991,step=1/32,lerp,smooth"` // of the centre
	Vel     sim.Vec2     `net:"range=-1024:1023,step=1/8"`           // units per second
	Aim     float32      `net:"angle=12,lerp"`
	Health  uint8        `net:"range=0:100"`     // 0 is dead: not to be drawn or hit, Pos is where the respawn will be
	Dash    uint8        `net:"range=0:75"`      // ticks until the next dash; above DashCooldown-DashTicks it is going on
	Rail    uint8        `net:"range=0:60"`      // ticks until the next rail shot
	Rocket  uint8        `net:"range=0:42"`      // ticks until the next rocket
	Respawn uint8        `net:"range=0:90"`      // ticks until a dead player lives again
	Shield  uint8        `net:"range=0:60"`      // ticks in which nothing hurts
	Score   int16        `net:"range=-999:9999"` // kills, less one for each suicide
	Deaths  uint16       `net:"range=0:9999"`
	Killer  sim.PlayerID // who dealt the last death, oneself included; 0 before the first
	Color   uint8        `net:"bits=3,const"` // 0 to Colors-1
}

// Alive reports whether the player is in play.
func (p *Player) Alive() bool { return p.Health > 0 }

// Dashing reports whether a dash is going on.
func (p *Player) Dashing() bool { return p.Alive() && p.Dash > DashCooldown-DashTicks }

// Rocket is one in flight; its owner is who fired it.
type Rocket struct {
	Pos  sim.Vec2 `net:"range=-32:991,step=1/32,lerp,smooth"`
	Vel  sim.Vec2 `net:"range=-1024:1023,step=1/8,const"`
	Life uint8    `net:"range=0:120"` // ticks until it explodes by itself
}

// World is everything there is. The zero World is an empty arena.
type World struct {
	Players sim.Table[Player]
	Rockets sim.Table[Rocket]
}

// Input is what a player does in one tick. The zero Input stands still and looks right.
type Input struct {
	Dx, Dy  int8    `net:"range=-1:1"` // where to go; (0, 0) brakes
	Aim     float32 `net:"angle=12"`
	Fire    bool    // the rail gun, while held
	AltFire bool    // a rocket, while held
	Dash    bool    // towards (Dx, Dy), or Aim when that is (0, 0)
}

// Ctx is what a rule knows besides the world.
type Ctx = sim.Ctx[World, Input]
