package client_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/server"
)

// Two builds of one game.
type (
	wideRunner struct {
		Pos sim.Vec2 `net:"range=0:640,step=1/64"`
		HP  uint8
	}
	wideWorld  struct{ Players sim.Table[wideRunner] }
	slimRunner struct {
		Pos sim.Vec2 `net:"range=0:320,step=1/64"`
		HP  uint8
	}
	slimWorld struct{ Players sim.Table[slimRunner] }
	pressed   struct {
		Dx int8 `net:"range=-1:1"`
	}
	pressedToo struct {
		Dx   int8 `net:"range=-1:1"`
		Jump bool
	}
)

func build[W, I any]() *sim.Game[W, I] {
	return &sim.Game[W, I]{Name: "builds", TickRate: 60, Step: func(*sim.Ctx[W, I], *W) {}}
}

// runBuilds runs the server's build and returns its address.
func runBuilds(t *testing.T) string {
	t.Helper()
	s, err := server.New(build[wideWorld, pressed](), server.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx, "") }()
	t.Cleanup(func() { cancel(); <-ran })
	return s.Addr().String()
}

func dialBuild[W, I any](t *testing.T, addr string, g *sim.Game[W, I], by netcode.Transport) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	cl, err := client.DialConfig(ctx, g, addr, client.Config{Transport: by})
	if err == nil {
		cl.Close()
	}
	return err
}

// TestMismatchNamesTheField: over real sockets, the refusal tells both schemas and the first thing in which they differ.
func TestMismatchNamesTheField(t *testing.T) {
	addr := runBuilds(t)
	for _, by := range []netcode.Transport{netcode.OnlyUDP, netcode.OnlyTCP} {
		err := dialBuild(t, addr, build[slimWorld, pressed](), by)
		var closed *client.ClosedError
		var why *session.CloseError
		if !errors.As(err, &closed) || !errors.As(err, &why) || why.Refusal != session.RefusedSchema {
			t.Fatalf("%v: %v", by, err)
		}
		want := fmt.Sprintf(`client: another schema (game "builds", server %016x, client %016x): `+
			"World.Players.Pos.X: server float32 range=0:640,step=1/64, client float32 range=0:320,step=1/64: run the same version of the game", why.Peer, why.Local)
		if err.Error() != want || why.Peer == why.Local {
			t.Errorf("%v:\ngot  %v\nwant %v", by, err, want)
		}
	}
	slow := build[wideWorld, pressed]()
	slow.TickRate = 20
	for want, err := range map[string]error{
		"Input.Jump: the server has none, client bool: ": dialBuild(t, addr, build[wideWorld, pressedToo](), netcode.OnlyUDP),
		"TickRate: server 60 Hz, client 20 Hz: ":         dialBuild(t, addr, slow, netcode.OnlyUDP),
	} {
		var why *session.CloseError
		if !errors.As(err, &why) {
			t.Fatal(err)
		}
		full := fmt.Sprintf(`client: another schema (game "builds", server %016x, client %016x): %srun the same version of the game`, why.Peer, why.Local, want)
		if err.Error() != full {
			t.Errorf("got  %v\nwant %v", err, full)
		}
	}
	if err := dialBuild(t, addr, build[wideWorld, pressed](), netcode.Auto); err != nil {
		t.Errorf("the same build: %v", err)
	}
}
