package arena

import "github.com/halftick/halftick/netcode/sim"

const (
	maxStride = 6.0     // a move is made in strides no longer than this, so that no wall or corner is skipped
	skin      = 1. / 32 // gap left to a wall, so that rounding to the wire's grid never ends inside it
)

// movePlayer steers, dashes and moves one player by one tick. The dead stay where they are.
func movePlayer(pl *Player, in Input, dt float32) {
	if !pl.Alive() {
		return
	}
	way := sim.V(float32(in.Dx), float32(in.Dy)).Unit()
	switch {
	case in.Dash && pl.Dash == 0:
		startDash(pl, way)
	case pl.Dashing():
		// The dash goes on, whatever is pressed.
	default:
		if pl.Dash == DashCooldown-DashTicks {
			pl.Vel = limit(pl.Vel, MaxSpeed)
		}
		pl.Vel = steer(pl.Vel, way.Mul(MaxSpeed))
	}
	walk(pl, pl.Vel.Mul(dt))
}

func startDash(pl *Player, way sim.Vec2) {
	if way == (sim.Vec2{}) {
		way = Dir(pl.Aim)
	}
	pl.Vel, pl.Dash = way.Mul(DashSpeed), DashCooldown
}

// steer returns vel after one tick of acceleration towards want. It arrives exactly, so that rounding
// on the wire cannot keep a slow player creeping.
func steer(vel, want sim.Vec2) sim.Vec2 {
	most := float32(Accel)
	if vel.Len2() > MaxSpeed*MaxSpeed {
		most = Slide
	}
	return vel.Add(limit(want.Sub(vel), most))
}

// limit returns v, shortened to length most when it is longer.
func limit(v sim.Vec2, most float32) sim.Vec2 {
	if l := v.Len(); l > most {
		return v.Mul(most / l)
	}
	return v
}

// walk moves the player by d, sliding along what is in the way.
func walk(pl *Player, d sim.Vec2) {
	n := 1 + int(d.Len()/maxStride)
	for range n {
		stride(pl, d.Mul(1/float32(n)))
	}
}

// stride moves by less than a radius. Where two walls leave no place it takes the move back, so a player
// who stands clear of walls stays so.
func stride(pl *Player, d sim.Vec2) {
	from := pl.Pos
	pl.Pos = pl.Pos.Add(d)
	for i := range walls {
		pushOut(pl, &walls[i])
	}
	stayInside(pl)
	if blocked(pl.Pos) {
		pl.Pos, pl.Vel = from, sim.Vec2{}
	}
}

// pushOut moves the player out of a wall by the shortest way and takes off the speed into it.
func pushOut(pl *Player, r *Rect) {
	near := r.nearest(pl.Pos)
	away := pl.Pos.Sub(near)
	l := away.Len()
	if l >= PlayerRadius+skin || l == 0 { // 0: the centre is inside, which strides are too short for
		return
	}
	normal := away.Mul(1 / l)
	pl.Pos = near.Add(normal.Mul(PlayerRadius + skin))
	if into := pl.Vel.Dot(normal); into < 0 {
		pl.Vel = pl.Vel.Sub(normal.Mul(into))
	}
}

func stayInside(pl *Player) {
	in := outer(PlayerRadius).nearest(pl.Pos)
	if in.X != pl.Pos.X {
		pl.Pos.X, pl.Vel.X = in.X, 0
	}
	if in.Y != pl.Pos.Y {
		pl.Pos.Y, pl.Vel.Y = in.Y, 0
	}
}

// blocked reports whether a player at pos would overlap a wall or the outer border.
func blocked(pos sim.Vec2) bool {
	if outer(PlayerRadius).nearest(pos) != pos {
		return true
	}
	for i := range walls {
		if pos.Sub(walls[i].nearest(pos)).Len2() < PlayerRadius*PlayerRadius {
			return true
		}
	}
	return false
}
