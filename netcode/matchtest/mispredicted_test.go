package matchtest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode/matchtest"
)

// A player who is alone predicts all that happens to it. A game that does another thing on the server is told apart, by name.
func TestClientTellsOfAGameThatDiffers(t *testing.T) {
	g := dots()
	here := g.Step
	var odd bool
	g.Step = func(c ctx, w *field) {
		here(c, w)
		if d, ok := w.Dots.Of(1); odd && ok && c.Tick == 300 {
			d.Pos.Y += 2
		}
	}
	var told []client.Misprediction
	m := matchtest.New(t, g, matchtest.Options{Seed: 3, Conditions: "delay=20ms"})
	p := m.JoinAs(client.Config{Mispredicted: func(x client.Misprediction) { told = append(told, x) }}, wander(1))
	m.Run(3 * time.Second)
	if len(told) > 0 {
		t.Fatalf("nothing is wrong yet: %v", told[0])
	}
	// The server runs tick 300 after the client did: in between, the game changes.
	p.After = func(*matchtest.Player[field, move]) { odd = p.Stats().Tick >= 300 }
	m.Run(4 * time.Second)
	if len(told) != 1 {
		t.Fatalf("told of %d mispredictions, want 1", len(told))
	}
	x := told[0]
	if x.Tick != 300 || x.Field != "Pos.Y" || x.RowA.Owner != p.Player() || x.Missed || x.Others != 0 || x.A == x.B {
		t.Errorf("%+v", x)
	}
	if want := "tick 300: Dots slot 1 (generation 1, owner 1) Pos.Y: "; !strings.HasPrefix(x.String(), want) {
		t.Errorf("%q, want %q...", x, want)
	}
}

// What others do to a row, and inputs that were lost, are told as such.
func TestClientTellsWhyItIsNoWonder(t *testing.T) {
	var told []client.Misprediction
	m := matchtest.New(t, dots(), matchtest.Options{Seed: 4, Conditions: "delay=20ms"})
	ann := m.JoinAs(client.Config{Mispredicted: func(x client.Misprediction) { told = append(told, x) }}, wander(1))
	m.Run(3 * time.Second)
	ann.SetConditionsEach("delay=20ms,burst=20%/200ms", "delay=20ms")
	m.Run(10 * time.Second)
	if len(told) == 0 {
		t.Fatal("bursts of 200 ms took nothing")
	}
	for _, x := range told {
		if !x.Missed || x.Others != 0 {
			t.Fatalf("an input was lost: %+v", x)
		}
	}
	ann.SetConditions("delay=20ms")
	m.Run(5 * time.Second)
	told = nil
	m.Join(matchtest.Script[field](make([]move, 120)...))
	m.Players[1].Play = func(*player) move { return move{Push: true} }
	m.Run(3 * time.Second)
	if len(told) == 0 {
		t.Fatal("nobody was pushed")
	}
	for _, x := range told {
		if x.Others != 1 || x.Field != "Pos.X" {
			t.Fatalf("a push by somebody else: %+v", x)
		}
	}
}
