package arena

import (
	"math"

	"github.com/halftick/halftick/netcode/sim"
)

// How a bot aims, in aim steps (1/4096 turn) and ticks.
const (
	turnSteps   = 60  // per tick: 5.5 rad/s
	wobbleSteps = 85  // largest error of aim, 0.13 rad
	wobbleTicks = 14  // 233 ms between two errors, at least
	onTarget    = 26  // how near to the wanted aim it pulls the trigger
	hesitation  = 15  // it pulls once in so many ticks, 250 ms
	closeRange  = 110 // units: nearer it fires no rocket
	farRange    = 400 // units: farther it fires no rocket
)

// hand is how a bot aims and shoots.
type hand struct {
	skill   float32 // 0 to 1: how well it leads a moving target
	aim     int     // aim step
	wobble  int     // aim steps
	steady  int     // ticks until the next wobble
	rockets bool    // rather than the rail gun
}

// turn moves the aim towards the target, or else where the bot walks, no faster than a hand can.
func (b *Bot) turn(pl *Player, ticks int) {
	h := &b.hand
	if h.steady--; h.steady <= 0 {
		h.steady = wobbleTicks + b.rand.Intn(wobbleTicks)
		left := b.rand.Intn(wobbleSteps + 1)
		h.wobble = left - b.rand.Intn(wobbleSteps+1)
		h.rockets = b.chance(3)
	}
	h.aim = aimWrap(h.aim + min(max(b.off(pl), -turnSteps*ticks), turnSteps*ticks))
	b.in.Aim = angleOf(h.aim)
}

// off returns how far the aim is from what the bot wants, in aim steps.
func (b *Bot) off(pl *Player) int {
	want := pl.Vel
	if g, ok := b.known(); ok {
		want = b.guess(g, pl.Pos).Sub(pl.Pos)
	}
	if want == (sim.Vec2{}) {
		return 0
	}
	return (stepOf(want)+b.hand.wobble-b.hand.aim+AimSteps/2)&(AimSteps-1) - AimSteps/2
}

// guess returns where to aim at a target of which g is known: too little lead, most of all for rockets.
func (b *Bot) guess(g glimpse, from sim.Vec2) sim.Vec2 {
	lead := float32(b.hand.skill * (float32(reactionTicks) / TickRate))
	if b.hand.rockets {
		flight := g.pos.Sub(from).Len() / RocketSpeed
		lead += float32(b.hand.skill * flight / 2)
	}
	return g.pos.Add(g.vel.Mul(lead))
}

// shoot pulls a trigger now and then while the aim is about right.
func (b *Bot) shoot(pl *Player) {
	g, ok := b.known()
	if off := b.off(pl); !ok || b.unseen > 0 || off < -onTarget || off > onTarget || !b.chance(hesitation) {
		return
	}
	far := g.pos.Sub(pl.Pos).Len()
	b.in.AltFire = b.hand.rockets && far > closeRange && far < farRange
	b.in.Fire = !b.in.AltFire
}

// stepOf returns the aim step nearest to a direction.
func stepOf(v sim.Vec2) int {
	return aimWrap(int(math.Round(math.Atan2(float64(v.Y), float64(v.X)) * (AimSteps / (2 * math.Pi)))))
}

// angleOf returns the angle of an aim step.
func angleOf(step int) float32 { return float32(step) * (2 * math.Pi / AimSteps) }

func aimWrap(step int) int { return step & (AimSteps - 1) }
