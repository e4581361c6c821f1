package main

import "github.com/halftick/halftick/netcode/sim"

// apart returns the way from body a to body b, of length 1, and how deep they overlap along it; not positive when they do not. Sizes are half
// widths; boxes stand upright.
func apart(a sim.Vec2, sa float32, boxA bool, b sim.Vec2, sb float32, boxB bool) (way sim.Vec2, depth float32) {
	switch {
	case boxA && boxB:
		return boxes(b.Sub(a), sa+sb)
	case boxB:
		return discBox(a, sa, b, sb)
	case boxA:
		way, depth = discBox(b, sb, a, sa)
		return way.Mul(-1), depth
	}
	return discs(b.Sub(a), sa+sb)
}

// discs have their centres d apart, and touch when that is as long as reach.
func discs(d sim.Vec2, reach float32) (sim.Vec2, float32) {
	if d.Len2() >= float32(reach*reach) {
		return sim.Vec2{}, 0
	}
	if d.Len2() == 0 {
		return sim.V(1, 0), reach
	}
	return d.Unit(), reach - d.Len()
}

// boxes part along the axis on which they overlap less.
func boxes(d sim.Vec2, reach float32) (sim.Vec2, float32) {
	x, y := reach-max(d.X, -d.X), reach-max(d.Y, -d.Y)
	switch {
	case x <= 0 || y <= 0:
		return sim.Vec2{}, 0
	case x < y:
		return sim.V(sign(d.X), 0), x
	}
	return sim.V(0, sign(d.Y)), y
}

// discBox: what matters is the point of the box that is nearest to the disc's centre.
func discBox(disc sim.Vec2, r float32, box sim.Vec2, half float32) (sim.Vec2, float32) {
	d := box.Sub(disc)
	near := sim.V(d.X-min(max(d.X, -half), half), d.Y-min(max(d.Y, -half), half))
	if near == (sim.Vec2{}) { // the centre is within
		return boxes(d, r+half)
	}
	return discs(near, r)
}

func sign(x float32) float32 {
	if x < 0 {
		return -1
	}
	return 1
}
