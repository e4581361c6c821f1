package replica

import (
	"strings"
	"testing"

	"github.com/halftick/halftick/netcode/sim"
)

type (
	aboutRow struct {
		Pos sim.Vec2 `net:"range=0:640,step=1/64"`
	}
	aboutWorld struct {
		Players sim.Table[aboutRow]
		Round   uint16
	}
	aboutInput struct {
		Dx, Dy int8 `net:"range=-1:1"`
	}
)

func aboutOf[W, I any](t *testing.T, rate int, messages string) string {
	t.Helper()
	p, err := NewPlan[W]()
	if err != nil {
		t.Fatal(err)
	}
	x, err := NewInputs[I]()
	if err != nil {
		t.Fatal(err)
	}
	return About(p.Describe(), x.Describe(), rate, messages)
}

func TestAboutNamesTheFirstDifference(t *testing.T) {
	type narrowRow struct {
		Pos sim.Vec2 `net:"range=0:320,step=1/64"`
	}
	type narrow struct {
		Players sim.Table[narrowRow]
		Round   uint16
	}
	type moreRow struct {
		Pos sim.Vec2 `net:"range=0:640,step=1/64"`
		HP  uint8
	}
	type more struct {
		Players sim.Table[moreRow]
		Round   uint16
	}
	type renamed struct {
		Runners sim.Table[aboutRow]
		Round   uint16
	}
	type swapped struct {
		Round   uint16
		Players sim.Table[aboutRow]
		Rounds  sim.Table[aboutRow]
	}
	type keys struct {
		Dx, Dy int16 `net:"range=-1:1"`
	}
	server := aboutOf[aboutWorld, aboutInput](t, 60, "event hit reliable {at u16}\n")
	for client, want := range map[string]string{
		server: "",
		aboutOf[aboutWorld, aboutInput](t, 30, ""):                              "TickRate: server 60 Hz, client 30 Hz",
		aboutOf[narrow, aboutInput](t, 60, ""):                                  "World.Players.Pos.X: server float32 range=0:640,step=1/64, client float32 range=0:320,step=1/64",
		aboutOf[more, aboutInput](t, 60, "event hit reliable {at u16}\n"):       "World.Players.HP: the server has none, client uint8",
		aboutOf[renamed, aboutInput](t, 60, "event hit reliable {at u16}\n"):    "World.Runners.Pos.X: the server has none, client float32 range=0:640,step=1/64",
		aboutOf[aboutWorld, keys](t, 60, "event hit reliable {at u16}\n"):       "Input.Dx: server int8 range=-1:1, client int16 range=-1:1",
		aboutOf[aboutWorld, aboutInput](t, 60, ""):                              "event hit: server reliable {at u16}, the client has none",
		aboutOf[aboutWorld, aboutInput](t, 60, "event hit reliable {at u32}\n"): "event hit: server reliable {at u16}, client reliable {at u32}",
		aboutOf[swapped, aboutInput](t, 60, ""):                                 "World.Rounds.Pos.X: the server has none, client float32 range=0:640,step=1/64",
	} {
		if got := CompareAbout(server, client); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if got := CompareAbout(aboutOf[more, aboutInput](t, 60, ""), aboutOf[aboutWorld, aboutInput](t, 60, "")); got != "World.Players.HP: server uint8, the client has none" {
		t.Error(got)
	}
}

// Whatever changes the schema hash can be told from the descriptions.
func TestAboutTellsTablesApart(t *testing.T) {
	type flipped struct {
		Round   uint16
		Players sim.Table[aboutRow]
	}
	a, b := aboutOf[aboutWorld, aboutInput](t, 60, ""), aboutOf[flipped, aboutInput](t, 60, "")
	if a != b {
		t.Errorf("globals come first in both:\n%s\n%s", a, b)
	}
	if got := CompareAbout("b\t1\na\t2\n", "a\t2\nb\t1\n"); got != "the order: server b, client a" {
		t.Error(got)
	}
}

func FuzzCompareAbout(f *testing.F) {
	f.Add("World.Players.Pos.X\tfloat32\x00\n\n\t\xff")
	f.Fuzz(func(t *testing.T, server string) {
		got := CompareAbout(server, "World.X\tuint8\n")
		if len(got) > 3*maxShown || strings.ContainsAny(got, "\n\x00\x1b") {
			t.Fatalf("%q", got)
		}
	})
}
