package main

import (
	"image"
	"math"
)

// shade is the colour of a sprite at a point, in pixels from its centre.
type shade func(x, y float32) tint

// paint fills a rectangle of dst, whose centre is the origin of f.
func paint(dst *image.RGBA, r image.Rectangle, f shade) {
	cx, cy := float32(r.Min.X+r.Max.X)/2, float32(r.Min.Y+r.Max.Y)/2
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			dst.SetRGBA(x, y, f(float32(x)+0.5-cx, float32(y)+0.5-cy).rgba())
		}
	}
}

// cover turns a signed distance to an edge, in pixels, negative inside, into coverage: anti-aliasing.
func cover(d float32) float32 { return max(0, min(1, 0.5-d)) }

func hypot(x, y float32) float32 { return float32(math.Hypot(float64(x), float64(y))) }

// boxDist is the signed distance to a box of half size (w, h) with corners of radius r.
func boxDist(x, y, w, h, r float32) float32 {
	qx, qy := abs(x)-w+r, abs(y)-h+r
	return hypot(max(qx, 0), max(qy, 0)) + min(max(qx, qy), 0) - r
}

func abs(v float32) float32 { return max(v, -v) }

// smooth is the smoothstep of v between a and b.
func smooth(a, b, v float32) float32 {
	t := max(0, min(1, (v-a)/(b-a)))
	return t * t * (3 - 2*t)
}

// ballShade is a disc lit from the upper left, in greys, to be multiplied by a player's colour.
func ballShade(r float32) shade {
	return func(x, y float32) tint {
		d := hypot(x, y)
		light := 1 - 0.24*smooth(0.2*r, 1.75*r, hypot(x+r*0.4, y+r*0.45))
		rim := 1 - 0.4*smooth(r-2, r-0.3, d)
		v := light * rim
		return tint{v, v, v, cover(d - r)}
	}
}

// ringShade is a circle line of the given width. Dashes is the number of gaps, 0 for none.
func ringShade(r, width float32, dashes int) shade {
	return func(x, y float32) tint {
		a := cover(abs(hypot(x, y)-r) - width/2)
		if dashes > 0 {
			turn := math.Atan2(float64(y), float64(x)) / (2 * math.Pi) * float64(dashes)
			along := abs(float32(turn-math.Floor(turn))-0.5) * 2 * math.Pi * r / float32(dashes)
			a *= cover(along - 0.58*math.Pi*r/float32(dashes))
		}
		return tint{1, 1, 1, a}
	}
}

// arcShade is a gauge: the part of a circle line from the top, clockwise, up to fraction full.
func arcShade(r, width, full float32) shade {
	return func(x, y float32) tint {
		line := cover(abs(hypot(x, y)-r) - width/2)
		turn := float32(math.Atan2(float64(x), float64(-y)) / (2 * math.Pi))
		if turn < 0 {
			turn++
		}
		edge := max((turn-full)*2*math.Pi*r, -turn*2*math.Pi*r)
		if full >= 1 {
			edge = -1
		}
		return tint{1, 1, 1, line * cover(edge)}
	}
}

// glowShade is a soft spot.
func glowShade(r float32) shade {
	return func(x, y float32) tint {
		v := 1 - smooth(0, r, hypot(x, y))
		return tint{1, 1, 1, v * v}
	}
}

// barrelShade is a gun that points right: where a player aims.
func barrelShade(w, h float32) shade {
	return func(x, y float32) tint {
		v := 1 - 0.35*smooth(-0.2*h, h, y)
		return tint{v, v, v, cover(boxDist(x, y, w, h, 0.5*h))}
	}
}

// shellShade is a rocket that flies to the right.
func shellShade(w, h float32) shade {
	return func(x, y float32) tint {
		v := 0.75 + 0.25*smooth(h, -h, y)
		return tint{v, v, v, cover(boxDist(x, y, w, h, h))}
	}
}

// barShade is the cross-section of a beam: bright along y = 0.
func barShade(h float32) shade {
	return func(_, y float32) tint {
		v := 1 - smooth(0, h, abs(y))
		return tint{1, 1, 1, v}
	}
}

// crossShade is the crosshair: four strokes around a dot, outlined in black so that it shows on anything.
func crossShade(s float32) shade {
	return func(x, y float32) tint {
		arm := func(grow float32) float32 {
			h := boxDist(abs(x)-9*s, y, 4*s+grow, 0.9*s+grow, 0)
			v := boxDist(x, abs(y)-9*s, 0.9*s+grow, 4*s+grow, 0)
			return cover(min(h, v, hypot(x, y)-1.6*s-grow))
		}
		in, out := arm(0), arm(1.2*s)
		return tint{in, in, in, max(in, out*0.7)}
	}
}

// chevronShade is a double arrow to the right: the dash.
func chevronShade(s float32) shade {
	return func(x, y float32) tint {
		stroke := func(at float32) float32 {
			return max(abs(x-at+abs(y))-2.4*s, abs(y)-7*s) * 0.75
		}
		return tint{1, 1, 1, cover(min(stroke(0), stroke(7*s)))}
	}
}
