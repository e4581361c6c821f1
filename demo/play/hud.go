package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hajimehoshi/ebiten/v2"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/demo/play/ui"
	"github.com/halftick/halftick/netcode/sim"
)

// hud draws everything around the arena.
type hud struct {
	c      *canvas
	text   *lettering
	layout ui.Layout
	meters meters
	feed   ui.Feed
	chat   chat
}

// topHints is what stands at the right end of the line at the top.
const topHints = "Tab switches   F1 help"

// drawState says what we are connected to and how, and what is switched off, between the name of the game
// and the hints.
func (h *hud) drawState(state, off string, dot tint) {
	px, u := h.layout.Px(h.layout.Top), h.layout.Scale
	y := px.Y + px.H/2
	x := px.X + 30*u + h.text.width(bold, 14, "halftick") + h.text.width(regular, 14, "arena")
	end := px.Right() - 24*u - h.text.width(regular, 11, topHints)
	if fps := ebiten.ActualFPS(); fps > 0 { // it is counted from the first second on
		h.text.draw(regular, 11, fmt.Sprintf("%2.0f fps", fps), end, y, right, colDim)
	}
	end -= 50 * u
	h.c.size(h.c.atlas.glow, x+8*u, y, 17*u, dot)
	x += 18 * u
	h.text.draw(bold, 11.5, off, end-8*u, y, right, colWarn)
	end -= h.text.width(bold, 11.5, off) + 18*u
	h.text.draw(regular, 11.5, h.text.fit(regular, 11.5, state, end-x), x, y, left, colText)
}

// standing is one line of the score board.
type standing struct {
	player sim.PlayerID
	row    *arena.Player
}

// drawBoard draws the players by score, in as many columns as it takes.
func (h *hud) drawBoard(s *scene) {
	px, u := h.layout.Px(h.layout.Board), h.layout.Scale
	var all []standing
	for id, p := range s.view.Players.All() {
		all = append(all, standing{s.view.Players.Owner(id), p})
	}
	slices.SortStableFunc(all, func(a, b standing) int {
		return cmp.Or(cmp.Compare(b.row.Score, a.row.Score), cmp.Compare(a.row.Deaths, b.row.Deaths), cmp.Compare(a.player, b.player))
	})
	line := 14.5 * u
	rows := max(1, int((px.H-24*u)/line))
	columns := max(1, min(3, (len(all)+rows-1)/rows))
	w := (px.W - 8*u) / float32(columns)
	for col := range columns {
		x := px.X + 4*u + float32(col)*w
		h.text.draw(regular, 10.5, "player", x+20*u, px.Y+11*u, left, colDim)
		h.text.draw(regular, 10.5, "kills", x+w-47*u, px.Y+11*u, right, colDim)
		h.text.draw(regular, 10.5, "deaths", x+w-6*u, px.Y+11*u, right, colDim)
	}
	all = shorten(all, rows*columns, s.me)
	for i, st := range all {
		x, y := px.X+4*u+float32(i/rows)*w, px.Y+(27*u)+float32(i%rows)*line
		h.drawStanding(s, st, x, y, w)
	}
}

// shorten returns the best n, the player in the last place when not among them.
func shorten(all []standing, n int, me sim.PlayerID) []standing {
	own := slices.IndexFunc(all, func(s standing) bool { return s.player == me })
	if own >= n {
		all[n-1] = all[own]
	}
	return all[:min(n, len(all))]
}

func (h *hud) drawStanding(s *scene, st standing, x, y, w float32) {
	u, f, t := h.layout.Scale, regular, colText
	if st.player == s.me {
		h.c.fill(ui.Rect{X: x + 2*u, Y: y - 7*u, W: w - 4*u, H: 14 * u}, colRaised)
		f, t = bold, colWhite
	}
	if !st.row.Alive() {
		t = colDim
	}
	h.c.size(h.c.atlas.ball, x+11*u, y, 9*u, playerTint(st.row.Color))
	h.text.draw(f, 11, h.text.fit(f, 11, s.name(st.player), w-100*u), x+20*u, y, left, t)
	h.text.draw(f, 11, fmt.Sprint(st.row.Score), x+w-47*u, y, right, t)
	h.text.draw(regular, 11, fmt.Sprint(st.row.Deaths), x+w-6*u, y, right, colDim)
}

