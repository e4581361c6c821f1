// Command toys is a playground: discs and boxes that everybody can push, at once and together. The server has the last word.
//
//	toys                    a window, a server of its own at :4001, and two bots who play
//	toys -addr host:4001    join another's
//
// WASD or the arrows push. N changes the network. Everything is predicted (predict=all in rules.go): what you push gives way at once, and what others
// push is corrected when it is known. The pale rings are where the newest world that the server sent has everything.
// Read rules.go (the game), shapes.go (what touches what), draw.go.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/inpututil"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/examples/window"
	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/simnet"
	"github.com/halftick/halftick/server"
)

// networks are what key N goes through, each way.
var networks = []string{"delay=50ms,jitter=10ms,loss=2%", "none", "delay=100ms,jitter=20ms,loss=5%", "wifi", "4g"}

func main() {
	addr := flag.String("addr", "", "of a server; empty: be one, at 127.0.0.1:4001")
	conditions := flag.String("net", networks[0], "the network in front of this window, each way, as simnet.Parse reads it")
	flag.Parse()
	if err := play(context.Background(), *addr, *conditions); err != nil {
		log.Fatal(err)
	}
}

func play(ctx context.Context, addr, conditions string) error {
	if addr == "" {
		s, err := serve("127.0.0.1:4001")
		if err != nil {
			return err
		}
		addr = s.Addr().String()
		go func() { log.Fatal(s.Run(ctx, "")) }()
	}
	a, err := dial(ctx, addr, conditions)
	if err != nil {
		return err
	}
	defer a.cl.Close()
	ebiten.SetWindowTitle("halftick toys")
	ebiten.SetWindowSize(width, height+bar)
	ebiten.SetRunnableOnUnfocused(true)
	return ebiten.RunGame(a)
}

// serve opens a server with two bots; Run makes it play.
func serve(addr string) (*server.Server[World, Input], error) {
	s, err := server.New(newGame(), server.Config{})
	if err != nil {
		return nil, err
	}
	for i, name := range []string{"Robin", "Kim"} {
		b := &bot{rand: sim.NewRand(uint64(i))}
		if _, err := s.AddBot(name, b.think); err != nil {
			return nil, err
		}
	}
	return s, s.Listen(addr)
}

// bot wanders about.
type bot struct {
	rand sim.Rand
	held Input
}

func (b *bot) think(*World, sim.PlayerID, sim.Tick) Input {
	if b.rand.Intn(25) == 0 {
		b.held = Input{int8(b.rand.Intn(3) - 1), int8(b.rand.Intn(3) - 1)}
	}
	return b.held
}

// app is the window.
type app struct {
	cl  *client.Client[World, Input]
	bad *simnet.Impaired // nil in tests without sockets
	net string
}

func dial(ctx context.Context, addr, conditions string) (*app, error) {
	way, err := simnet.Parse(conditions)
	if err != nil {
		return nil, err
	}
	a := &app{net: conditions}
	a.cl, err = client.DialConfig(ctx, newGame(), addr, client.Config{WrapUDP: func(d carrier.Datagrams) carrier.Datagrams {
		a.bad = simnet.Impair(d, way, way, 1)
		return a.bad
	}})
	return a, err
}

func (a *app) Update() error {
	if inpututil.IsKeyJustPressed(ebiten.KeyN) {
		a.next()
	}
	return a.cl.Update(Input{
		Dx: clamp(window.Axis(ebiten.KeyA, ebiten.KeyD) + window.Axis(ebiten.KeyArrowLeft, ebiten.KeyArrowRight)),
		Dy: clamp(window.Axis(ebiten.KeyW, ebiten.KeyS) + window.Axis(ebiten.KeyArrowUp, ebiten.KeyArrowDown)),
	})
}

func clamp(v int8) int8 { return min(max(v, -1), 1) }

// next goes on to the next network.
func (a *app) next() {
	at := 0
	for i, n := range networks {
		if n == a.net {
			at = i + 1
		}
	}
	a.net = networks[at%len(networks)]
	if way, err := simnet.Parse(a.net); err == nil && a.bad != nil {
		a.bad.Set(way, way)
	}
}

func (a *app) Draw(dst *ebiten.Image)     { draw(dst, a.cl, a.net) }
func (a *app) Layout(int, int) (int, int) { return width, height + bar }
