package server_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/server"
)

type (
	shopWorld struct{ Gold int32 }
	shopInput struct{}
	shopCtx   = sim.Ctx[shopWorld, shopInput]
)

var (
	soldEvent = sim.NewEvent[string]("sold", sim.Reliable)
	buyCall   = sim.NewRPC[string, int32]("buy")
	shopGame  = &sim.Game[shopWorld, shopInput]{
		Name: "shop", Step: func(*shopCtx, *shopWorld) {},
		Events: []sim.AnyEvent{soldEvent}, RPCs: []sim.AnyRPC{buyCall},
	}
)

// A server that answers questions, tells everybody what came of them, and has something to say itself.
func ExampleHandle() {
	srv, err := server.New(shopGame, server.Config{})
	if err != nil {
		log.Fatal(err)
	}
	server.Handle(srv, buyCall, func(c *shopCtx, w *shopWorld, p sim.PlayerID, what string) (int32, error) {
		if what != "sword" {
			return 0, &sim.CallError{Code: 1, Text: "we have none"}
		}
		w.Gold += 10
		sim.Emit(c, soldEvent, what, sim.By(p))
		return w.Gold, nil
	})
	server.On(srv, soldEvent, func(what string, k sim.EventKey) { fmt.Println(k.Source, "bought a", what) })
	srv.Tick(time.Second) // Run does it; here nobody is in the match
	if err := server.Emit(srv, soldEvent, "cake"); err != nil {
		log.Fatal(err)
	}
	srv.Tick(2 * time.Second)
	// Output: 0 bought a cake
}

func ExampleServer_Run() {
	srv, err := server.New(shopGame, server.Config{MaxPlayers: 8})
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(srv.Run(context.Background(), ":7777"))
}

// One process with a lobby that is always there, and rooms that clients open.
func ExampleHall() {
	hall, err := server.NewHall(shopGame, server.HallConfig[shopWorld, shopInput]{ClientsOpen: true, Crashes: "crashes"})
	if err != nil {
		log.Fatal(err)
	}
	lobby, err := hall.Open("lobby", server.RoomConfig{})
	if err != nil {
		log.Fatal(err)
	}
	hall.Tick(time.Second) // Run does it
	for _, r := range hall.Rooms() {
		fmt.Println(r.Name(), r.Info().State, len(r.Code()))
	}
	lobby.Close("closing time")
	hall.Tick(2 * time.Second)
	fmt.Println(len(hall.Rooms()), "rooms")
	// Output:
	// lobby open 6
	// 0 rooms
}