// drawTools draws the three cooldowns, or the time until the respawn; for who watches, that it does.
func (h *hud) drawTools(s *scene) {
	px, u := h.layout.Px(h.layout.Tools), h.layout.Scale
	y := px.Y + px.H/2 - 9*u
	own, ok := s.view.Players.Of(s.me)
	if !ok {
		if h.chat.mute {
			h.text.draw(bold, 14, "watching", px.X+px.W/2, y, centre, colText)
			h.text.draw(regular, 11, "nobody hears or sees you", px.X+px.W/2, y+20*u, centre, colDim)
		}
		return
	}
	if !own.Alive() {
		h.text.draw(bold, 14, fmt.Sprintf("back in %.1f s", float32(own.Respawn)/arena.TickRate), px.X+px.W/2, y, centre, colWarn)
		h.text.draw(regular, 11, h.killer(s, own), px.X+px.W/2, y+20*u, centre, colDim)
		return
	}
	a, step := h.c.atlas, px.W/3
	h.drawTool(px.X+step*0.5, y, "rail", "click", own.Rail, arena.RailCooldown, colAccent)
	h.drawTool(px.X+step*1.5, y, "rocket", "right click", own.Rocket, arena.RocketCooldown, colWarn)
	h.drawTool(px.X+step*2.5, y, "dash", "space", own.Dash, arena.DashCooldown, colGood)
	h.c.fill(ui.Rect{X: px.X + step*0.5 - 8*u, Y: y - u, W: 16 * u, H: 2 * u}, colText)
	h.c.size(a.shell, px.X+step*1.5, y, 18*u, colText)
	h.c.at(a.chevron, px.X+step*2.5, y, colText)
}

func (h *hud) killer(s *scene, own *arena.Player) string {
	if own.Killer == s.me {
		return "your own rocket"
	}
	return "killed by " + s.name(own.Killer)
}

// drawTool draws a gauge that fills up while the tool recovers.
func (h *hud) drawTool(x, y float32, name, key string, left, of uint8, t tint) {
	u, ready := h.layout.Scale, 1-float32(left)/float32(of)
	h.c.at(h.c.atlas.gauge[gaugeSteps], x, y, colRaised)
	if ready < 1 {
		t = t.mix(colDim, 0.6)
	}
	h.c.at(level(&h.c.atlas.gauge, ready), x, y, t)
	h.text.draw(bold, 11, name, x, y+30*u, centre, colText)
	h.text.draw(regular, 10, key, x, y+42*u, centre, colDim)
}

// drawFeed draws kills and chat, newest below, and the line that is being typed.
func (h *hud) drawFeed(s *scene) {
	px, u := h.layout.Px(h.layout.Feed), h.layout.Scale
	line := 14.5 * u
	n := int((px.H - 8*u) / line)
	y := px.Bottom() - 11*u
	if h.chat.open {
		typed := h.chat.shown()
		h.c.fill(ui.Rect{X: px.X + 4*u, Y: y - 8*u, W: px.W - 8*u, H: 16 * u}, colRaised)
		h.text.draw(regular, 11, typed, px.X+8*u, y, left, colWhite)
		y, n = y-line-2*u, n-1
	}
	lines := h.feed.Newest(s.now, n)
	if len(lines) == 0 && !h.chat.open && !h.chat.mute {
		h.text.draw(regular, 11, "Enter: say something", px.X+8*u, y, left, colDim)
	}
	for i := len(lines) - 1; i >= 0; i-- {
		h.drawLine(s, lines[i], px.X+8*u, y, px.W-16*u)
		y -= line
	}
}

// drawLine draws one line of the feed with the names in the colours of their players.
func (h *hud) drawLine(s *scene, l ui.Line, x, y, w float32) {
	u := h.layout.Scale
	if l.Who != 0 {
		name := s.name(sim.PlayerID(l.Who))
		h.text.draw(bold, 11, name, x, y, left, s.colorOf(sim.PlayerID(l.Who)))
		used := h.text.width(bold, 11, name) + 5*u
		x, w = x+used, w-used
	}
	t := colDim
	if l.Chat {
		t = colText
	}
	h.text.draw(regular, 11, h.text.fit(regular, 11, l.Text, w), x, y, left, t)
	if l.Whom != 0 {
		x += h.text.width(regular, 11, l.Text) + 5*u
		h.text.draw(bold, 11, s.name(sim.PlayerID(l.Whom)), x, y, left, s.colorOf(sim.PlayerID(l.Whom)))
	}
}
