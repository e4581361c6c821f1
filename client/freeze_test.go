package client_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/server"
)

// A match that is frozen and goes on in another server on the same port, over real sockets: the players find back to their rows by
// themselves, without having to be told.
func TestClientsFollowAFrozenMatch(t *testing.T) {
	key := [32]byte{1, 2, 3}
	srv, err := server.New(dotGame(), server.Config{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	addr := srv.Addr().String()
	over := make(chan error, 1)
	go func() { over <- srv.Run(context.Background(), "") }()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var clients []*dots
	for _, name := range []string{"ann", "bob"} {
		cl, err := client.DialConfig(ctx, dotGame(), addr, client.Config{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		play(t, cl, "a ticket", func() bool { return len(cl.Resume()) > 0 && cl.Stats().Snapshots > 30 })
		clients = append(clients, cl)
	}
	var file bytes.Buffer
	if err := srv.Freeze(&file); err != nil {
		t.Fatal(err)
	}
	play(t, clients[0], "an end of the first server", func() bool { return clients[0].Status().State == client.Redialing })
	if err := <-over; err != nil {
		t.Fatal(err)
	}
	frozen := srv.Snapshot().Tick
	next, err := server.Thaw(dotGame(), server.Config{Key: key}, &file)
	if err != nil {
		t.Fatal(err)
	}
	if err := next.Listen(addr); err != nil {
		t.Fatal(err)
	}
	run, stop := context.WithCancel(context.Background())
	go func() { over <- next.Run(run, "") }()
	for i, cl := range clients {
		was := cl.Player()
		play(t, cl, "a second session", func() bool {
			s := cl.Status()
			return s.State == client.Playing && s.Sessions == 2 && s.Returned && cl.Stats().Snapshots > 60
		})
		_, there := cl.View().Dots.Of(cl.Player())
		if cl.Player() != was || !there || cl.Stats().AuthTick.Before(frozen) || len(cl.Players()) != 2 {
			t.Errorf("client %d was player %d, is %d, its row is there: %v; tick %d after %d", i, was, cl.Player(), there, cl.Stats().AuthTick, frozen)
		}
	}
	if s := next.Stats(); s.Returns != 2 || s.Joins != 0 || s.Leaves != 0 {
		t.Errorf("%+v", s)
	}
	stop()
	if err := <-over; err != nil {
		t.Error(err)
	}
}
