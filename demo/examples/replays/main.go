// Command replays shows recorded matches of the arena, at any speed and from any place.
//
//	replays                  half a minute of bots, played just now
//	replays FILE             a file of any server of the arena: server.Config.Record
//	replays -record FILE     write half a minute of bots into a new file, without a window
//
// Read record.go (how a file is made), viewer.go (how it is played), flashes.go (events), draw.go.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/inpututil"

	"github.com/halftick/halftick/demo/arena"
)

func main() {
	into := flag.String("record", "", "write a match of bots into this new file")
	length := flag.Duration("length", 30*time.Second, "of the match of bots")
	bots := flag.Int("bots", 6, "in the match of bots")
	flag.Parse()
	err := errors.New("want one FILE at most")
	switch {
	case *into != "":
		err = write(*into, *length, *bots)
	case flag.NArg() == 0:
		err = watchBots(*length, *bots)
	case flag.NArg() == 1:
		err = watch(flag.Arg(0))
	}
	if err != nil {
		log.Fatal(err)
	}
}

// write makes a file. A match in virtual time is faster than it is long and may wait for the disk: replay.Create is for those that may not.
func write(path string, length time.Duration, bots int) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if err := errors.Join(record(f, length, bots), f.Close()); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err == nil {
		fmt.Printf("%s: %v of %d bots in %d bytes\n", path, length, bots, info.Size())
	}
	return err
}

func watchBots(length time.Duration, bots int) error {
	var b bytes.Buffer
	if err := record(&b, length, bots); err != nil {
		return err
	}
	v, err := open(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		return err
	}
	return run(v, "bots")
}

func watch(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	v, err := open(f, info.Size())
	if err != nil {
		return err
	}
	return run(v, path)
}

func run(v *viewer, name string) error {
	ebiten.SetWindowTitle("halftick replay: " + name)
	ebiten.SetWindowSize(arena.Width, arena.Height+bar)
	ebiten.SetRunnableOnUnfocused(true)
	return ebiten.RunGame(&app{v})
}

// app is the window.
type app struct{ v *viewer }

func (a *app) Update() error {
	for key, do := range map[ebiten.Key]func() error{
		ebiten.KeyArrowLeft:      func() error { return a.v.skip(-2 * time.Second) },
		ebiten.KeyArrowRight:     func() error { return a.v.skip(2 * time.Second) },
		ebiten.KeyArrowDown:      func() error { return a.v.skip(-10 * time.Second) },
		ebiten.KeyArrowUp:        func() error { return a.v.skip(10 * time.Second) },
		ebiten.KeyHome:           func() error { return a.v.seek(0) },
		ebiten.KeyEnd:            func() error { return a.v.seek(1) },
		ebiten.KeyPeriod:         func() error { a.v.paused = true; return a.v.skip(time.Second / arena.TickRate) },
		ebiten.KeySpace:          func() error { a.v.paused = !a.v.paused; return nil },
		ebiten.KeyEqual:          func() error { a.v.faster(1); return nil },
		ebiten.KeyNumpadAdd:      func() error { a.v.faster(1); return nil },
		ebiten.KeyMinus:          func() error { a.v.faster(-1); return nil },
		ebiten.KeyNumpadSubtract: func() error { a.v.faster(-1); return nil },
		ebiten.KeyV:              func() error { a.v.verify(); return nil },
	} {
		if inpututil.IsKeyJustPressed(key) {
			if err := do(); err != nil {
				return err
			}
		}
	}
	if x, y := ebiten.CursorPosition(); ebiten.IsMouseButtonPressed(ebiten.MouseButtonLeft) && y >= arena.Height {
		if err := a.v.seek(float64(x-lineX) / lineWide); err != nil {
			return err
		}
	}
	return a.v.frame(time.Second / 60)
}

func (a *app) Draw(dst *ebiten.Image)     { a.v.draw(dst) }
func (a *app) Layout(int, int) (int, int) { return arena.Width, arena.Height + bar }
