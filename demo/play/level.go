package main

import (
	"image"

	"github.com/hajimehoshi/ebiten/v2"

	"github.com/halftick/halftick/demo/arena"
)

// Colours of the level.
var (
	floorDark  = rgb(0x182031)
	floorLight = rgb(0x1e2739)
	gridLine   = rgb(0x2a354d)
	wallTop    = rgb(0x56668c)
	wallEdge   = rgb(0x94a5cf)
	wallSide   = rgb(0x323e5c)
	border     = rgb(0x56668c)
)

// gridStep is the distance between lines of the floor, in world units.
const gridStep = 30

// newLevel renders the floor and the walls, which never change, at cam pixels per world unit.
func newLevel(cam float32) *ebiten.Image {
	w, h := int(arena.Width*cam+0.5), int(arena.Height*cam+0.5)
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	paintFloor(img, cam)
	for _, s := range arena.Spawns() {
		blendAround(img, s.X*cam, s.Y*cam, 24*cam, func(x, y float32) tint {
			return colAccent.fade(0.16 * ringShade(18*cam, 1.5, 0)(x, y).A)
		})
	}
	for _, r := range arena.Walls() {
		wallShadow(img, r, cam)
	}
	for _, r := range arena.Walls() {
		paintWall(img, r, cam)
	}
	return ebiten.NewImageFromImage(img)
}

// paintFloor draws a chequered floor of large tiles, its grid and the border.
func paintFloor(img *image.RGBA, cam float32) {
	b := img.Bounds()
	for y := range b.Dy() {
		for x := range b.Dx() {
			wx, wy := float32(x)/cam, float32(y)/cam
			c := floorDark
			if (int(wx/(4*gridStep))+int(wy/(4*gridStep)))%2 == 0 {
				c = floorLight
			}
			if onGrid(wx, cam) || onGrid(wy, cam) {
				c = c.mix(gridLine, 0.75)
			}
			if min(x, y, b.Dx()-1-x, b.Dy()-1-y) < 2 {
				c = border
			}
			img.SetRGBA(x, y, c.rgba())
		}
	}
}

// onGrid reports whether a line of the grid begins within the pixel at world coordinate w.
func onGrid(w, cam float32) bool { return int(w/gridStep) != int((w-1/cam)/gridStep) }

// wallShadow darkens the floor to the lower right of a wall.
func wallShadow(img *image.RGBA, r arena.Rect, cam float32) {
	x, y, w, h := wallBox(r, cam)
	blendAround(img, x, y, max(w, h)+16*cam, func(px, py float32) tint {
		d := boxDist(px-4*cam, py-5*cam, w, h, 2*cam)
		return colBlack.fade(0.45 * (1 - smooth(-6*cam, 7*cam, d)))
	})
}

// paintWall draws a block: a lit top edge, a dark foot.
func paintWall(img *image.RGBA, r arena.Rect, cam float32) {
	x, y, w, h := wallBox(r, cam)
	blendAround(img, x, y, max(w, h)+2, func(px, py float32) tint {
		d := boxDist(px, py, w, h, 2.5*cam)
		c := wallTop.mix(wallSide, smooth(-h, h, py)*0.35)
		if top := py + h; top < 1.8*cam {
			c = wallEdge
		} else if h-py < 4*cam {
			c = wallSide
		} else if d > -1.2*cam {
			c = wallEdge.mix(wallTop, 0.4)
		}
		return c.fade(cover(d))
	})
}

// wallBox returns the centre and the half size of a wall in pixels.
func wallBox(r arena.Rect, cam float32) (x, y, w, h float32) {
	c, half := r.Min.Lerp(r.Max, 0.5), r.Max.Sub(r.Min).Mul(0.5)
	return c.X * cam, c.Y * cam, half.X * cam, half.Y * cam
}

// blendAround lays f over the square of half side d around (x, y).
func blendAround(img *image.RGBA, x, y, d float32, f shade) {
	r := image.Rect(int(x-d), int(y-d), int(x+d)+1, int(y+d)+1).Intersect(img.Bounds())
	for py := r.Min.Y; py < r.Max.Y; py++ {
		for px := r.Min.X; px < r.Max.X; px++ {
			t := f(float32(px)+0.5-x, float32(py)+0.5-y)
			if t.A <= 0 {
				continue
			}
			o := img.RGBAAt(px, py)
			under := tint{float32(o.R) / 255, float32(o.G) / 255, float32(o.B) / 255, 1}
			a := t.A
			t.A = 1
			img.SetRGBA(px, py, under.mix(t, a).rgba())
		}
	}
}
