package match

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/server"
)

// host is our own server.
type host struct {
	srv  *server.Server[arena.World, arena.Input]
	stop context.CancelFunc // nil while it is not run
	done chan error
}

// botNames are given in turn; a number tells later ones apart.
var botNames = [...]string{"Vega", "Lyra", "Orion", "Mira", "Rigel", "Deneb", "Altair", "Sirius", "Capella", "Castor"}

// newHost returns a server with bots that does not run yet.
func newHost(bots int, seed uint64) (*host, error) {
	cfg := server.Config{Seed: seed, MaxPlayers: max(64, bots+8)}
	rand.Read(cfg.Secret[:])
	srv, err := server.New(arena.Game(), cfg)
	if err != nil {
		return nil, err
	}
	for i := range bots {
		name := botNames[i%len(botNames)]
		if round := i / len(botNames); round > 0 {
			name = fmt.Sprintf("%s %d", name, round+1)
		}
		if _, err := srv.AddBot(name, arena.NewBot(seed+uint64(i)+1).Think); err != nil {
			return nil, fmt.Errorf("bot %d: %w", i+1, err)
		}
	}
	return &host{srv: srv, done: make(chan error, 1)}, nil
}

// serve runs the server on a free port of the loopback address until close. It outlives ctx, so that the
// player can take leave before.
func (h *host) serve(ctx context.Context) error {
	const addr = "127.0.0.1:0"
	if err := h.srv.Listen(addr); err != nil {
		return err
	}
	ctx, h.stop = context.WithCancel(context.WithoutCancel(ctx))
	go func() { h.done <- h.srv.Run(ctx, addr) }()
	return nil
}

func (h *host) addr() string { return h.srv.Addr().String() }

// close stops the server, which tells its players, and waits until it has ended.
func (h *host) close() {
	if h.stop != nil {
		h.stop()
		<-h.done
	}
}
