package main

import (
	"image"
	"math"

	"github.com/hajimehoshi/ebiten/v2"

	"github.com/halftick/halftick/demo/play/ui"
)

// canvas collects sprites and filled rectangles into one list of triangles and draws them together. All
// coordinates are pixels. It is used from Draw only.
type canvas struct {
	dst   *ebiten.Image
	whole *ebiten.Image // dst without the clip
	atlas *atlas
	light bool // colours add up instead of covering

	vertices []ebiten.Vertex
	indices  []uint32
}

// begin starts a frame on dst.
func (c *canvas) begin(dst *ebiten.Image, a *atlas) {
	c.dst, c.whole, c.atlas, c.light = dst, dst, a, false
}

// clip confines what follows to a rectangle, until unclip.
func (c *canvas) clip(r ui.Rect) {
	c.flush()
	c.dst = c.whole.SubImage(image.Rect(int(r.X), int(r.Y), int(r.Right()), int(r.Bottom()))).(*ebiten.Image)
}

func (c *canvas) unclip() {
	c.flush()
	c.dst = c.whole
}

// flush draws what has been collected. Whoever draws to dst directly flushes first.
func (c *canvas) flush() {
	if len(c.indices) == 0 {
		return
	}
	op := &ebiten.DrawTrianglesOptions{Filter: ebiten.FilterLinear, ColorScaleMode: ebiten.ColorScaleModePremultipliedAlpha}
	if c.light {
		op.Blend = ebiten.BlendLighter
	}
	c.dst.DrawTriangles32(c.vertices, c.indices, c.atlas.img, op)
	c.vertices, c.indices = c.vertices[:0], c.indices[:0]
}

// glow chooses whether the following sprites add their light to what is there.
func (c *canvas) glow(on bool) {
	if c.light != on {
		c.flush()
		c.light = on
	}
}

// sprite draws s with its centre at (x, y), turned by angle, scaled by (kx, ky).
func (c *canvas) sprite(s sprite, x, y, angle, kx, ky float32, t tint) {
	sin, cos := float32(0), float32(1)
	if angle != 0 {
		s64, c64 := math.Sincos(float64(angle))
		sin, cos = float32(s64), float32(c64)
	}
	w, h := s.W*kx/2, s.H*ky/2
	c.quad(s, [4][2]float32{
		{x - w*cos + h*sin, y - w*sin - h*cos}, {x + w*cos + h*sin, y + w*sin - h*cos},
		{x - w*cos - h*sin, y - w*sin + h*cos}, {x + w*cos - h*sin, y + w*sin + h*cos},
	}, t)
}

// at draws s as it is with its centre at (x, y).
func (c *canvas) at(s sprite, x, y float32, t tint) { c.sprite(s, x, y, 0, 1, 1, t) }

// size draws s with its centre at (x, y), d pixels wide.
func (c *canvas) size(s sprite, x, y, d float32, t tint) { c.sprite(s, x, y, 0, d/s.W, d/s.W, t) }

// fill fills a rectangle.
func (c *canvas) fill(r ui.Rect, t tint) {
	w := c.atlas.white
	c.quad(sprite{w.X + 1, w.Y + 1, w.W - 2, w.H - 2}, [4][2]float32{
		{r.X, r.Y}, {r.Right(), r.Y}, {r.X, r.Bottom()}, {r.Right(), r.Bottom()},
	}, t)
}

// frame fills a rectangle and draws a line of one pixel around it, on whole pixels.
func (c *canvas) frame(r ui.Rect, in, line tint) {
	r = snap(r)
	c.fill(r, line)
	c.fill(r.Inset(1), in)
}

// line draws a straight line of the given width.
func (c *canvas) line(x0, y0, x1, y1, width float32, t tint) {
	l := hypot(x1-x0, y1-y0)
	if l == 0 {
		return
	}
	nx, ny := -(y1-y0)/l*width/2, (x1-x0)/l*width/2
	w := c.atlas.white
	c.quad(sprite{w.X + 1, w.Y + 1, w.W - 2, w.H - 2}, [4][2]float32{
		{x0 + nx, y0 + ny}, {x1 + nx, y1 + ny}, {x0 - nx, y0 - ny}, {x1 - nx, y1 - ny},
	}, t)
}

// quad adds two triangles: s stretched over the corners upper left, upper right, lower left, lower right.
func (c *canvas) quad(s sprite, p [4][2]float32, t tint) {
	n := uint32(len(c.vertices))
	for i, xy := range p {
		c.vertices = append(c.vertices, ebiten.Vertex{
			DstX: xy[0], DstY: xy[1],
			SrcX: s.X + s.W*float32(i&1), SrcY: s.Y + s.H*float32(i>>1),
			ColorR: t.R * t.A, ColorG: t.G * t.A, ColorB: t.B * t.A, ColorA: t.A,
		})
	}
	c.indices = append(c.indices, n, n+1, n+2, n+1, n+2, n+3)
}

// snap returns r with its edges on whole pixels.
func snap(r ui.Rect) ui.Rect {
	f := func(v float32) float32 { return float32(math.Round(float64(v))) }
	return ui.Rect{X: f(r.X), Y: f(r.Y), W: f(r.Right()) - f(r.X), H: f(r.Bottom()) - f(r.Y)}
}
