package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/server"
)

type dotHall = server.Hall[field, move]

// serveRooms runs a hall on loopback for the length of a test.
func serveRooms(t *testing.T, cfg server.HallConfig[field, move], rooms ...string) (*dotHall, netip.AddrPort) {
	t.Helper()
	h, err := server.NewHall(dotGame(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range rooms {
		if _, err := h.Open(name, server.RoomConfig{MaxPlayers: 2, Hidden: name == "vault"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- h.Run(ctx, "") }()
	t.Cleanup(func() {
		stop()
		if err := <-over; err != nil {
			t.Errorf("hall: %v", err)
		}
	})
	return h, h.Addr()
}

func TestClientsFindTheirRooms(t *testing.T) {
	h, addr := serveRooms(t, server.HallConfig[field, move]{ClientsOpen: true}, "red", "blue", "vault")
	ann := dialled(t, addr, client.Config{Name: "Ann", Room: "blue"})
	bob := dialled(t, addr, client.Config{Name: "Bob", Room: ann.Room().Code})
	cid := dialled(t, addr, client.Config{Name: "Cid", OpenRoom: true, HiddenRoom: true})
	dan := dialled(t, addr, client.Config{Name: "Dan", Room: cid.Room().Code})
	if ann.Room().Name != "blue" || bob.Room() != ann.Room() || dan.Room() != cid.Room() || cid.Room().Name != "room-1" {
		t.Errorf("Ann %+v, Bob %+v, Cid %+v, Dan %+v", ann.Room(), bob.Room(), cid.Room(), dan.Room())
	}
	play(t, ann, "both dots in the blue room", func() bool { return len(ann.Players()) == 2 && ann.View().Dots.Len() == 2 })
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for room, want := range map[string]error{"green": client.ErrNoRoom, "blue": client.ErrFull} {
		if _, err := client.DialConfig(ctx, dotGame(), addr.String(), client.Config{Room: room}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", room, err, want)
		}
	}
	if _, err := client.DialConfig(ctx, dotGame(), addr.String(), client.Config{Room: "not a name", OpenRoom: true}); !errors.Is(err, client.ErrNoOpen) {
		t.Errorf("%v, want %v", err, client.ErrNoOpen)
	}
	rooms, err := client.Rooms(ctx, dotGame(), addr.String(), client.Config{})
	if err != nil || len(rooms) != 2 || rooms[0].Name != "red" || rooms[1] != (client.Room{Name: "blue", Code: ann.Room().Code, Players: 2, Max: 2}) {
		t.Errorf("rooms: %+v, %v", rooms, err)
	}
	h.Find("blue").Close("closing time")
	for err = error(nil); err == nil; {
		err = ann.Update(move{})
	}
	if !errors.Is(err, client.ErrRoomOver) || ann.Status().State != client.Over {
		t.Errorf("Ann: %v, %+v", err, ann.Status())
	}
}

// A list that takes several messages arrives whole.
func TestManyRoomsAreListed(t *testing.T) {
	var names []string
	for i := range 33 {
		names = append(names, fmt.Sprintf("room-with-a-long-name-%02d", i))
	}
	_, addr := serveRooms(t, server.HallConfig[field, move]{}, names...)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	rooms, err := client.Rooms(ctx, dotGame(), addr.String(), client.Config{})
	if err != nil || len(rooms) != len(names) || rooms[32].Name != names[32] {
		t.Errorf("%d rooms, %v", len(rooms), err)
	}
}

// A server with one match has no rooms, and says so at once.
func TestOneMatchHasNoRooms(t *testing.T) {
	addr := serve(t, server.Config{})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if rooms, err := client.Rooms(ctx, dotGame(), addr.String(), client.Config{}); err != nil || len(rooms) != 0 {
		t.Errorf("%+v, %v", rooms, err)
	}
	if _, err := client.DialConfig(ctx, dotGame(), addr.String(), client.Config{Room: "red"}); !errors.Is(err, client.ErrNoRoom) {
		t.Errorf("%v", err)
	}
}
