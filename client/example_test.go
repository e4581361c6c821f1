package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode/sim"
)

func Example() {
	type Ship struct {
		Pos sim.Vec2 `net:"range=-512:512,step=1/64,lerp,smooth"`
	}
	type World struct{ Ships sim.Table[Ship] }
	type Input struct {
		Dx int8 `net:"range=-1:1"`
	}
	game := &sim.Game[World, Input]{
		Name: "ships",
		Join: func(c *sim.Ctx[World, Input], w *World, p sim.PlayerID) { w.Ships.Spawn(p) },
		Step: func(c *sim.Ctx[World, Input], w *World) {
			for p, in := range c.Inputs() {
				if s, ok := w.Ships.Of(p); ok {
					s.Pos.X += float32(in.Dx)
				}
			}
		},
	}

	cl, err := client.DialConfig(context.Background(), game, "play.example:7777", client.Config{Name: "ann"})
	switch {
	case errors.Is(err, client.ErrFull):
		log.Fatal("no room, try again later")
	case err != nil:
		log.Fatal(err)
	}
	defer cl.Close()
	for frame := range 600 { // a real program does this once per frame of its window
		if err := cl.Update(Input{Dx: int8(frame / 60 % 2)}); err != nil {
			log.Fatal(err)
		}
		for id, ship := range cl.View().Ships.All() {
			fmt.Println(id, ship.Pos, cl.Stats().RTT)
		}
	}
}
