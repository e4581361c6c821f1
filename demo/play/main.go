// Command play is the arena with a window: the match, what the network does to it, and switches for
// everything that hides it.
//
//	play                                       your own server with bots, on this machine
//	play -connect play.example:7777 -name Ada  somebody else's
//
// Where there is no display it says so and plays the same match without a window, with a line of text
// per second.
//
// Reading order: flags.go (what it can be told), app.go (the window's life), input.go, scene.go and the
// files that draw a part each; package ui holds layout, panel and charts without graphics, package
// match the match itself.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/hajimehoshi/ebiten/v2"

	"github.com/halftick/halftick/demo/play/match"
	"github.com/halftick/halftick/demo/play/ui"
)

// Exit codes besides 0.
const (
	exitFailed = 1 // the match could not be played
	exitUsage  = 2 // it was told something impossible
)

func main() {
	opt, err := parse(os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Print(opt.usage)
	case err != nil:
		fmt.Fprintf(os.Stderr, "play: %v (play -help lists the flags)\n", err)
		os.Exit(exitUsage)
	default:
		os.Exit(run(opt))
	}
}

// run plays until the window is closed, the time is over or a signal comes, and returns the exit code.
func run(opt options) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if opt.tokens != "" {
		if err := opt.login(ctx); err != nil {
			return fail(err)
		}
	}
	if opt.lan {
		if err := opt.findLAN(ctx, os.Stdout); err != nil {
			return fail(err)
		}
	}
	if err := opt.remember(os.Stderr); err != nil {
		return fail(err)
	}
	opt.comeBack()
	m, err := match.Start(ctx, opt.match)
	if err != nil {
		return fail(err)
	}
	defer m.Close()
	leaveWithTab(m)
	why := "headless"
	if !opt.headless {
		if why = noDisplay(); why == "" {
			if err = window(ctx, m, opt); err == nil {
				return 0
			}
			if _, lacking := errors.AsType[*displayError](err); !lacking {
				return fail(err)
			}
			why = err.Error()
		}
	}
	if opt.screenshot != "" {
		return fail(fmt.Errorf("no screenshot without a window: %s", why))
	}
	what := "playing without a window, by a bot"
	if m.Spectates() {
		what = "watching without a window"
	}
	fmt.Printf("%s: %s; a line per second, Ctrl-C ends\n", why, what)
	if err := m.Watch(ctx, os.Stdout, isTerminal(os.Stdout), opt.after); err != nil {
		return fail(err)
	}
	return 0
}

func fail(err error) int {
	fmt.Fprintf(os.Stderr, "play: %v\n", err)
	return exitFailed
}

// noDisplay says why there can be no window, or nothing.
func noDisplay() string {
	if runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return "no display: neither DISPLAY nor WAYLAND_DISPLAY is set"
	}
	return ""
}

// displayError is why the window did not open.
type displayError struct{ err error }

func (e *displayError) Error() string { return "the display cannot be used: " + e.err.Error() }

// window opens the window and returns when it is closed.
func window(ctx context.Context, m *match.Match, opt options) error {
	a, err := newApp(ctx, m, opt)
	if err != nil {
		return err
	}
	ebiten.SetWindowTitle("halftick arena")
	ebiten.SetWindowSize(opt.width, opt.height)
	ebiten.SetWindowSizeLimits(ui.BaseWidth/2, ui.BaseHeight/2, -1, -1)
	ebiten.SetWindowResizingMode(ebiten.WindowResizingModeEnabled)
	ebiten.SetRunnableOnUnfocused(true)
	ebiten.SetScreenClearedEveryFrame(false) // Draw covers all of it
	if err := ebiten.RunGame(a); err != nil {
		if !a.drawn {
			return &displayError{err}
		}
		return err
	}
	return a.shot.failure()
}

// isTerminal reports whether f is a screen rather than a file or a pipe.
func isTerminal(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}
