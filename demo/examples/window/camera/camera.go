// Package camera takes pictures in the tests of windows: Ebitengine draws only while a window runs, in the main goroutine.
//
//	var cam = camera.New()
//
//	func TestMain(m *testing.M) { os.Exit(cam.Run(m)) }
//
//	img := cam.Picture(t, "first.png", 640, 480, app.Draw)
package camera

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/hajimehoshi/ebiten/v2"
)

// Camera takes pictures for the tests of one package. Make one with New.
type Camera struct {
	jobs chan func()
	done chan struct{}
	code int
}

// New returns a camera; Run makes it work.
func New() *Camera { return &Camera{jobs: make(chan func()), done: make(chan struct{})} }

// Run runs the tests of a package, beside a window where there is a display, and returns what to exit with. TestMain calls it.
func (c *Camera) Run(m *testing.M) int {
	if !display() {
		return m.Run()
	}
	ebiten.SetRunnableOnUnfocused(true)
	ebiten.SetWindowSize(64, 64)
	go func() { c.code = m.Run(); close(c.done) }()
	if err := ebiten.RunGame((*stage)(c)); err != nil {
		println(err.Error())
		return 1
	}
	return c.code
}

// Picture returns what draw draws on a black screen of w by h pixels, and keeps it under that name among the artifacts of the test. Without
// a display the test is skipped, or fails if CI is set.
func (c *Camera) Picture(t testing.TB, name string, w, h int, draw func(*ebiten.Image)) *image.RGBA {
	t.Helper()
	if !display() {
		if os.Getenv("CI") != "" {
			t.Fatal("no display, and CI is set: the window must be tested")
		}
		t.Skip("no display: run under xvfb-run, or set CI to make this an error")
	}
	img, ready := image.NewRGBA(image.Rect(0, 0, w, h)), make(chan struct{})
	c.jobs <- func() {
		defer close(ready)
		screen := ebiten.NewImage(w, h)
		defer screen.Deallocate()
		draw(screen)
		screen.ReadPixels(img.Pix)
	}
	<-ready
	f, err := os.Create(filepath.Join(t.ArtifactDir(), name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Error(err)
	}
	return img
}

// Colours counts the different colours of a picture: an empty one has one.
func Colours(img *image.RGBA) int {
	seen := map[[3]byte]bool{}
	for i := 0; i < len(img.Pix); i += 4 {
		seen[[3]byte(img.Pix[i:i+3])] = true
	}
	return len(seen)
}

func display() bool {
	return runtime.GOOS != "linux" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// stage is the window beside which the tests run.
type stage Camera

func (s *stage) Update() error {
	select {
	case job := <-s.jobs:
		job()
	case <-s.done:
		return ebiten.Termination
	default:
	}
	return nil
}

func (s *stage) Draw(*ebiten.Image)         {}
func (s *stage) Layout(int, int) (int, int) { return 64, 64 }
