package match

import (
	"context"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode/simnet"
)

// socketSeat is a place on a server that is reached over real sockets. Conditions are in front of the
// socket itself: see link.
type socketSeat struct{ c *arenaClient }

// dialSeat joins the match at addr.
func dialSeat(ctx context.Context, addr string, cfg client.Config) (seat, error) {
	c, err := client.DialConfig(ctx, arena.Game(), addr, cfg)
	if err != nil {
		return nil, err
	}
	return socketSeat{c}, nil
}

func (s socketSeat) update(_ time.Duration, in arena.Input) error { return s.c.Update(in) }
func (s socketSeat) view() *arena.World                           { return s.c.View() }
func (s socketSeat) client() *arenaClient                         { return s.c }
func (s socketSeat) condition(_, _ simnet.Conditions)             {}
func (s socketSeat) close()                                       { _ = s.c.Close() }
