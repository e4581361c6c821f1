package p2p_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/halftick/halftick/netcode/p2p"
	"github.com/halftick/halftick/netcode/sim"
)

type (
	sled struct {
		X int16 `net:"range=0:1000"`
	}
	hill struct{ Sleds sim.Table[sled] }
	push struct{ Go bool }
)

var race = &sim.Game[hill, push]{Name: "sleds", TickRate: 60,
	Join: func(c *sim.Ctx[hill, push], w *hill, p sim.PlayerID) { w.Sleds.Spawn(p) },
	Step: func(c *sim.Ctx[hill, push], w *hill) {
		for p, in := range c.Inputs() {
			if s, ok := w.Sleds.Of(p); ok && in.Go {
				s.X++
			}
		}
	}}

// Player 2 of two joins player 1 and plays until the match is over. Player 1 does the same with Player: 1 and its own port in the first place.
func ExampleJoin() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	p, err := p2p.Join(ctx, race, p2p.Config{Player: 2, Addrs: []string{"ann.example:7000", ":7000"}})
	if err != nil {
		log.Fatal(err) // who was missing
	}
	defer p.Close()
	frames := time.NewTicker(time.Second / 60)
	defer frames.Stop()
	for range frames.C {
		if err := p.Update(push{Go: true}); err != nil {
			log.Print(err) // the other has left, or a *p2p.DesyncError
			return
		}
		if ann, ok := p.View().Sleds.Of(1); ok {
			fmt.Println("Ann's sled, perhaps guessed, is at", ann.X)
		}
	}
}
