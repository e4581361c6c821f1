package main

import "github.com/halftick/halftick/demo/play/ui"

// entry is one explanation: what it is, and one sentence about it.
type entry struct{ what, about string }

var helpPlay = []entry{
	{"Move and aim", "WASD or the arrow keys move, the mouse aims, Space dashes."},
	{"Rail gun, left click", "Hits at once whatever is on your screen under the line; half of a full health."},
	{"Rocket, right click", "Flies visibly and explodes; it pushes everybody near, you too."},
	{"Ring around a player", "Health, by length and colour; a dashed ring is the shield after a spawn."},
	{"Yellow dashed outline", "Ghost: where the newest state from the server has you. The gap to your body is what prediction saved you from waiting for."},
	{"Pink dashed outlines", "Ghost: after your rail shot, where the others stood in the world the server rewound to."},
	{"Keys", "Tab panel, G ghosts, B autopilot, Enter chat, R reconnect, F11 full screen, Esc closes panel and help."},
}

var helpNet = []entry{
	{"Prediction", "Your input moves you at once, before the server has heard of it."},
	{"Reconciliation", "When the server disagrees, your player is set to its truth and later inputs are replayed."},
	{"Smoothing", "A correction is faded out on the screen over a moment instead of jumping."},
	{"Interpolation", "Others are drawn slightly in the past, between two snapshots, so that they move evenly."},
	{"Extrapolation", "When snapshots stay out, others are moved on along their path for at most 100 ms."},
	{"Rewind", "The server judges your shot in the world that you saw, up to 250 ms back."},
}

var helpCharts = []entry{
	{"Round trip, jitter, loss", "How long an answer takes, how much that varies, and the share of datagrams lost, in the worse direction."},
	{"Interpolation delay", "How far in the past others are drawn; adaptive: as little as jitter and loss allow."},
	{"Input buffer at server", "How long before their use your inputs arrive; below zero they come too late. Your clock is steered by it."},
	{"Corrections", "How often per second the server's truth differed from your prediction."},
	{"Received, sent", "Payload of your session; snapshots are differences to what you are known to have."},
}

var helpTry = []entry{
	{"Feel prediction", "P until transpacific, then 1: your player obeys a fifth of a second late."},
	{"See interpolation", "' for 60 ms of jitter, then 4: others jerk."},
	{"Miss without rewind", "] to 100 ms, then 6: shots at runners miss."},
}

// drawHelp covers the window with explanations in three columns, and returns where the longest ends.
func (h *hud) drawHelp() (low float32) {
	u := h.layout.Scale
	area := h.layout.Size.Inset(26)
	px := h.layout.Px(area)
	h.text.draw(bold, 19, "What you see", px.X, px.Y+4*u, left, colText)
	h.text.draw(regular, 12, "F1 or Esc closes", px.Right(), px.Y+4*u, right, colDim)
	w := (area.W - 2*30) / 3
	for i, col := range []struct {
		title   string
		entries []entry
	}{{"The game", helpPlay}, {"What hides the network", helpNet}, {"The charts", helpCharts}} {
		end := h.drawEntries(col.title, col.entries, ui.Rect{X: area.X + float32(i)*(w+30), Y: area.Y + 30, W: w})
		if i == 2 {
			end = h.drawEntries("Try this", helpTry, ui.Rect{X: area.X + 2*(w+30), Y: end, W: w})
		}
		low = max(low, end)
	}
	return low
}

// drawEntries draws a block of explanations from the top of r downwards and returns where it ends.
func (h *hud) drawEntries(title string, entries []entry, r ui.Rect) float32 {
	px, u := h.layout.Px(r), h.layout.Scale
	h.text.draw(bold, 13, title, px.X, px.Y+8*u, left, colAccent)
	h.c.fill(ui.Rect{X: px.X, Y: px.Y + 18*u, W: px.W, H: 1}, colLine)
	y := px.Y + 33*u
	for _, e := range entries {
		h.text.draw(bold, 12, e.what, px.X, y, left, colText)
		y += 15 * u
		for _, line := range h.text.wrap(regular, 11.5, e.about, px.W) {
			h.text.draw(regular, 11.5, line, px.X, y, left, colDim)
			y += 14.5 * u
		}
		y += 6 * u
	}
	return y / u
}
