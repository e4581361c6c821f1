package main

import (
	"image/color"

	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/vector"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/examples/window"
	"github.com/halftick/halftick/netcode/sim"
)

const bar = 64 // below the playground

var (
	paper   = color.RGBA{28, 32, 42, 255}
	words   = color.RGBA{220, 225, 235, 255}
	dim     = color.RGBA{150, 158, 175, 255}
	plain   = color.RGBA{110, 118, 138, 255}
	truth   = color.RGBA{255, 255, 255, 70}
	colours = []color.RGBA{{255, 200, 90, 255}, {90, 180, 255, 255}, {255, 125, 110, 255}, {130, 215, 130, 255}, {205, 150, 255, 255}}
)

func colourOf(p int) color.RGBA { return colours[p%len(colours)] }

// draw shows what the client shows: all of it predicted, corrections fading. Rings are the newest snapshot as it came.
func draw(dst *ebiten.Image, cl *client.Client[World, Input], net string) {
	dst.Fill(paper)
	w, me := cl.View(), cl.Player()
	for _, t := range w.Toys.All() {
		c := plain
		if t.Last > 0 {
			c = colourOf(int(t.Last))
		}
		body(dst, t.Pos, float32(t.Size), t.Box, c)
	}
	for id, p := range w.Players.All() {
		owner := w.Players.Owner(id)
		body(dst, p.Pos, playerSize, false, colourOf(int(owner)))
		if owner == me {
			vector.FillCircle(dst, p.Pos.X, p.Pos.Y, 5, paper, false)
		}
	}
	rings(dst, cl.Auth())
	s := cl.Stats()
	vector.FillRect(dst, 0, height, width, bar, color.RGBA{54, 60, 78, 255}, false)
	window.Text(dst, 10, height+4, 18, words, "rtt %3d ms   %2.0f ticks ahead   corrections %d, ticks again %d", s.RTT.Milliseconds(), s.Lead, s.Corrections, s.Resimulated)
	window.Text(dst, 10, height+24, 18, words, "you are the disc with a hole; a toy has the colour of who moved it")
	window.Text(dst, 10, height+44, 16, dim, "WASD: push   N: network, each way: %s", net)
}

func body(dst *ebiten.Image, at sim.Vec2, size float32, box bool, c color.RGBA) {
	if box {
		vector.FillRect(dst, at.X-size, at.Y-size, 2*size, 2*size, c, false)
		return
	}
	vector.FillCircle(dst, at.X, at.Y, size, c, false)
}

func rings(dst *ebiten.Image, w *World) {
	for _, t := range w.Toys.All() {
		if size := float32(t.Size); t.Box {
			vector.StrokeRect(dst, t.Pos.X-size, t.Pos.Y-size, 2*size, 2*size, 1, truth, false)
		} else {
			vector.StrokeCircle(dst, t.Pos.X, t.Pos.Y, size, 1, truth, false)
		}
	}
	for _, p := range w.Players.All() {
		vector.StrokeCircle(dst, p.Pos.X, p.Pos.Y, playerSize, 1, truth, false)
	}
}
