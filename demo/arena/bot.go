package arena

import "github.com/halftick/halftick/netcode/sim"

// What makes a bot a weak human.
const (
	reactionTicks = 15 // 250 ms: what a bot knows of its target is that old
	scanTicks     = 12 // 200 ms between two looks around
	loseTicks     = 24 // 400 ms out of sight until a target is given up
)

// Bot plays like a weak human: it sees only what is in line of sight, and that 250 ms late; it turns
// slowly and aims badly. It acts on inputs alone and knows no more than a client would, so that it can be
// given a server's world or a client's view.
//
// A Bot plays for one player and is not safe for concurrent use. Use NewBot: a zero Bot plays, but never
// leads a moving target.
type Bot struct {
	rand sim.Rand
	tick sim.Tick // of the newest Think
	in   Input    // what it answered

	target  sim.ID
	inSight int // ticks since target was found
	unseen  int // ticks since target was last in sight
	scan    int // ticks until the next look around
	trail   [reactionTicks + 1]glimpse

	hand hand
	feet feet
}

// glimpse is what a bot sees of its target in one tick.
type glimpse struct{ pos, vel sim.Vec2 }

// NewBot returns a bot. Bots of equal seeds that are shown equal worlds give equal inputs.
func NewBot(seed uint64) *Bot {
	b := &Bot{rand: sim.NewRand(seed)}
	b.hand.skill = b.rand.Range(0.4, 0.9)
	return b
}

// Think returns the input of player me for tick t, given the newest world that me can know. For the
// tick it was asked last it gives the same answer again. A player who is dead or not there does nothing.
func (b *Bot) Think(w *World, me sim.PlayerID, t sim.Tick) Input {
	if t == b.tick && t != 0 {
		return b.in
	}
	passed := min(max(t.Sub(b.tick), 1), 4)
	b.tick = t
	pl, ok := w.Players.Of(me)
	if !ok || !pl.Alive() {
		b.target, b.feet = 0, feet{}
		b.in = Input{Aim: angleOf(b.hand.aim)}
		return b.in
	}
	b.look(w, me, pl)
	b.in = Input{}
	b.walk(pl)
	b.turn(pl, passed)
	b.shoot(pl)
	return b.in
}

// look keeps the target in sight, gives it up or finds another.
func (b *Bot) look(w *World, me sim.PlayerID, pl *Player) {
	b.scan--
	if b.target == 0 && b.scan <= 0 {
		b.target, b.inSight, b.unseen = nearestSeen(w, me, pl.Pos), 0, 0
		b.scan = scanTicks
	}
	t, ok := w.Players.Get(b.target)
	if !ok || !t.Alive() || b.unseen > loseTicks {
		b.target = 0
		return
	}
	b.unseen++
	if sees(pl.Pos, t.Pos) {
		b.unseen = 0
		b.trail[b.inSight%len(b.trail)] = glimpse{t.Pos, t.Vel}
		b.inSight++
	}
}

// nearestSeen returns the nearest living enemy in line of sight, or 0.
func nearestSeen(w *World, me sim.PlayerID, from sim.Vec2) (id sim.ID) {
	least := float32(Width*Width + Height*Height)
	for e, pl := range w.Players.All() {
		if !pl.Alive() || w.Players.Owner(e) == me {
			continue
		}
		if d := pl.Pos.Sub(from).Len2(); d < least && sees(from, pl.Pos) {
			id, least = e, d
		}
	}
	return id
}

// known returns the oldest glimpse of the target, and whether the bot has had the time to react to it.
func (b *Bot) known() (glimpse, bool) {
	if b.target == 0 || b.inSight < len(b.trail) {
		return glimpse{}, false
	}
	return b.trail[b.inSight%len(b.trail)], true
}

// chance is true once in n times on average.
func (b *Bot) chance(n int) bool { return b.rand.Intn(n) == 0 }
