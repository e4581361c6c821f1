package main

import (
	"fmt"

	"github.com/halftick/halftick/demo/play/ui"
)

// chartCells returns the places of the charts, one under the other.
func (h *hud) chartCells() []ui.Rect {
	return h.layout.Charts.Rows(len(h.meters.charts), 4)
}

// plot returns the part of a chart in which its samples are drawn, in pixels.
func (h *hud) plot(cell ui.Rect) ui.Rect {
	px, u := h.layout.Px(cell), h.layout.Scale
	return snap(ui.Rect{X: px.X + 7*u, Y: px.Y + 20*u, W: px.W - 14*u, H: px.H - 25*u})
}

// drawCharts draws what changes in the charts: the value, the scale at the upper edge of the plot, and
// the samples as columns with the newest at the right.
func (h *hud) drawCharts() {
	cells, u := h.chartCells(), h.layout.Scale
	for i := range h.meters.charts {
		c, plot := &h.meters.charts[i], h.plot(cells[i])
		h.drawSamples(c, plot)
		label := h.scaleLabel(c)
		h.c.fill(ui.Rect{X: plot.X, Y: plot.Y + u, W: h.text.width(regular, 10, label) + 5*u, H: 11 * u}, colPanel)
	}
	for i := range h.meters.charts {
		c, plot := &h.meters.charts[i], h.plot(cells[i])
		col := colText
		if c.Bad(c.Series.Recent()) {
			col = colWarn
		}
		h.text.draw(bold, 11.5, h.meters.shown[i], plot.Right(), plot.Y-10*u, right, col)
		h.text.draw(regular, 10, h.scaleLabel(c), plot.X+2*u, plot.Y+6.5*u, left, colDim)
	}
}

func (h *hud) scaleLabel(c *ui.Chart) string {
	top := c.Scale()
	if c.Signed {
		return fmt.Sprintf("±%g %s", top, c.Unit)
	}
	return fmt.Sprintf("%g %s", top, c.Unit)
}

// drawSamples draws a column for each sample: pale, with a bright cap.
func (h *hud) drawSamples(c *ui.Chart, plot ui.Rect) {
	top := c.Scale()
	w := plot.W / ui.SeriesLen
	base, span := plot.Bottom(), plot.H
	if c.Signed {
		base, span = plot.Y+plot.H/2, plot.H/2
	}
	h.c.fill(ui.Rect{X: plot.X, Y: base, W: plot.W, H: 1}, colLine)
	edge := max(1, 1.4*h.layout.Scale)
	for i := range c.Series.Len() {
		v := c.Series.Back(i)
		col := colAccent
		if c.Bad(v) {
			col = colWarn
		}
		x, y := plot.Right()-w*float32(i+1), base-span*max(-1, min(1, v/top))
		h.c.fill(ui.Rect{X: x, Y: min(y, base), W: w, H: abs(base - y)}, col.fade(0.28))
		h.c.fill(ui.Rect{X: x, Y: y - edge/2, W: w, H: edge}, col)
	}
}
