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

// What becomes of the connection is told once, and what is wrong with it as long as it is.
func TestConnectionIsTold(t *testing.T) {
	playing := match.Standing{State: client.Playing, Sessions: 1, Carrier: "udp"}
	over := func(s match.Standing, carrier string) match.Standing { s.Carrier = carrier; return s }
	second := match.Standing{State: client.Playing, Sessions: 2, Carrier: "tcp"}
	third := match.Standing{State: client.Playing, Sessions: 3, Carrier: "tcp", Returned: true}
	var c connection
	for i, step := range []struct {
		s            match.Standing
		news, notice string
	}{
		{match.Standing{}, "", ""},
		{match.Standing{State: client.Joining, Sessions: 1}, "", ""},
		{playing, "", ""},
		{match.Standing{State: client.Stalled, Sessions: 1, For: 3500 * time.Millisecond}, "", "no answer from the server for 3 s"},
		{over(playing, "tcp"), "over TCP now, no more over UDP", ""},
		{over(playing, "tcp"), "", ""},
		{match.Standing{State: client.Redialing, Sessions: 1, Attempts: 1, Why: "the server was started again"}, "", "connection lost: dialling again for 1 s"},
		{match.Standing{State: client.Redialing, Sessions: 1, Attempts: 4, For: 9 * time.Second}, "", "connection lost: dialling again for 9 s, attempt 4"},
		{match.Standing{State: client.Joining, Sessions: 2}, "", "connected again: joining"},
		{second, "connected again, as somebody new: the server was started again", ""},
		{match.Standing{State: client.Redialing, Sessions: 2, Why: "the server has stopped answering"}, "", "connection lost: dialling again for 1 s"},
		{third, "connected again: you are where you were", ""},
		{third, "", ""},
	} {
		if news := c.watch(step.s); news != step.news || c.now.Notice() != step.notice {
			t.Errorf("step %d: news %q and notice %q, want %q and %q", i, news, c.now.Notice(), step.news, step.notice)
		}
	}
	s := match.Standing{Why: "the server was stopped", Last: "no token: the backend is down"}
	if got, want := s.Reasons(), "the server was stopped; then: no token: the backend is down"; got != want {
		t.Errorf("%q, want %q", got, want)
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
