package main

import (
	"fmt"
	"image/color"
	"time"

	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/vector"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/demo/examples/window"
	"github.com/halftick/halftick/netcode/sim"
)

// The timeline lies below the level.
const (
	bar            = 104
	lineX, lineY   = 20, arena.Height + 18
	lineWide, high = arena.Width - 40, 12
)

var (
	paper = color.RGBA{22, 25, 34, 255}
	stone = color.RGBA{70, 78, 98, 255}
	words = color.RGBA{220, 225, 235, 255}
	dim   = color.RGBA{150, 158, 175, 255}
	blood = color.RGBA{255, 95, 95, 255}
	spark = color.RGBA{255, 235, 160, 255}
	team  = [arena.Colors]color.RGBA{{90, 180, 255, 255}, {255, 150, 90, 255}, {130, 215, 130, 255}, {205, 150, 255, 255},
		{255, 215, 90, 255}, {255, 130, 175, 255}, {120, 220, 220, 255}, {190, 190, 200, 255}}
)

func (v *viewer) draw(dst *ebiten.Image) {
	dst.Fill(paper)
	for _, r := range arena.Walls() {
		vector.FillRect(dst, r.Min.X, r.Min.Y, r.Max.X-r.Min.X, r.Max.Y-r.Min.Y, stone, false)
	}
	w := v.play.View()
	for _, s := range v.shots {
		vector.StrokeLine(dst, s.what.From.X, s.what.From.Y, s.what.To.X, s.what.To.Y, 1+8*s.left, spark, false)
	}
	for _, b := range v.booms {
		vector.StrokeCircle(dst, b.what.At.X, b.what.At.Y, arena.BlastRadius*(1-b.left/flashTime), 3, spark, false)
	}
	for _, r := range w.Rockets.All() {
		vector.FillCircle(dst, r.Pos.X, r.Pos.Y, arena.RocketRadius, spark, false)
	}
	for id, p := range w.Players.All() {
		if p.Alive() {
			drawPlayer(dst, p, w.Players.Owner(id))
		}
	}
	v.timeline(dst)
}

// drawPlayer draws a body with its number, where it aims, and what is left of its health.
func drawPlayer(dst *ebiten.Image, p *arena.Player, id sim.PlayerID) {
	c, x, y := team[p.Color%arena.Colors], p.Pos.X, p.Pos.Y
	aim := arena.Dir(p.Aim).Mul(26)
	vector.StrokeLine(dst, x, y, x+aim.X, y+aim.Y, 4, c, false)
	vector.FillCircle(dst, x, y, arena.PlayerRadius, c, false)
	if p.Shield > 0 {
		vector.StrokeCircle(dst, x, y, arena.PlayerRadius+5, 2, words, false)
	}
	vector.FillRect(dst, x-15, y-26, 30, 4, stone, false)
	vector.FillRect(dst, x-15, y-26, 30*float32(p.Health)/arena.MaxHealth, 4, c, false)
	window.Text(dst, x-5, y-9, 18, paper, "%d", id)
}

// timeline draws where the playback is, a mark where somebody died, and what the keys do.
func (v *viewer) timeline(dst *ebiten.Image) {
	at, _ := v.play.Tick()
	vector.FillRect(dst, 0, arena.Height, arena.Width, bar, color.RGBA{40, 45, 58, 255}, false)
	vector.FillRect(dst, lineX, lineY, lineWide, high, stone, false)
	vector.FillRect(dst, lineX, lineY, lineWide*v.share(at), high, team[0], false)
	for _, t := range v.deaths {
		vector.FillRect(dst, lineX+lineWide*v.share(t)-1, lineY-6, 2, high+12, blood, false)
	}
	vector.FillCircle(dst, lineX+lineWide*v.share(at), lineY+high/2, 9, words, false)
	state := fmt.Sprintf("%gx", speeds[v.speed])
	if v.paused {
		state = "paused"
	}
	window.Text(dst, lineX, lineY+20, 19, words, "%s of %s   tick %d   %s   %d players, %d deaths (red), %d gaps",
		clock(at-v.match.First()), clock(v.ticks()), at, state, v.play.View().Players.Len(), len(v.deaths), v.match.Gaps())
	window.Text(dst, lineX, lineY+42, 17, spark, "%s", v.says)
	window.Text(dst, lineX, lineY+62, 17, dim, "Space: pause   arrows: 2 s, 10 s   + -: speed   . : one tick   click: go there   V: compute all again")
}

// clock writes ticks as minutes and seconds.
func clock(t sim.Tick) string {
	d := time.Duration(t) * time.Second / arena.TickRate
	return fmt.Sprintf("%d:%04.1f", int(d.Minutes()), (d % time.Minute).Seconds())
}
