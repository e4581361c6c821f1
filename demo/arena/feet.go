package arena

import "github.com/halftick/halftick/netcode/sim"

// How a bot walks, in units and ticks.
const (
	arrival    = 20  // nearer to a node than this it is there
	stuckTicks = 40  // 667 ms: who moved less than stuckMove in that time takes another way
	stuckMove  = 24  // units
	dashRun    = 140 // units of clear way that are worth a dash
	dashWhim   = 150 // it dashes once in so many ticks, 2.5 s, when it could
	elbowRoom  = 30  // units: nearer to a wall it strafes the other way
)

// feet is how a bot walks: along a route, or sideways before an enemy.
type feet struct {
	onRoute    bool
	hop, goal  int      // the node it walks to, the last of the route
	mark       sim.Vec2 // where it was when markAge was 0
	markAge    int
	strafe     sim.Vec2 // direction while strafing
	strafeLeft int      // ticks; below 0: ticks until it may strafe again
}

// walk chooses where to go this tick.
func (b *Bot) walk(pl *Player) {
	f := &b.feet
	b.checkStuck(pl)
	f.strafeLeft--
	if g, ok := b.known(); ok && f.strafeLeft < -scanTicks {
		b.startStrafe(pl, g.pos.Sub(pl.Pos).Unit())
	}
	way := f.strafe
	if f.strafeLeft <= 0 {
		way = b.route(pl).Sub(pl.Pos)
	}
	b.in.Dx, b.in.Dy = compass(way)
	b.in.Dash = b.chance(dashWhim) && walkable(pl.Pos, pl.Pos.Add(way.Unit().Mul(dashRun)))
}

// startStrafe sets off to one side of an enemy, or lets the route go on for a while.
func (b *Bot) startStrafe(pl *Player, enemy sim.Vec2) {
	f := &b.feet
	f.strafeLeft = 15 + b.rand.Intn(35)
	f.strafe = sim.V(-enemy.Y, enemy.X)
	if b.chance(2) {
		f.strafe = f.strafe.Mul(-1)
	}
	if blocked(pl.Pos.Add(f.strafe.Mul(elbowRoom))) {
		f.strafe = f.strafe.Mul(-1)
	}
	if b.chance(2) || blocked(pl.Pos.Add(f.strafe.Mul(elbowRoom))) {
		f.strafeLeft = 0
	}
}

// route returns the node to walk to now, choosing a new route at the end of the old one and whenever a
// blast or a strafe has carried the bot out of its way.
func (b *Bot) route(pl *Player) sim.Vec2 {
	f := &b.feet
	if !f.onRoute || !walkable(pl.Pos, nodes[f.hop]) {
		f.hop, f.onRoute = nearestNode(pl.Pos), true
	}
	if nodes[f.hop].Sub(pl.Pos).Len() < arrival {
		for f.hop == f.goal {
			f.goal = b.rand.Intn(nodeCount)
		}
		f.hop = int(nextNode[f.hop][f.goal])
	}
	return nodes[f.hop]
}

// checkStuck makes a bot that gets nowhere forget where it was going.
func (b *Bot) checkStuck(pl *Player) {
	f := &b.feet
	if f.markAge++; f.markAge < stuckTicks {
		return
	}
	if f.mark.Sub(pl.Pos).Len() < stuckMove {
		f.strafeLeft = 0
		f.goal = b.rand.Intn(nodeCount)
		f.hop = int(nextNode[nearestNode(pl.Pos)][f.goal])
	}
	f.mark, f.markAge = pl.Pos, 0
}

// compass returns the one of eight directions that is nearest to v, or (0, 0) for the zero vector.
func compass(v sim.Vec2) (dx, dy int8) {
	u := v.Unit()
	return axis(u.X), axis(u.Y)
}

// axis rounds a coordinate of a unit vector: 0.38 is the sine of 22.5 degrees, half way to a diagonal.
func axis(x float32) int8 {
	switch {
	case x > 0.38:
		return 1
	case x < -0.38:
		return -1
	}
	return 0
}
