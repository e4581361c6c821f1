// Command duel is a fight of two without a server: rollback, by package p2p.
//
//	duel                                              both players in one window, a bad link between them
//	duel -player 1 -listen :7001                      one player, who waits for the other
//	duel -player 2 -listen :7002 -peer 127.0.0.1:7001 the other
//
// The left player moves with A and D, jumps with W, strikes with F; the right one with the arrows and Enter. Alone in a window both sets work.
// Keys 1 to 5 choose the link between the two halves. Read rules.go (the game), pair.go (two peers in one process), draw.go.
package main

import (
	"context"
	"flag"
	"log"
	"time"

	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/inpututil"

	"github.com/halftick/halftick/demo/examples/window"
	"github.com/halftick/halftick/netcode/p2p"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/simnet"
)

// links are what keys 1 to 5 choose, each way.
var links = []string{"none", "delay=30ms,jitter=5ms", "delay=60ms,jitter=15ms,loss=5%", "delay=100ms,jitter=20ms,loss=10%", "delay=200ms,loss=20%"}

func main() {
	player := flag.Int("player", 0, "1 or 2: be one player of a match over the network; 0: both, in one window")
	listen := flag.String("listen", ":7001", "where to listen")
	peer := flag.String("peer", "127.0.0.1:7001", "where player 1 is, for player 2")
	link := flag.String("link", links[2], "the link between the two halves of one window, as simnet.Parse reads it")
	flag.Parse()
	ebiten.SetWindowTitle("halftick duel")
	ebiten.SetRunnableOnUnfocused(true)
	if err := play(sim.PlayerID(*player), *listen, *peer, *link); err != nil {
		log.Fatal(err)
	}
}

func play(player sim.PlayerID, listen, peer, link string) error {
	if player == 0 {
		d, err := newDouble(link)
		if err != nil {
			return err
		}
		ebiten.SetWindowSize(2*width, height)
		return ebiten.RunGame(d)
	}
	addrs := []string{listen, ""}
	if player == 2 {
		addrs = []string{peer, listen}
	}
	p, err := p2p.Join(context.Background(), newGame(), p2p.Config{Player: player, Addrs: addrs})
	if err != nil {
		return err
	}
	defer p.Close()
	ebiten.SetWindowSize(width, height)
	return ebiten.RunGame(&single{screen: newScreen(p, player)})
}

// keysOf are the two sets of keys.
func keysOf(player int) Input {
	if player == 1 {
		return Input{window.Axis(ebiten.KeyA, ebiten.KeyD), ebiten.IsKeyPressed(ebiten.KeyW), ebiten.IsKeyPressed(ebiten.KeyF)}
	}
	return Input{window.Axis(ebiten.KeyArrowLeft, ebiten.KeyArrowRight), ebiten.IsKeyPressed(ebiten.KeyArrowUp), ebiten.IsKeyPressed(ebiten.KeyEnter)}
}

// single is the window of one player.
type single struct{ *screen }

func (s *single) Update() error {
	in, right := keysOf(1), keysOf(2)
	if right != (Input{}) {
		in = right
	}
	return s.peer.Update(in)
}

func (s *single) Draw(dst *ebiten.Image)     { s.draw(dst) }
func (s *single) Layout(int, int) (int, int) { return width, height }

// double is both players in one window. Its time is virtual: a frame is a tick.
type double struct {
	pair    *pair
	screens [2]*screen
	link    string
}

func newDouble(link string) (*double, error) {
	way, err := simnet.Parse(link)
	if err != nil {
		return nil, err
	}
	p, err := newPair(1, way)
	if err != nil {
		return nil, err
	}
	return &double{p, [2]*screen{newScreen(p.peers[0], 1), newScreen(p.peers[1], 2)}, link}, nil
}

func (d *double) Update() error {
	for i, link := range links {
		if inpututil.IsKeyJustPressed(ebiten.KeyDigit1 + ebiten.Key(i)) {
			if way, err := simnet.Parse(link); err == nil {
				d.link = link
				d.pair.set(way)
			}
		}
	}
	d.pair.frame(time.Second/60, [2]Input{keysOf(1), keysOf(2)})
	for _, p := range d.pair.peers {
		if err := p.Err(); err != nil {
			return err
		}
	}
	return nil
}

func (d *double) Draw(dst *ebiten.Image) {
	for i, s := range d.screens {
		s.draw(half(dst, i))
	}
	divide(dst, d.link)
}

func (d *double) Layout(int, int) (int, int) { return 2 * width, height }
