package main

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/play/match"
	"github.com/halftick/halftick/demo/play/ui"
	"github.com/halftick/halftick/netcode/simnet"
)

// side says which direction the sliders for network conditions set.
type side uint8

const (
	bothWays side = iota
	upward
	downward
)

var sideNames = [...]string{"both ways", "up only", "down only"}

// switches is what the panel operates: the stages of the client and the conditions of its link.
type switches struct {
	match   *match.Match
	ghosts  *bool
	side    side
	preset  int      // in simnet.Presets; -1 when the conditions were set by hand
	toggles []ui.Row // the stages
}

// rows returns the rows of the panel.
func (s *switches) rows() []ui.Row {
	rows := []ui.Row{{Kind: ui.Heading, Label: "What hides the network"}}
	s.toggles = s.stages()
	rows = append(rows, s.toggles...)
	rows = append(rows, s.delayRow(), ui.Row{Kind: ui.Heading, Label: "The network"})
	rows = append(rows, s.network()...)
	if s.match.Spectates() {
		rows = append(rows, ui.Row{Kind: ui.Heading, Label: "The connection"})
		return append(rows, s.connection()...)
	}
	rows = append(rows, ui.Row{Kind: ui.Heading, Label: "You"})
	rows = append(rows, s.player()...)
	return append(rows, s.connection()...)
}

// stages returns a switch for each stage of guessing and hiding: for who watches, for those alone that need no inputs.
func (s *switches) stages() []ui.Row {
	stage := func(key, label, help string, field func(*client.Tuning) *bool) ui.Row {
		return ui.Row{Kind: ui.Toggle, More: key, Label: label, Help: help,
			On: func() bool { t := s.match.Tuning(); return *field(&t) },
			Act: func() {
				t := s.match.Tuning()
				on := field(&t)
				*on = !*on
				s.match.SetTuning(t)
			}}
	}
	view := []ui.Row{
		stage("4", "Interpolation", "Others are drawn between two snapshots, a little late. Off: they jerk as packets come.", func(t *client.Tuning) *bool { return &t.Interpolation }),
		stage("5", "Extrapolation", "Others move on for up to 100 ms when snapshots stay out. Off: they freeze.", func(t *client.Tuning) *bool { return &t.Extrapolation }),
	}
	if s.match.Spectates() {
		return view
	}
	rows := []ui.Row{
		stage("1", "Prediction", "Your input moves you at once. Off: you are shown like the others, more than a round trip late.", func(t *client.Tuning) *bool { return &t.Prediction }),
		stage("2", "Reconciliation", "The server's truth corrects the prediction. Off: the two drift apart.", func(t *client.Tuning) *bool { return &t.Reconciliation }),
		stage("3", "Smoothing", "Corrections fade out on the screen. Off: you see them as jumps.", func(t *client.Tuning) *bool { return &t.Smoothing }),
	}
	rows = append(rows, view...)
	return append(rows,
		stage("6", "Rewind", "Your shots are judged in the world you saw. Off: you have to aim ahead of them.", func(t *client.Tuning) *bool { return &t.Rewind }),
	)
}

// off names the stages that are switched off, "" when none is.
func (s *switches) off() string {
	var names []string
	for i := range s.toggles {
		if r := &s.toggles[i]; !r.On() {
			names = append(names, strings.ToLower(r.Label))
		}
	}
	switch n := len(names); {
	case n == 0:
		return ""
	case n > 3: // more would leave no room for the rest of the line
		return fmt.Sprintf("off: %d of %d techniques", n, len(s.toggles))
	}
	return "off: " + strings.Join(names, ", ")
}

func (s *switches) delayRow() ui.Row {
	return ui.Row{Kind: ui.Slider, Less: "-", More: "=", Label: "Interp. delay", Max: 500, StepSize: 10,
		Help: "How far in the past others are drawn. All the way to the left it adapts to the network.",
		Get:  func() float64 { return float64(s.match.Tuning().InterpDelay.Milliseconds()) },
		Set: func(v float64) {
			t := s.match.Tuning()
			t.InterpDelay = time.Duration(v) * time.Millisecond
			s.match.SetTuning(t)
		},
		Show: func() string {
			if d := s.match.Tuning().InterpDelay; d > 0 {
				return fmt.Sprintf("%d ms", d.Milliseconds())
			}
			return "adaptive"
		}}
}

