package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode/sim"
)

// A shot is heard at once by who fires, and by the others when they see it.
func ExampleOn() {
	type World struct{ Ships sim.Table[struct{}] }
	type Input struct{ Fire bool }
	type Shot struct{ Power uint8 }
	shot := sim.NewEvent[Shot]("shot", sim.Predicted)
	game := &sim.Game[World, Input]{
		Name:   "ships",
		Events: []sim.AnyEvent{shot},
		Step: func(c *sim.Ctx[World, Input], w *World) {
			for p, in := range c.Inputs() {
				if in.Fire {
					sim.Emit(c, shot, Shot{Power: 3}, sim.By(p))
				}
			}
		},
	}
	cl, err := client.Dial(context.Background(), game, "play.example:7777")
	if err != nil {
		log.Fatal(err)
	}
	defer cl.Close()
	client.On(cl, shot, func(s Shot, i client.EventInfo) { fmt.Println("bang by", cl.Name(i.Source), s.Power, i.Age) })
	client.OnCancel(cl, shot, func(s Shot, i client.EventInfo) { fmt.Println("no bang after all", i.EventKey) })
	for range 600 {
		if err := cl.Update(Input{Fire: true}); err != nil { // calls the listeners
			log.Fatal(err)
		}
	}
}

// A question with an answer that comes with a later frame.
func ExampleCallFunc() {
	type World struct{ Ships sim.Table[struct{}] }
	type Input struct{ Fire bool }
	buy := sim.NewRPC[string, int32]("buy")
	game := &sim.Game[World, Input]{Name: "ships", RPCs: []sim.AnyRPC{buy}, Step: func(*sim.Ctx[World, Input], *World) {}}
	cl, err := client.Dial(context.Background(), game, "play.example:7777")
	if err != nil {
		log.Fatal(err)
	}
	defer cl.Close()
	err = client.CallFunc(cl, buy, "shield", time.Second, func(left int32, err error) {
		var no *sim.CallError
		switch {
		case errors.As(err, &no):
			fmt.Println("the game says no:", no.Code, no.Text)
		case errors.Is(err, client.ErrDeadline), errors.Is(err, client.ErrLost):
			fmt.Println("perhaps bought, perhaps not")
		case err != nil:
			fmt.Println("not asked:", err)
		default:
			fmt.Println("gold left:", left)
		}
	})
	if err != nil {
		fmt.Println("not sent:", err)
	}
}

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
