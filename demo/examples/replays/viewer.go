package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode/replay"
	"github.com/halftick/halftick/netcode/sim"
)

type (
	match    = replay.Match[arena.World, arena.Input]
	playback = replay.Playback[arena.World, arena.Input]
)

// speeds are what + and - go through; one is the middle one.
var speeds = []float64{0.1, 0.25, 0.5, 1, 2, 4, 8}

// viewer is a match that is watched. It knows no window.
type viewer struct {
	f     io.ReaderAt
	size  int64
	match *match
	play  *playback

	speed  int // of speeds
	paused bool
	deaths []sim.Tick // where the timeline has marks
	flashes

	verdict chan string // of a Verify that runs
	says    string      // what the latest one said
}

// open opens a file of the arena and looks once through all of it for deaths.
func open(f io.ReaderAt, size int64) (*viewer, error) {
	m, err := replay.Open(arena.Game(), f, size)
	if err != nil {
		return nil, err
	}
	v := &viewer{f: f, size: size, match: m, speed: 3}
	if v.deaths, err = deathsOf(m); err != nil {
		return nil, err
	}
	if v.play, err = m.Play(); err != nil {
		return nil, err
	}
	v.flashes.listen(v.play)
	return v, nil
}

func deathsOf(m *match) (at []sim.Tick, err error) {
	p, err := m.Play()
	if err != nil {
		return nil, err
	}
	replay.On(p, arena.DeathEvent, func(_ arena.Death, k sim.EventKey) { at = append(at, k.Tick) })
	for !p.Ended() {
		if err := p.Advance(time.Second / 4); err != nil {
			return nil, err
		}
	}
	return at, nil
}

// frame lets time pass.
func (v *viewer) frame(d time.Duration) error {
	select {
	case v.says = <-v.verdict:
		v.verdict = nil
	default:
	}
	v.play.Speed = speeds[v.speed]
	if v.paused {
		v.play.Speed = 0
	}
	v.flashes.fade(float32(d.Seconds() * v.play.Speed))
	return v.play.Advance(d)
}

// skip goes some time forward or back.
func (v *viewer) skip(d time.Duration) error {
	at, _ := v.play.Tick()
	to := int64(at-v.match.First()) + int64(d*arena.TickRate/time.Second)
	return v.seek(float64(to) / float64(v.ticks()))
}

// seek goes to a share of the match, 0 to 1.
func (v *viewer) seek(share float64) error {
	v.flashes.clear()
	return v.play.Seek(v.match.First() + sim.Tick(min(max(share, 0), 1)*float64(v.ticks())+0.5))
}

// faster goes n steps through speeds, slower when it is negative.
func (v *viewer) faster(n int) { v.speed = min(max(v.speed+n, 0), len(speeds)-1) }

func (v *viewer) ticks() sim.Tick { return max(v.match.Last()-v.match.First(), 1) }

// share is where t is between the first and the last tick, 0 to 1.
func (v *viewer) share(t sim.Tick) float32 { return float32(t-v.match.First()) / float32(v.ticks()) }

// verify computes the match again, beside the window, over a Match of its own. frame takes what it finds.
func (v *viewer) verify() {
	if v.verdict != nil {
		return
	}
	v.says = "every tick is computed again ..."
	done := make(chan string, 1)
	v.verdict = done
	go func() { done <- prove(v.f, v.size) }()
}

func prove(f io.ReaderAt, size int64) string {
	m, err := replay.Open(arena.Game(), f, size)
	if err != nil {
		return err.Error()
	}
	report, err := m.Verify(context.Background())
	if err != nil {
		return fmt.Sprintf("%v; %v", err, report)
	}
	return report.String()
}
