package main

import (
	"bytes"
	"math"
	"strings"

	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/text/v2"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
)

// font names one of the faces.
type font uint8

const (
	regular font = iota
	bold
	mono
)

// align says which point of a text its position names.
type align uint8

const (
	left align = iota
	centre
	right
)

// idleFrames is how long a text image outlives its last use.
const idleFrames = 240

// lettering draws text: each string is rendered once at the window's true resolution, in white, and kept as
// an image while it is in use, so that a line of text costs one quad in each frame.
type lettering struct {
	sources [3]*text.GoTextFaceSource
	canvas  *canvas
	scale   float32
	frame   int
	cache   map[textKey]*textImage
}

type textKey struct {
	font font
	size float32 // pixels
	s    string
}

type textImage struct {
	img  *ebiten.Image
	w, h float32
	used int // frame
}

func newLettering(c *canvas) (*lettering, error) {
	l := &lettering{canvas: c, cache: map[textKey]*textImage{}}
	for i, ttf := range [][]byte{goregular.TTF, gobold.TTF, gomono.TTF} {
		src, err := text.NewGoTextFaceSource(bytes.NewReader(ttf))
		if err != nil {
			return nil, err
		}
		l.sources[i] = src
	}
	return l, nil
}

// begin starts a frame in which a logical unit is scale pixels, and forgets texts that are no longer shown.
func (l *lettering) begin(scale float32) {
	l.scale = scale
	l.frame++
	if l.frame%60 != 0 {
		return
	}
	for k, t := range l.cache {
		if l.frame-t.used > idleFrames {
			t.img.Deallocate()
			delete(l.cache, k)
		}
	}
}

func (l *lettering) face(f font, px float32) *text.GoTextFace {
	return &text.GoTextFace{Source: l.sources[f], Size: float64(px)}
}

// width returns the width in pixels of s, set in size logical units.
func (l *lettering) width(f font, size float32, s string) float32 {
	return float32(text.AdvanceAt(s, len(s), l.face(f, size*l.scale)))
}

// draw puts one line with its vertical middle at y; x and y are pixels, size is in logical units.
func (l *lettering) draw(f font, size float32, s string, x, y float32, a align, t tint) {
	if s == "" {
		return
	}
	im := l.image(textKey{f, size * l.scale, s})
	switch a {
	case centre:
		x -= im.w / 2
	case right:
		x -= im.w
	}
	l.canvas.flush()
	op := &ebiten.DrawImageOptions{}
	op.GeoM.Translate(math.Round(float64(x)), math.Round(float64(y-im.h/2)))
	op.ColorScale.Scale(t.R*t.A, t.G*t.A, t.B*t.A, t.A)
	l.canvas.dst.DrawImage(im.img, op)
}

func (l *lettering) image(k textKey) *textImage {
	im := l.cache[k]
	if im == nil {
		face := l.face(k.font, k.size)
		m := face.Metrics()
		w, h := text.AdvanceAt(k.s, len(k.s), face), m.HAscent+m.HDescent
		im = &textImage{img: ebiten.NewImage(int(w)+3, int(h)+3), w: float32(w), h: float32(h)}
		text.Draw(im.img, k.s, face, &text.DrawOptions{})
		l.cache[k] = im
	}
	im.used = l.frame
	return im
}

// wrap breaks s into lines no wider than w pixels.
func (l *lettering) wrap(f font, size float32, s string, w float32) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		next := strings.TrimSpace(line + " " + word)
		if line != "" && l.width(f, size, next) > w {
			lines, next = append(lines, line), word
		}
		line = next
	}
	return append(lines, line)
}

// fit shortens s with an ellipsis until it is no wider than w pixels.
func (l *lettering) fit(f font, size float32, s string, w float32) string {
	if l.width(f, size, s) <= w {
		return s
	}
	r := []rune(s)
	for len(r) > 0 && l.width(f, size, string(r)+"…") > w {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}

// shadowed draws one line centred at (x, y) with a dark copy below, so that it reads on any ground.
func (l *lettering) shadowed(f font, size float32, s string, x, y float32, t tint) {
	d := max(1, l.scale)
	l.draw(f, size, s, x+d, y+d, centre, colBlack.fade(0.8*t.A))
	l.draw(f, size, s, x, y, centre, t)
}
