package main

import (
	"context"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"github.com/halftick/halftick/demo/examples/window/camera"
	"github.com/halftick/halftick/netcode/matchtest"
	"github.com/halftick/halftick/netcode/sim"
)

var cam = camera.New()

func TestMain(m *testing.M) { os.Exit(cam.Run(m)) }

type player = matchtest.Player[World, Input]

func anyKeys(r *rand.Rand) Input { return Input{int8(r.IntN(3) - 1), int8(r.IntN(3) - 1)} }

func TestRunAgainIsTheSame(t *testing.T) {
	play := func(r *rand.Rand, _ *World, _ sim.PlayerID) Input { return anyKeys(r) }
	if err := matchtest.SyncTest(newGame(), matchtest.SyncOptions[World, Input]{Seed: 1, Players: 4, Play: play}); err != nil {
		t.Error(err)
	}
}

// TestEverybodyPushes: three push toys about over a bad network, and end up with the same playground.
func TestEverybodyPushes(t *testing.T) {
	m := matchtest.New(t, newGame(), matchtest.Options{Seed: 2, Conditions: "delay=50ms,jitter=10ms,loss=5%"})
	for seed := range uint64(3) {
		m.Join(matchtest.Random[World](seed, 25, anyKeys))
	}
	before := *m.World()
	m.Run(20 * time.Second)
	m.Settle()
	moved := 0
	was := map[sim.ID]sim.Vec2{}
	for id, toy := range before.Toys.All() {
		was[id] = toy.Pos
	}
	for id, toy := range m.World().Toys.All() {
		if toy.Pos.Sub(was[id]).Len() > 10 {
			moved++
		}
	}
	if moved < count/4 {
		t.Errorf("%d of %d toys moved", moved, count)
	}
	for i, p := range m.Players {
		s := p.Stats()
		t.Logf("player %d: %d corrections in 25 s, largest %.1f; %.1f kB/s down", i+1, s.Corrections, s.LastCorrection, float64(s.BytesDown)/25e3)
	}
}

// TestToyGivesWayAtOnce: at 200 ms of round trip a toy moves in the frames in which it is touched, while the server's word about it is still
// the old one, and is in the end where the server has it.
func TestToyGivesWayAtOnce(t *testing.T) {
	m := matchtest.New(t, newGame(), matchtest.Options{Seed: 3, Conditions: "delay=100ms"})
	p := m.Join(nil)
	m.Run(3 * time.Second)
	p.Play = func(p *player) Input { // to the first toy, which is below and to the left of where players enter
		me, ok := p.View().Players.Of(p.Player())
		toy, there := firstToy(p.View())
		if !ok || !there {
			return Input{}
		}
		way := toy.Pos.Sub(me.Pos)
		return Input{Dx: towards(way.X), Dy: towards(way.Y)}
	}
	before, _ := firstToy(m.World())
	m.RunUntil(5*time.Second, func() bool {
		toy, _ := firstToy(p.View())
		return toy.Pos.Sub(before.Pos).Len() > 3
	})
	if word, _ := firstToy(p.Auth()); word.Pos != before.Pos {
		t.Errorf("the toy moved on the screen only after the server had said so: %v, was %v", word.Pos, before.Pos)
	}
	m.Settle()
	shown, _ := firstToy(p.View())
	if truth, _ := firstToy(m.World()); shown.Pos.Sub(truth.Pos).Len() > 1 {
		t.Errorf("in the end the toy is shown at %v, and is at %v", shown.Pos, truth.Pos)
	}
}

func firstToy(w *World) (Toy, bool) {
	for _, toy := range w.Toys.All() {
		return *toy, true
	}
	return Toy{}, false
}

func towards(d float32) int8 {
	switch {
	case d > 2:
		return 1
	case d < -2:
		return -1
	}
	return 0
}

// TestPicture plays over real sockets with the two bots and takes a picture.
func TestPicture(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	s, err := serve("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx, "") }()
	a, err := dial(ctx, s.Addr().String(), networks[0])
	if err != nil {
		t.Fatal(err)
	}
	for range 2 * len(networks) {
		a.next() // round and back to the first
	}
	frames := time.NewTicker(time.Second / 60)
	defer frames.Stop()
	touched := func() (n int) {
		for _, toy := range a.cl.View().Toys.All() {
			if toy.Last > 0 {
				n++
			}
		}
		return n
	}
	for frame := 0; touched() < 8; frame++ {
		way := []Input{{0, 1}, {1, 0}, {0, -1}, {1, 1}, {-1, 0}}[frame/40%5]
		if err := a.cl.Update(way); err != nil {
			t.Fatalf("%d toys touched: %v", touched(), err)
		}
		<-frames.C
	}
	defer func() {
		if err := a.cl.Close(); err != nil {
			t.Error(err)
		}
		cancel()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	}()
	img := cam.Picture(t, "toys.png", width, height+bar, func(dst *ebiten.Image) { a.Draw(dst) })
	if n := camera.Colours(img); n < 6 {
		t.Errorf("the picture has %d colours", n)
	}
}
