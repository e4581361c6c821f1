package main

import (
	"slices"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/demo/play/match"
	"github.com/halftick/halftick/demo/play/ui"
)

// A key that works a row of the closed panel is answered by a notice, which fades.
func TestToastSaysWhatAKeyDid(t *testing.T) {
	on, shown := false, "40 ms"
	rows := []ui.Row{
		{Kind: ui.Toggle, Label: "Prediction", On: func() bool { return on }},
		{Kind: ui.Slider, Label: "Delay", Show: func() string { return shown }},
		{Kind: ui.Button, Label: "Reconnect"},
	}
	var n toast
	if n.left(time.Second) != 0 {
		t.Error("there is a notice before any key")
	}
	for i, want := range []string{"Prediction off", "Delay: 40 ms", "Reconnect"} {
		if n.show(time.Second, &rows[i]); n.text != want {
			t.Errorf("notice %q, want %q", n.text, want)
		}
	}
	on = true
	if n.show(time.Second, &rows[0]); n.text != "Prediction on" {
		t.Errorf("notice %q, want that it is on", n.text)
	}
	if n.left(time.Second) != 1 || n.left(time.Second+toastLife/2) != 0.5 || n.left(time.Minute) != 0 {
		t.Errorf("left %v, %v, %v; want it to fade", n.left(time.Second), n.left(time.Second+toastLife/2), n.left(time.Minute))
	}
}

// A server that falls silent is told of, until it speaks again.
func TestSilenceIsNoticed(t *testing.T) {
	var s silence
	if s.notice(time.Hour) != "" {
		t.Error("silence before there was a server")
	}
	s.hear(time.Second, 100)
	s.hear(3*time.Second, 100)
	if got := s.notice(time.Second + quietAfter); got != "" {
		t.Errorf("%q too soon", got)
	}
	if got, want := s.notice(4*time.Second), "no word from the server for 3 s"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if s.hear(5*time.Second, 101); s.notice(6*time.Second) != "" {
		t.Error("a server that speaks again is still called silent")
	}
}

// Who was there before is no news; who comes and goes is.
func TestNewsOfComingAndGoing(t *testing.T) {
	s, n, f := twoPlayers(), news{}, ui.Feed{}
	look := func() {
		f = ui.Feed{}
		n.watch(&f, s)
	}
	whole := s.auth
	s.auth = &arena.World{}
	look() // before the first snapshot
	s.auth = whole
	if look(); len(f.Newest(0, 9)) != 0 {
		t.Errorf("at first: %v", f.Newest(0, 9))
	}
	s.auth.Players.Spawn(3).Health = arena.MaxHealth
	if look(); !slices.Equal(f.Newest(0, 9), []ui.Line{{Who: 3, Text: "joined"}}) {
		t.Errorf("3 came: %v", f.Newest(0, 9))
	}
	s.auth.Players.DespawnOwned(2)
	if look(); !slices.Equal(f.Newest(0, 9), []ui.Line{{Who: 2, Text: "left"}}) {
		t.Errorf("2 left: %v", f.Newest(0, 9))
	}
	if look(); len(f.Newest(0, 9)) != 0 {
		t.Errorf("nothing happened: %v", f.Newest(0, 9))
	}
}

// What is switched off stands at the top, where it is seen with the panel closed.
func TestSwitchedOffIsNamed(t *testing.T) {
	m, err := match.Start(t.Context(), match.Options{Local: true, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	s := switches{match: m, ghosts: new(bool)}
	s.rows()
	tune := client.DefaultTuning()
	if m.SetTuning(tune); s.off() != "" {
		t.Errorf("all on: %q", s.off())
	}
	tune.Prediction, tune.Rewind = false, false
	if m.SetTuning(tune); s.off() != "off: prediction, rewind" {
		t.Errorf("two off: %q", s.off())
	}
	if m.SetTuning(client.Tuning{Smoothing: true}); s.off() != "off: 5 of 6 techniques" {
		t.Errorf("five off: %q", s.off())
	}
}
