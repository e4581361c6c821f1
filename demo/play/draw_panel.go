package main

import (
	"github.com/halftick/halftick/demo/play/ui"
)

// drawPanel draws what changes on the panel: the row in focus with its help, and the controls.
func (h *hud) drawPanel(p *ui.Panel) {
	for i := range p.Rows {
		h.drawRow(p, i)
	}
	r, u := h.layout.Px(p.HelpRect()), h.layout.Scale
	y := r.Y + 15*u
	for _, line := range h.text.wrap(regular, 11, p.Explanation(), r.W-8*u) {
		if y+7*u > r.Bottom() {
			break
		}
		h.text.draw(regular, 11, line, r.X+4*u, y, left, colText)
		y += 13.5 * u
	}
}

func (h *hud) drawRow(p *ui.Panel, i int) {
	row, px, u := &p.Rows[i], h.layout.Px(p.RowRect(i)), h.layout.Scale
	y, end := px.Y+px.H/2, px.Right()-6*u
	if i == p.Focus {
		h.c.fill(snap(px.Inset(0.5*u)), colAccent.fade(0.10))
		h.c.fill(snap(ui.Rect{X: px.X, Y: px.Y + u, W: 2 * u, H: px.H - 2*u}), colAccent)
	}
	switch row.Kind {
	case ui.Toggle:
		h.drawSwitch(row.On(), end, y)
	case ui.Slider:
		h.drawSlider(row, h.layout.Px(p.TrackRect(i)), end, y)
	case ui.Choice:
		h.drawChoice(row, end, y)
	}
}

// drawSwitch draws a sliding switch and says its state in a word.
func (h *hud) drawSwitch(on bool, end, y float32) {
	u := h.layout.Scale
	body := snap(ui.Rect{X: end - 26*u, Y: y - 6.5*u, W: 26 * u, H: 13 * u})
	word, col, knob := "off", colDim, body.X+1*u
	if on {
		word, col, knob = "on", colGood, body.Right()-12*u
	}
	h.c.frame(body, colGround.mix(col, 0.3), col)
	h.c.fill(snap(ui.Rect{X: knob, Y: body.Y + 1*u + 1, W: 11 * u, H: body.H - 2*u - 2}), col)
	h.text.draw(bold, 11, word, body.X-8*u, y, right, col)
}

func (h *hud) drawSlider(row *ui.Row, track ui.Rect, end, y float32) {
	u := h.layout.Scale
	rail := snap(ui.Rect{X: track.X, Y: y - 1.5*u, W: track.W, H: 3 * u})
	f := row.Fraction()
	h.c.fill(rail, colLine)
	h.c.fill(ui.Rect{X: rail.X, Y: rail.Y, W: rail.W * f, H: rail.H}, colAccent)
	h.c.size(h.c.atlas.ball, rail.X+rail.W*f, y, 11*u, colText)
	h.text.draw(regular, 11, row.Show(), end, y, right, colText)
}

func (h *hud) drawChoice(row *ui.Row, end, y float32) {
	u := h.layout.Scale
	h.text.draw(bold, 13, "›", end, y-u, right, colAccent)
	h.text.draw(bold, 11, row.Show(), end-10*u, y, right, colText)
	x := end - 10*u - h.text.width(bold, 11, row.Show())
	h.text.draw(bold, 13, "‹", x-5*u, y-u, right, colAccent)
}
