package main

import "github.com/halftick/halftick/demo/play/ui"

// whom says whom an explanation is for.
type whom uint8

const (
	all whom = iota
	player
	watcher
)

// entry is one explanation: what it is, and one sentence about it.
type entry struct {
	what, about string
	to          whom
}

// column is a block of explanations under a title.
type column struct {
	title   string
	entries []entry
}

// helpColumns are the columns of the help; the last stands below the third.
var helpColumns = [4]column{
	{"The game", []entry{
		{"Watching", "You see all of the match, as late as its server says. Nobody hears or sees you.", watcher},
		{"Move and aim", "WASD or the arrow keys move, the mouse aims, Space dashes.", player},
		{"Rail gun, left click", "Hits at once whatever is on your screen under the line; half of a full health.", player},
		{"Rail gun", "A line that hits at once; half of a full health.", watcher},
		{"Rocket, right click", "Flies visibly and explodes; it pushes everybody near, you too.", player},
		{"Rocket", "Flies visibly and explodes; it pushes everybody near.", watcher},
		{"Ring around a player", "Health, by length and colour; a dashed ring is the shield after a spawn.", all},
		{"Yellow dashed outline", "Ghost: where the newest state from the server has you. The gap to your body is what prediction saved you from waiting for.", player},
		{"Pink dashed outlines", "Ghost: after your rail shot, where the others stood in the world the server rewound to.", player},
		{"Keys", "Tab panel, G ghosts, B autopilot, Enter chat, R reconnect, F11 full screen, Esc closes panel and help.", player},
		{"Keys", "Tab panel, R reconnect, F11 full screen, Esc closes panel and help.", watcher},
	}},
	{"What hides the network", []entry{
		{"Prediction", "Your input moves you at once, before the server has heard of it.", player},
		{"Reconciliation", "When the server disagrees, your player is set to its truth and later inputs are replayed.", player},
		{"Smoothing", "A correction is faded out on the screen over a moment instead of jumping.", player},
		{"Interpolation", "Others are drawn slightly in the past, between two snapshots, so that they move evenly.", all},
		{"Extrapolation", "When snapshots stay out, others are moved on along their path for at most 100 ms.", all},
		{"Rewind", "The server judges your shot in the world that you saw, up to 250 ms back.", player},
	}},
	{"The charts", []entry{
		{"Round trip, jitter, loss", "How long an answer takes, how much that varies, and the share of datagrams lost, in the worse direction.", all},
		{"Interpolation delay", "How far in the past others are drawn; adaptive: as little as jitter and loss allow.", all},
		{"Behind the players", "How long ago what you see happened: what the server holds back, half a round trip, the interpolation delay.", watcher},
		{"Snapshots", "States of the match that arrive per second.", watcher},
		{"Input buffer at server", "How long before their use your inputs arrive; below zero they come too late. Your clock is steered by it.", player},
		{"Corrections", "How often per second the server's truth differed from your prediction.", player},
		{"Received, sent", "Payload of your session; snapshots are differences to what you are known to have.", all},
	}},
	{"Try this", []entry{
		{"Feel prediction", "P until transpacific, then 1: your player obeys a fifth of a second late.", player},
		{"See interpolation", "' for 60 ms of jitter, then 4: others jerk.", all},
		{"Miss without rewind", "] to 100 ms, then 6: shots at runners miss.", player},
	}},
}

// drawHelp covers the window with explanations in three columns, and returns where the longest ends.
func (h *hud) drawHelp(watch bool) (low float32) {
	u := h.layout.Scale
	area := h.layout.Size.Inset(26)
	px := h.layout.Px(area)
	h.text.draw(bold, 19, "What you see", px.X, px.Y+4*u, left, colText)
	h.text.draw(regular, 12, "F1 or Esc closes", px.Right(), px.Y+4*u, right, colDim)
	w := (area.W - 2*30) / 3
	to, end := player, float32(0)
	if watch {
		to = watcher
	}
	for i, col := range helpColumns {
		at := ui.Rect{X: area.X + float32(i)*(w+30), Y: area.Y + 30, W: w}
		if i == 3 {
			at.X, at.Y = area.X+2*(w+30), end
		}
		end = h.drawEntries(col.title, col.entries, to, at)
		low = max(low, end)
	}
	return low
}

// drawEntries draws a block of explanations from the top of r downwards and returns where it ends.
func (h *hud) drawEntries(title string, entries []entry, to whom, r ui.Rect) float32 {
	px, u := h.layout.Px(r), h.layout.Scale
	h.text.draw(bold, 13, title, px.X, px.Y+8*u, left, colAccent)
	h.c.fill(ui.Rect{X: px.X, Y: px.Y + 18*u, W: px.W, H: 1}, colLine)
	y := px.Y + 33*u
	for _, e := range entries {
		if e.to != all && e.to != to {
			continue
		}
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
