package server

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// Config is how a Server behaves. The zero Config works.
type Config struct {
	// MaxPlayers is the number of players, bots included, 1 to 255. The next client is refused as
	// full. Zero means 64.
	MaxPlayers int

	// Seed is the match's seed, from which Ctx.Rand draws. Clients are told it.
	Seed uint64

	// FirstTick is the number of the tick that the world begins at: of a match that goes on from an earlier one, or to try what happens
	// when ticks wrap.
	FirstTick sim.Tick

	// RewindCap is the longest rewind: a player with a laggier screen than that has to aim ahead.
	// It is cut to 127 ticks and to whole milliseconds. Zero means 250 ms; negative means no rewind at all.
	RewindCap time.Duration

	// Name is what the server says of itself to anybody who asks, together with the number of players; at most 64 bytes.
	Name string

	// Announce lets Listen make the server known on the local networks: see netcode.Discover.
	Announce bool

	// Logger receives joins, leaves and failures, at most ten lines a second on average; the rest is
	// only counted. Nil means silence.
	Logger *slog.Logger

	// IdleTimeout ends a session from which nothing was heard for so long. Zero means 30 s.
	IdleTimeout time.Duration

	// MaxPerNetwork is the number of sessions from one IPv4 address or IPv6 network of 64 bits, but for loopback. Zero means
	// 64; negative means no limit.
	MaxPerNetwork int

	// Resume is for how long a player whose session was lost keeps its rows, id and name, and may come back to them, also by a new
	// process of its client (client.Config.Resume). At most 90 s; zero means 30 s, negative not at all.
	Resume time.Duration

	// Rate is the most that is sent to one client, in payload bytes per second; the path to it may take less. Zero means 1 GiB/s.
	// Rows that do not fit into a snapshot wait for a later one: see Stats.Snapshots.
	Rate int

	// MaxSpectators is the number of clients that may watch without playing (client.Config.Spectate), at most 1000. Zero means none: nothing
	// is kept for any.
	MaxSpectators int

	// SpectatorDelay is how long after it happened spectators are told anything: worlds, events, chat, who comes and goes. At most 60 s; rounded up to
	// whole ticks. They see all of the world but what an owner tag keeps to one player, whatever Game.See and aoi tags
	// hide from players: where that is worth anything to a player, zero is too little. The worlds of the delay and of 128 ticks more are kept for them.
	SpectatorDelay time.Duration

	// Record is given the match as a replay file: see package replay, and replay.Create for a file on disk, which the caller closes after
	// Run. A write that does not take all of it at once leaves a gap. Nil records nothing.
	Record io.Writer

	// Key is the server's private key, any 32 random bytes that are kept: clients recognise the server by it, and only so
	// learn at once that it was started again. Zero means another key after each start.
	Key [32]byte

	// Authorize decides who may come in, by the client's key and token: see netcode.RequireTokens and
	// session.Config. Nil lets everybody in.
	Authorize func(client [32]byte, token []byte) (session.Grant, session.Refusal)

	// Secret seeds the sessions' cookies, ids and keys: unpredictable and used once, outside of
	// tests. A zero one is replaced by random bytes.
	Secret [32]byte
}

// Defaults of Config fields that are zero.
const (
	defaultMaxPlayers = 64
	defaultRewindCap  = 250 * time.Millisecond
	defaultResume     = 30 * time.Second
)

// resolve returns the configuration with its defaults filled in, or the first thing wrong with it.
func (c Config) resolve() (Config, error) {
	if c.MaxPlayers == 0 {
		c.MaxPlayers = defaultMaxPlayers
	}
	if c.MaxPlayers < 0 || c.MaxPlayers > sim.MaxPlayers {
		return c, fmt.Errorf("server: Config.MaxPlayers %d: want 1 to %d, or 0 for %d", c.MaxPlayers, sim.MaxPlayers, defaultMaxPlayers)
	}
	if c.MaxSpectators < 0 || c.MaxSpectators > mostSpectators {
		return c, fmt.Errorf("server: Config.MaxSpectators %d: want 0 to %d", c.MaxSpectators, mostSpectators)
	}
	if c.SpectatorDelay < 0 || c.SpectatorDelay > maxDelay {
		return c, fmt.Errorf("server: Config.SpectatorDelay %v: want 0 to %v", c.SpectatorDelay, maxDelay)
	}
	if c.Resume == 0 {
		c.Resume = defaultResume
	}
	if c.RewindCap == 0 {
		c.RewindCap = defaultRewindCap
	}
	c.RewindCap = max(c.RewindCap, 0).Truncate(time.Millisecond)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}
