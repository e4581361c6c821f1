package main

import (
	"image"
	"image/color"

	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/vector"

	"github.com/halftick/halftick/demo/examples/window"
	"github.com/halftick/halftick/netcode/p2p"
	"github.com/halftick/halftick/netcode/sim"
)

const height = 360

var (
	sky    = color.RGBA{24, 28, 40, 255}
	ground = color.RGBA{54, 60, 78, 255}
	words  = color.RGBA{220, 225, 235, 255}
	dim    = color.RGBA{150, 158, 175, 255}
	dazed  = color.RGBA{255, 240, 150, 255}
	bodies = [3]color.RGBA{{}, {90, 180, 255, 255}, {255, 130, 90, 255}}
)

// screen is what one player sees, and a few figures that tell how it came about.
type screen struct {
	peer   *p2p.Peer[World, Input]
	player sim.PlayerID
	hits   int // shown and not taken back
	undone int // shown and taken back
}

func newScreen(p *p2p.Peer[World, Input], player sim.PlayerID) *screen {
	s := &screen{peer: p, player: player}
	p2p.On(p, hit, func(sim.PlayerID, p2p.EventInfo) { s.hits++ })
	p2p.OnCancel(p, hit, func(sim.PlayerID, p2p.EventInfo) { s.hits--; s.undone++ })
	return s
}

// half returns the left or right half of an image.
func half(dst *ebiten.Image, i int) *ebiten.Image {
	return dst.SubImage(image.Rect(i*width, 0, (i+1)*width, height)).(*ebiten.Image)
}

// draw fills dst, whose upper left corner may be anywhere.
func (s *screen) draw(dst *ebiten.Image) {
	x, y := float32(dst.Bounds().Min.X), float32(dst.Bounds().Min.Y)
	dst.Fill(sky)
	vector.FillRect(dst, x, y+floor, width, height-floor, ground, false)
	window.Text(dst, x+10, y+8, 20, bodies[s.player], "player %d's world", s.player)
	st := s.peer.Stats()
	if w := s.peer.View(); w == nil {
		window.Text(dst, x+10, y+34, 18, words, "waiting for the other")
	} else {
		for id, f := range w.Fighters.All() {
			owner := w.Fighters.Owner(id)
			drawFighter(dst, x, y, owner, f)
			window.Text(dst, x+width-110+50*float32(owner-1), y+6, 26, bodies[min(int(owner), 2)], "%d", f.Score)
		}
	}
	window.Text(dst, x+10, y+floor+12, 17, words, "tick %-6d guessed now %-2d stalls %d", st.Tick, st.Tick.Sub(st.Confirmed), st.Stalls)
	window.Text(dst, x+10, y+floor+32, 17, words, "rollbacks %-5d ticks computed again %d", st.Rollbacks, st.Resimulated)
	window.Text(dst, x+10, y+floor+52, 17, words, "hits shown %-4d taken back %d", s.hits, s.undone)
}

// drawFighter draws a body, and the arm while it strikes.
func drawFighter(dst *ebiten.Image, x, y float32, p sim.PlayerID, f *Fighter) {
	c := bodies[min(int(p), 2)]
	if f.Stun > 0 {
		c = dazed
	}
	x, y = x+f.Pos.X, y+f.Pos.Y
	vector.FillRect(dst, x-10, y-44, 20, 44, c, false)
	vector.FillCircle(dst, x, y-56, 12, c, false)
	way := float32(1)
	if f.Left {
		way = -1
	}
	vector.FillCircle(dst, x+way*6, y-58, 3, sky, false)
	if f.Blow > 0 {
		out := float32(blowTicks/2-max(int(f.Blow)-blowTicks/2, blowTicks/2-int(f.Blow))) / (blowTicks / 2)
		vector.StrokeLine(dst, x, y-32, x+way*(12+out*(reach-12)), y-32, 8, c, false)
	}
}

// divide draws what stands between the halves.
func divide(dst *ebiten.Image, link string) {
	vector.StrokeLine(dst, width, 0, width, height-30, 2, words, false)
	window.Text(dst, 10, height-24, 16, dim, "A D W, F: left   arrows, Enter: right   1 to 5: the link, each way: %s", link)
}
