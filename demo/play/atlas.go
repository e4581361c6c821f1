package main

import (
	"image"

	"github.com/hajimehoshi/ebiten/v2"

	"github.com/halftick/halftick/demo/arena"
)

// sprite is a place in the atlas. Its centre is what drawing positions and turns.
type sprite struct{ X, Y, W, H float32 }

// gaugeSteps is the number of fill levels that a gauge is drawn in.
const gaugeSteps = 24

// atlas holds every sprite, rendered once for one size of the window: everything but text and the level
// is drawn from this one image, in few draw calls. The circles are anti-aliased here, by the CPU, since
// anti-aliased vector drawing in each frame is what software OpenGL cannot afford.
type atlas struct {
	img *ebiten.Image

	white, ball, rim, thin, dashed, shield, glow, barrel, shell, beam, wave, cross, chevron sprite

	health [gaugeSteps + 1]sprite // around players
	gauge  [gaugeSteps + 1]sprite // cooldowns under the arena
}

// newAtlas renders the sprites: cam is pixels per world unit, scale is pixels per logical unit.
func newAtlas(cam, scale float32) *atlas {
	a := &atlas{}
	p := &packer{img: image.NewRGBA(image.Rect(0, 0, 1024, 1024))}
	r := arena.PlayerRadius * cam
	a.white = p.add(4, 4, func(_, _ float32) tint { return colWhite })
	a.ball = p.add(2*r+2, 2*r+2, ballShade(r))
	a.rim = p.add(2*r+6, 2*r+6, ringShade(r, 1.6*scale, 0))
	a.thin = p.add(2*r+6, 2*r+6, ringShade(r, 1.3*scale, 0))
	a.dashed = p.add(2*r+6, 2*r+6, ringShade(r, 1.5*scale, 9))
	a.shield = p.add(3*r+8, 3*r+8, ringShade(1.45*r, 1.4*scale, 12))
	a.glow = p.add(64, 64, glowShade(31))
	a.barrel = p.add(1.3*r+2, 0.6*r+2, barrelShade(0.65*r, 0.27*r))
	a.shell = p.add(18*cam+2, 9*cam+2, shellShade(8*cam, arena.RocketRadius*cam*0.9))
	a.beam = p.add(8, 32, barShade(15))
	wave := arena.BlastRadius * cam
	a.wave = p.add(2*wave+4, 2*wave+4, waveShade(wave))
	a.cross = p.add(30*scale, 30*scale, crossShade(scale))
	a.chevron = p.add(22*scale, 18*scale, chevronShade(scale))
	for i := range a.health {
		full := float32(i) / gaugeSteps
		a.health[i] = p.add(2.7*r+4, 2.7*r+4, arcShade(1.22*r, max(2, 2.2*scale), full))
		a.gauge[i] = p.add(44*scale, 44*scale, arcShade(19*scale, 4*scale, full))
	}
	a.img = ebiten.NewImageFromImage(p.img)
	return a
}

// waveShade is the pressure wave of a blast: thin outside, fading inwards.
func waveShade(r float32) shade {
	return func(x, y float32) tint {
		d := hypot(x, y)
		return tint{1, 1, 1, cover(d-r) * (0.12 + 0.88*smooth(0.72*r, r, d))}
	}
}

// level returns the frame of a gauge that is filled to fraction f.
func level(frames *[gaugeSteps + 1]sprite, f float32) sprite {
	return frames[int(max(0, min(1, f))*gaugeSteps+0.5)]
}

// packer puts sprites into rows of one image, which grows downwards as needed.
type packer struct {
	img          *image.RGBA
	x, y, height int
}

func (p *packer) add(w, h float32, f shade) sprite {
	iw, ih := int(w+1), int(h+1)
	if p.x+iw+2 > p.img.Rect.Dx() {
		p.x, p.y, p.height = 0, p.y+p.height, 0
	}
	if need := p.y + ih + 2; need > p.img.Rect.Dy() {
		grown := image.NewRGBA(image.Rect(0, 0, p.img.Rect.Dx(), need+512))
		copy(grown.Pix, p.img.Pix)
		p.img = grown
	}
	r := image.Rect(p.x+1, p.y+1, p.x+1+iw, p.y+1+ih)
	paint(p.img, r, f)
	p.x += iw + 2
	p.height = max(p.height, ih+2)
	return sprite{float32(r.Min.X), float32(r.Min.Y), float32(iw), float32(ih)}
}
