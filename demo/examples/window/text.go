// Package window is what the windows of the examples share: words, and keys as axes. Start with text.go.
package window

import (
	"bytes"
	"fmt"
	"image/color"
	"sync"

	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/text/v2"
	"golang.org/x/image/font/gofont/gomono"
)

var mono = sync.OnceValue(func() *text.GoTextFaceSource {
	src, err := text.NewGoTextFaceSource(bytes.NewReader(gomono.TTF))
	if err != nil {
		panic(err) // the font is part of the program
	}
	return src
})

// Text writes lines of mono-spaced text; (x, y) is the upper left corner and size the height of a line, all in pixels.
func Text(dst *ebiten.Image, x, y, size float32, c color.Color, format string, args ...any) {
	face := &text.GoTextFace{Source: mono(), Size: float64(size) * 0.8}
	op := &text.DrawOptions{}
	op.GeoM.Translate(float64(x), float64(y))
	op.ColorScale.ScaleWithColor(c)
	op.LineSpacing = float64(size)
	text.Draw(dst, fmt.Sprintf(format, args...), face, op)
}

// Axis returns -1, 0 or 1: which of two keys is held down.
func Axis(less, more ebiten.Key) (v int8) {
	if ebiten.IsKeyPressed(less) {
		v--
	}
	if ebiten.IsKeyPressed(more) {
		v++
	}
	return v
}