// network returns the rows that set the conditions of the link.
func (s *switches) network() []ui.Row {
	ms := func(less, more, label, help string, most float64, field func(*simnet.Conditions) *time.Duration) ui.Row {
		return ui.Row{Kind: ui.Slider, Less: less, More: more, Label: label, Help: help, Max: most, StepSize: 5,
			Get:  func() float64 { c := s.get(); return float64(field(&c).Milliseconds()) },
			Set:  func(v float64) { s.set(func(c *simnet.Conditions) { *field(c) = time.Duration(v) * time.Millisecond }) },
			Show: func() string { c := s.get(); return fmt.Sprintf("%d ms", field(&c).Milliseconds()) }}
	}
	share := func(less, more, label, help string, field func(*simnet.Conditions) *float64) ui.Row {
		return ui.Row{Kind: ui.Slider, Less: less, More: more, Label: label, Help: help, Max: 50, StepSize: 1,
			Get:  func() float64 { c := s.get(); return math.Round(*field(&c) * 100) },
			Set:  func(v float64) { s.set(func(c *simnet.Conditions) { *field(c) = v / 100 }) },
			Show: func() string { c := s.get(); return fmt.Sprintf("%.2g %%", *field(&c)*100) }}
	}
	return []ui.Row{
		{Kind: ui.Choice, More: "P", Label: "Preset", Shift: s.nextPreset, Show: s.presetName,
			Help: "A typical network, both ways.", About: s.presetAbout},
		{Kind: ui.Choice, More: "O", Label: "Applies to", Show: func() string { return sideNames[s.side] },
			Shift: func(dir int) { s.side = side((int(s.side) + dir + 3) % 3) },
			Help:  "Which direction the sliders below set: your datagrams to the server (up), its to you (down), or both."},
		ms("[", "]", "Delay", "Time that each datagram takes more, one way.", 500, func(c *simnet.Conditions) *time.Duration { return &c.Delay }),
		ms(";", "'", "Jitter", "How much that time varies.", 200, func(c *simnet.Conditions) *time.Duration { return &c.Jitter }),
		share(",", ".", "Loss", "Share of datagrams that never arrive, each by itself.", func(c *simnet.Conditions) *float64 { return &c.Loss }),
		share("9", "0", "Bursts", "Share of the time in which nothing arrives: short outages.", func(c *simnet.Conditions) *float64 { return &c.Burst.Share }),
	}
}

// player returns the rows about the own player.
func (s *switches) player() []ui.Row {
	return []ui.Row{
		{Kind: ui.Toggle, More: "G", Label: "Ghosts", On: func() bool { return *s.ghosts }, Act: func() { *s.ghosts = !*s.ghosts },
			Help: "Outlines: where the server has you (yellow), and where it rewound the others to when you shot (pink)."},
		{Kind: ui.Toggle, More: "B", Label: "Autopilot", On: s.match.Auto, Act: func() { s.match.SetAuto(!s.match.Auto()) },
			Help: "A bot plays for you, through the same client and the same network."},
	}
}

func (s *switches) connection() []ui.Row {
	return []ui.Row{
		{Kind: ui.Choice, More: "T", Label: "Transport", Show: s.match.Transport, Shift: s.match.ShiftTransport,
			Help: "How the next connection is made; R reconnects. Auto tries UDP and falls back to TCP."},
		{Kind: ui.Button, More: "R", Label: "Reconnect", Act: s.match.Reconnect,
			Help: "Ends this session and starts a new one."},
	}
}

// get returns the conditions that the sliders show: those of the chosen direction, of the upward one for both.
func (s *switches) get() simnet.Conditions {
	up, down := s.match.Link()
	if s.side == downward {
		return down
	}
	return up
}

// set changes the conditions of the chosen directions.
func (s *switches) set(change func(*simnet.Conditions)) {
	up, down := s.match.Link()
	if s.side != downward {
		change(&up)
	}
	if s.side != upward {
		change(&down)
	}
	s.preset = -1
	s.match.SetLink(up, down)
}

func (s *switches) nextPreset(dir int) {
	all := simnet.Presets()
	if s.preset < 0 && dir < 0 {
		s.preset = 0
	}
	s.preset = (s.preset + dir + len(all)) % len(all)
	s.match.SetLink(all[s.preset].Conditions, all[s.preset].Conditions)
}

func (s *switches) presetAbout() string {
	if s.preset < 0 {
		return ""
	}
	p := simnet.Presets()[s.preset]
	return p.Name + ": " + p.About + "."
}

func (s *switches) presetName() string {
	if s.preset < 0 {
		return "by hand"
	}
	return simnet.Presets()[s.preset].Name
}
