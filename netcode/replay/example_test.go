package replay_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"time"

	"github.com/halftick/halftick/netcode/replay"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/server"
)

type (
	runner struct {
		X float32 `net:"range=0:1000,step=1/16,lerp"`
	}
	track struct{ Runners sim.Table[runner] }
	legs  struct{ Run bool }
)

// A match is recorded by its server, and then found again, in slow motion too, and proved.
func Example() {
	game := &sim.Game[track, legs]{Name: "race", TickRate: 60,
		Join: func(c *sim.Ctx[track, legs], w *track, p sim.PlayerID) { w.Runners.Spawn(p) },
		Step: func(c *sim.Ctx[track, legs], w *track) {
			for p, in := range c.Inputs() {
				if r, ok := w.Runners.Of(p); ok && in.Run {
					r.X++
				}
			}
		}}
	var file bytes.Buffer // or replay.Create("race.replay")
	s, err := server.New(game, server.Config{Record: &file})
	if err != nil {
		log.Fatal(err)
	}
	s.AddBot("Robin", func(*track, sim.PlayerID, sim.Tick) legs { return legs{Run: true} })
	for tick := range 300 { // Run does that in real time
		s.Tick(time.Duration(tick) * time.Second / 60)
	}

	m, err := replay.Open(game, bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		log.Fatal(err)
	}
	p, err := m.Play()
	if err != nil {
		log.Fatal(err)
	}
	p.Seek(m.First() + 99)
	p.Speed = 0.5
	p.Advance(time.Second / 60) // half a tick
	for _, r := range p.View().Runners.All() {
		fmt.Println("at", r.X)
	}
	report, err := m.Verify(context.Background())
	fmt.Println(report.Verified > 200, report.First, err)
	// Output:
	// at 100.5
	// true <nil> <nil>
}
