package main

import (
	"github.com/hajimehoshi/ebiten/v2"

	"github.com/halftick/halftick/demo/play/ui"
)

// set is what is rendered once for one size of the window: the sprites, and a picture of everything that
// does not change from frame to frame.
type set struct {
	atlas    *atlas
	backdrop *ebiten.Image
}

type setKey struct {
	width, height int
	panel         bool
}

// maxSets is the number of rendered sets kept, so that opening the panel costs nothing the second time.
// When a resized window needs one more, all are dropped.
const maxSets = 4

// set returns what was rendered for the current size, rendering it when it is new.
func (a *app) set() *set {
	k := setKey{a.width, a.height, a.panel.Open}
	s := a.sets[k]
	if s == nil {
		if len(a.sets) == maxSets {
			a.drop()
		}
		s = &set{newAtlas(a.stage.cam.Scale, a.hud.layout.Scale), ebiten.NewImage(a.width, a.height)}
		a.renderBackdrop(s)
		a.sets[k] = s
	}
	return s
}

func (a *app) drop() {
	for _, s := range a.sets {
		s.atlas.img.Deallocate()
		s.backdrop.Deallocate()
	}
	clear(a.sets)
}

// renderBackdrop draws ground, level, boxes and labels.
func (a *app) renderBackdrop(s *set) {
	s.backdrop.Fill(colGround.rgba())
	a.canvas.begin(s.backdrop, s.atlas)
	view := snap(a.stage.cam.View)
	op := &ebiten.DrawImageOptions{}
	op.GeoM.Translate(float64(view.X), float64(view.Y))
	s.backdrop.DrawImage(newLevel(a.stage.cam.Scale), op)
	h, l := &a.hud, a.hud.layout
	for _, r := range []ui.Rect{l.Board, l.Tools, l.Feed} {
		h.box(r)
	}
	h.topBackdrop()
	h.chartsBackdrop()
	if a.panel.Open {
		h.panelBackdrop(a.panel)
	}
	a.canvas.flush()
}

// box draws the background of a part of the screen and returns it in pixels.
func (h *hud) box(r ui.Rect) ui.Rect {
	px := h.layout.Px(r)
	h.c.frame(px, colPanel, colLine)
	return px
}

// topBackdrop draws the name of the game and the key hints.
func (h *hud) topBackdrop() {
	px, u := h.layout.Px(h.layout.Top), h.layout.Scale
	h.c.fill(px, colPanel)
	h.c.fill(snap(ui.Rect{X: px.X, Y: px.Bottom() - 1, W: px.W, H: 1}), colLine)
	y := px.Y + px.H/2
	h.text.draw(bold, 14, "halftick", px.X+10*u, y, left, colText)
	h.text.draw(regular, 14, "arena", px.X+15*u+h.text.width(bold, 14, "halftick"), y, left, colAccent)
	h.text.draw(regular, 11, topHints, px.Right()-10*u, y, right, colDim)
}

// chartsBackdrop draws the boxes and the names of the charts.
func (h *hud) chartsBackdrop() {
	u := h.layout.Scale
	cells := h.chartCells()
	for i := range h.meters.charts {
		px := h.box(cells[i])
		h.text.draw(regular, 11, h.meters.charts[i].Label, px.X+7*u, px.Y+10*u, left, colDim)
		plot := h.plot(cells[i])
		h.c.fill(ui.Rect{X: plot.X, Y: plot.Y, W: plot.W, H: 1}, colLine)
	}
}

// panelBackdrop draws titles, keys and labels of the switches.
func (h *hud) panelBackdrop(p *ui.Panel) {
	h.box(h.layout.Panel)
	u := h.layout.Scale
	for i := range p.Rows {
		row, px := &p.Rows[i], h.layout.Px(p.RowRect(i))
		y := px.Y + px.H/2
		if row.Kind == ui.Heading {
			h.text.draw(bold, 11.5, row.Label, px.X+2*u, y+2*u, left, colAccent)
			continue
		}
		x := px.X + 6*u
		for _, k := range []string{row.Less, row.More} {
			if k != "" {
				x = h.drawKey(k, x, y) + 3*u
			}
		}
		h.text.draw(regular, 11, row.Label, px.X+42*u, y, left, colText)
	}
	r := h.layout.Px(p.HelpRect())
	h.c.fill(snap(ui.Rect{X: r.X, Y: r.Y + 4*u, W: r.W, H: 1}), colLine)
}

// drawKey draws a key cap and returns its right edge.
func (h *hud) drawKey(name string, x, y float32) float32 {
	u := h.layout.Scale
	w := max(14*u, h.text.width(mono, 10, name)+7*u)
	h.c.frame(ui.Rect{X: x, Y: y - 7*u, W: w, H: 14 * u}, colGround, colLine)
	h.text.draw(mono, 10, name, x+w/2, y, centre, colText)
	return x + w
}
