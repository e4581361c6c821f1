package main

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"time"

	"github.com/hajimehoshi/ebiten/v2"
)

// shot ends the program after a time and, when it has a file name, writes the window to it first.
type shot struct {
	file  string
	after time.Duration
	done  bool
	err   error
}

// newShot returns nil when the program is to run until it is closed.
func newShot(file string, after time.Duration) *shot {
	if file == "" && after == 0 {
		return nil
	}
	return &shot{file: file, after: after}
}

// over reports whether the program is to end.
func (s *shot) over(now time.Duration) bool {
	return s != nil && (s.done || s.file == "" && now >= s.after)
}

// take writes the picture when it is time.
func (s *shot) take(screen *ebiten.Image, now time.Duration) {
	if s == nil || s.file == "" || s.done || now < s.after {
		return
	}
	img := image.NewRGBA(screen.Bounds())
	screen.ReadPixels(img.Pix)
	s.done, s.err = true, writePNG(s.file, img)
}

func writePNG(file string, img image.Image) error {
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("screenshot: %w", err)
	}
	if err := png.Encode(f, img); err != nil {
		f.Close()
		return fmt.Errorf("screenshot %s: %w", file, err)
	}
	return f.Close()
}

// failure returns why no picture could be written, or nil.
func (s *shot) failure() error {
	if s == nil {
		return nil
	}
	return s.err
}
