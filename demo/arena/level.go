package arena

import (
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
