package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// Room is a room of a server with several matches.
type Room struct {
	Name string
	Code string // short, to pass on: Config.Room takes it in place of the name

	// Of Rooms alone:
	Players, Max int
}

// hello is the first message of a session. A room without a name that was opened is returned to by its code: another is not wanted.
func (c *Client[W, I]) hello() replica.Control {
	h := c.wanted
	if c.crowd.watch {
		return replica.Watch{Room: h.Room}
	}
	if h.Room == "" && h.Flags != 0 && c.room.Code != "" {
		h.Room, h.Flags = c.room.Code, 0
	}
	return h
}

// greeting makes the Hello of a configuration.
func (c Config) greeting() replica.Hello {
	h := replica.Hello{Name: c.Name, Room: c.Room}
	if c.OpenRoom {
		h.Flags |= replica.OpenRoom
	}
	if c.HiddenRoom {
		h.Flags |= replica.HiddenRoom
	}
	return h
}

// Room returns the room that the player is in, the zero Room where the server has no rooms or has not answered yet.
func (c *Client[W, I]) Room() (r Room) {
	c.locked(func(time.Duration) { r = c.room })
	return r
}

// Rooms asks the server at addr which rooms of game g there are, 140 at most and none that are hidden; a server with one match has none. Of cfg it
// uses what leads to the server. The errors are those of DialConfig.
func Rooms[W, I any](ctx context.Context, g *sim.Game[W, I], addr string, cfg Config) ([]Room, error) {
	o, err := open(ctx, g, addr, cfg.resolve())
	if err != nil {
		return nil, err
	}
	rooms, err := list(ctx, o.host, o.conn)
	now := o.host.Lock()
	o.conn.Close(now, session.CloseNormal, "left")
	o.host.Unlock()
	return rooms, errors.Join(err, o.host.Shutdown("left", closeWait))
}

// list asks, and waits for the whole answer.
func list(ctx context.Context, host *netcode.Host, conn *session.Conn) (rooms []Room, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, welcomeWait, errors.New("the server does not say which rooms it has"))
	defer cancel()
	look := time.NewTicker(welcomeLook)
	defer look.Stop()
	now := host.Lock()
	err = conn.Send(now, replica.ChanControl, replica.AppendControl(nil, replica.ListRooms{}))
	host.Unlock()
	for more := true; err == nil && more; {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("client: rooms: %w", context.Cause(ctx))
		case <-look.C:
		}
		host.Lock()
		rooms, more, err = listed(host.Endpoint(), conn, rooms)
		host.Unlock()
	}
	return rooms, err
}

// listed adds the rooms that have arrived, and reports whether more will come.
func listed(ep *session.Endpoint, conn *session.Conn, rooms []Room) (_ []Room, more bool, err error) {
	for ev, ok := ep.Event(); ok; ev, ok = ep.Event() {
		switch {
		case ev.Conn != conn:
		case ev.Kind == session.Closed:
			return rooms, false, closedError(ev.Err)
		case ev.Kind == session.Message && ev.Channel == replica.ChanControl:
			m, _ := replica.ParseControl(ev.Data)
			l, ok := m.(replica.RoomList)
			if !ok {
				continue
			}
			for _, r := range l.Rooms {
				rooms = append(rooms, Room{Name: r.Name, Code: r.Code, Players: int(r.Players), Max: int(r.Max)})
			}
			if !l.More || len(rooms) >= maxListed {
				return rooms, false, nil
			}
		}
	}
	return rooms, true, nil
}
