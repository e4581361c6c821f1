package main

import (
	"context"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"time"

	"github.com/halftick/halftick/demo/examples/window/camera"
	"github.com/halftick/halftick/netcode/matchtest"
	"github.com/halftick/halftick/netcode/p2p"
	"github.com/halftick/halftick/netcode/sim"
)

var cam = camera.New()

func TestMain(m *testing.M) { os.Exit(cam.Run(m)) }

func anyKeys(r *rand.Rand) Input {
	return Input{Dx: int8(r.IntN(3) - 1), Jump: r.IntN(8) == 0, Strike: r.IntN(3) == 0}
}

// towards is somebody who goes to the other and strikes.
func towards(r *rand.Rand, w *World, p sim.PlayerID) Input {
	in := anyKeys(r)
	me, ok := w.Fighters.Of(p)
	other, there := w.Fighters.Of(3 - p)
	if ok && there && r.IntN(4) != 0 {
		in.Dx = 1
		if other.Pos.X < me.Pos.X {
			in.Dx = -1
		}
	}
	return in
}

// TestRunAgainIsTheSame: rollback needs a Step that does the same each time.
func TestRunAgainIsTheSame(t *testing.T) {
	if err := matchtest.SyncTest(newGame(), matchtest.SyncOptions[World, Input]{Seed: 1, Play: towards}); err != nil {
		t.Error(err)
	}
}

// fight lets two play for d, and holds each confirmed tick of one against the other's.
func fight(t *testing.T, d *double, seed uint64, length time.Duration) (compared int) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	truth := map[sim.Tick]uint64{}
	var held [2]Input
	for frame := range int(length / (time.Second / 60)) {
		for i, p := range d.pair.peers {
			if w := p.View(); w != nil && frame%8 == 4*i {
				held[i] = towards(r, w, sim.PlayerID(i+1))
			}
		}
		d.pair.frame(time.Second/60, held)
		for i, p := range d.pair.peers {
			s := p.Confirmed()
			if s == nil {
				continue
			}
			if h, ok := truth[s.Tick]; ok && h != s.Hash() {
				t.Fatalf("seed %d: player %d has another world at tick %d", seed, i+1, s.Tick)
			} else if ok {
				compared++
			}
			truth[s.Tick] = s.Hash()
		}
	}
	return compared
}

// TestBothSeeTheSameFight: over each link that the window offers both confirm the same worlds, guesses are taken back where there is delay,
// and hits count once on both screens when the hands are off the keys.
func TestBothSeeTheSameFight(t *testing.T) {
	for i, link := range links {
		t.Run(link, func(t *testing.T) {
			d, err := newDouble(link)
			if err != nil {
				t.Fatal(err)
			}
			if n := fight(t, d, uint64(i), 30*time.Second); n < 300 {
				t.Errorf("%d ticks were compared", n)
			}
			for range 120 {
				d.pair.frame(time.Second/60, [2]Input{})
			}
			sum := 0
			for _, f := range d.pair.peers[0].View().Fighters.All() {
				sum += int(f.Score)
			}
			for i, s := range d.screens {
				st := s.peer.Stats()
				t.Logf("player %d: %d hits shown, %d taken back, %+v", i+1, s.hits, s.undone, st.Counters)
				if s.peer.Err() != nil || s.hits != sum || sum == 0 {
					t.Errorf("player %d: %v; shows %d hits, there were %d", i+1, s.peer.Err(), s.hits, sum)
				}
				if link != "none" && st.Rollbacks == 0 {
					t.Errorf("player %d never guessed wrong over %s", i+1, link)
				}
			}
		})
	}
}

// TestOverRealSockets: the two programs find each other and fight.
func TestOverRealSockets(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	addr := freePort(t)
	var peers [2]*p2p.Peer[World, Input]
	joined := make(chan error, 2)
	for i, addrs := range [][]string{{addr, ""}, {addr, "127.0.0.1:0"}} {
		go func() {
			var err error
			peers[i], err = p2p.Join(ctx, newGame(), p2p.Config{Player: sim.PlayerID(i + 1), Addrs: addrs})
			joined <- err
		}()
	}
	for range peers {
		if err := <-joined; err != nil {
			t.Fatal(err)
		}
	}
	frames := time.NewTicker(time.Second / 60)
	defer frames.Stop()
	for hits := uint16(0); hits == 0; <-frames.C { // player 1 walks up to player 2 and strikes
		for i, p := range peers {
			in := Input{}
			if i == 0 {
				in = Input{Dx: 1, Strike: true}
			}
			if err := p.Update(in); err != nil {
				t.Fatal(err)
			}
		}
		if f, ok := peers[1].View().Fighters.Of(1); ok {
			hits = f.Score
		}
		if ctx.Err() != nil {
			t.Fatalf("nobody was hit: %+v", peers[1].Stats())
		}
	}
	for _, p := range peers {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestPicture draws both worlds in the middle of a fight.
func TestPicture(t *testing.T) {
	d, err := newDouble(links[2])
	if err != nil {
		t.Fatal(err)
	}
	fight(t, d, 1, 12*time.Second+400*time.Millisecond)
	if n := camera.Colours(cam.Picture(t, "duel.png", 2*width, height, d.Draw)); n < 6 {
		t.Errorf("the picture has %d colours", n)
	}
}

// freePort returns an address that was free a moment ago: player 2 has to know it before player 1 listens.
func freePort(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().String()
}
