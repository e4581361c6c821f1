package arena

import (
	"math"
	"slices"

	"github.com/halftick/halftick/netcode/sim"
)

// Rect is a wall: an axis-parallel box from corner Min to corner Max.
type Rect struct{ Min, Max sim.Vec2 }

// The level is its own image when turned by half a circle, so neither side is better. Each divider has a
// doorway for peeking and leaves a passage at one end; the middle is open but for one pillar.
//
//	+----------------------------------------------+
//	|  s           |     s            passage    s |
//	|        ==    |                               |
//	|                               |     ==       |
//	|           doorway             |              |
//	|  s                 ##         |           s  |
//	|              |     ##        doorway         |
//	|        ==    |                               |
//	|              |                     ==        |
//	|                                |             |
//	|  s        passage         s    |          s  |
//	+----------------------------------------------+
var walls = [...]Rect{
	box(300, 0, 324, 165), box(300, 255, 324, 450), // left divider
	box(636, 375, 660, 540), box(636, 90, 660, 285), // right divider
	box(448, 238, 512, 302),                          // pillar
	box(130, 120, 210, 144), box(130, 396, 210, 420), // cover, left
	box(750, 120, 830, 144), box(750, 396, 830, 420), // cover, right
}

// spawns are where players enter, all clear of walls.
var spawns = [...]sim.Vec2{
	{X: 50, Y: 50}, {X: 910, Y: 490}, {X: 50, Y: 490}, {X: 910, Y: 50},
	{X: 50, Y: 270}, {X: 910, Y: 270}, {X: 400, Y: 60}, {X: 560, Y: 480},
}

func box(x0, y0, x1, y1 float32) Rect { return Rect{sim.V(x0, y0), sim.V(x1, y1)} }

// Walls returns the walls of the level, without its outer border (0, 0) to (Width, Height).
func Walls() []Rect { return slices.Clone(walls[:]) }

// Spawns returns the places where players enter.
func Spawns() []sim.Vec2 { return slices.Clone(spawns[:]) }

// outer is the inside of the border, less a margin on each side.
func outer(margin float32) Rect { return box(margin, margin, Width-margin, Height-margin) }

// nearest returns the point of the box that is nearest to v, which is v itself when inside.
func (r Rect) nearest(v sim.Vec2) sim.Vec2 {
	return sim.V(min(max(v.X, r.Min.X), r.Max.X), min(max(v.Y, r.Min.Y), r.Max.Y))
}

// cast returns how far a ray goes from a point inside the level until it meets a wall grown by grow on
// each side, or the border shrunk by it, but at most reach. It is 0 when the point is in such a wall.
func cast(from, dir sim.Vec2, reach, grow float32) float32 {
	b := outer(grow)
	reach = min(reach, exit(from.X, dir.X, b.Min.X, b.Max.X, reach), exit(from.Y, dir.Y, b.Min.Y, b.Max.Y, reach))
	for i := range walls {
		reach = walls[i].meet(from, dir, reach, grow)
	}
	return reach
}

// exit returns how far along one axis the interval lo to hi is left, at most reach.
func exit(o, d, lo, hi, reach float32) float32 {
	switch {
	case d > 0:
		return max((hi-o)/d, 0)
	case d < 0:
		return max((lo-o)/d, 0)
	}
	return reach
}

// meet returns how far a ray goes until it meets the box, at most reach.
func (r *Rect) meet(from, dir sim.Vec2, reach, grow float32) float32 {
	x0, x1 := slab(from.X, dir.X, r.Min.X-grow, r.Max.X+grow)
	y0, y1 := slab(from.Y, dir.Y, r.Min.Y-grow, r.Max.Y+grow)
	if in, out := max(x0, y0, 0), min(x1, y1); in <= out && in < reach {
		return in
	}
	return reach
}

// slab returns the part of a ray that lies between lo and hi on one axis, empty when it begins after its end.
func slab(o, d, lo, hi float32) (in, out float32) {
	switch {
	case d != 0:
		a, b := (lo-o)/d, (hi-o)/d
		return min(a, b), max(a, b)
	case o > lo && o < hi:
		return -farAway, farAway
	}
	return farAway, -farAway
}

const farAway = 1 << 20 // beyond the level, as a distance

// sees reports whether no wall is between two points.
func sees(a, b sim.Vec2) bool { return clear(a, b, 0) }

// clear reports whether no wall grown by grow is between two points.
func clear(a, b sim.Vec2, grow float32) bool {
	d := b.Sub(a)
	l := d.Len()
	if l == 0 {
		return true
	}
	dir := d.Mul(1 / l)
	for i := range walls {
		if walls[i].meet(a, dir, l, grow) < l {
			return false
		}
	}
	return true
}

// circle returns how far a ray goes until it meets the circle, and whether it does, at most at reach.
func circle(from, dir, centre sim.Vec2, radius, reach float32) (float32, bool) {
	m := centre.Sub(from)
	along := m.Dot(dir)
	gap := m.Len2() - float32(radius*radius)
	if gap <= 0 {
		return 0, true
	}
	d := float32(along*along) - gap
	if along < 0 || d < 0 {
		return 0, false
	}
	t := along - float32(math.Sqrt(float64(d)))
	return t, t <= reach
}
