// Command hello is the smallest whole game: an authoritative server, a client that predicts, a window.
// Start "hello -serve", then "hello" in a second window; WASD moves.
package main

import (
	"context"
	"flag"
	"image/color"
	"log"

	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/vector"
	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/server"
)

type Player struct {
	Pos sim.Vec2 `net:"range=0:640,step=1/64,lerp,smooth"`
}
type World struct{ Players sim.Table[Player] }
type Input struct {
	Dx, Dy int8 `net:"range=-1:1"`
}
type Ctx = sim.Ctx[World, Input]
type app struct{ cl *client.Client[World, Input] } // the window

var game = &sim.Game[World, Input]{
	Name: "hello", TickRate: 60,
	Join: func(c *Ctx, w *World, p sim.PlayerID) { w.Players.Spawn(p).Pos = sim.V(320, 240) },
	Step: func(c *Ctx, w *World) { // runs on the server, and in each client for its own player
		for p, in := range c.Inputs() {
			if pl, ok := w.Players.Of(p); ok {
				pl.Pos = pl.Pos.Add(sim.V(float32(in.Dx), float32(in.Dy)).Mul(200 * c.DT))
			}
		}
	},
}
var keys = map[ebiten.Key]Input{ebiten.KeyA: {-1, 0}, ebiten.KeyD: {1, 0}, ebiten.KeyW: {0, -1}, ebiten.KeyS: {0, 1}}

func (a *app) Update() error { // 60 times a second
	var in Input
	for key, way := range keys {
		if ebiten.IsKeyPressed(key) {
			in.Dx, in.Dy = in.Dx+way.Dx, in.Dy+way.Dy
		}
	}
	return a.cl.Update(in)
}
func (a *app) Draw(s *ebiten.Image) {
	for id, p := range a.cl.View().Players.All() { // own player predicted, others interpolated
		vector.FillCircle(s, p.Pos.X, p.Pos.Y, 12, color.RGBA{uint8(id * 90), 200, 255 - uint8(id*60), 255}, false)
	}
}
func (a *app) Layout(int, int) (int, int) { return 640, 480 }

func main() {
	addr, serve := flag.String("addr", "127.0.0.1:4000", "of the server"), flag.Bool("serve", false, "be the server too")
	if flag.Parse(); *serve {
		go func() { log.Fatal(server.Run(context.Background(), game, *addr)) }()
	}
	cl, err := client.Dial(context.Background(), game, *addr)
	if err == nil {
		defer cl.Close()
		err = ebiten.RunGame(&app{cl})
	}
	if err != nil {
		log.Fatal(err)
	}
}
