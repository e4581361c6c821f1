package p2p

import (
	"cmp"
	"fmt"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// Config is a match as one of its players sees it. Player and Addrs are required; what they mean is the same for all.
type Config struct {
	// Player is who this is: 1 to len(Addrs).
	Player sim.PlayerID

	// Addrs are the addresses of players 1, 2 and so on, 2 to 4 of them, such as "ann.example:7000". The own one is where to
	// listen, such as ":7000". Each player dials those before it, so that the addresses of those after it may be empty.
	Addrs []string

	// Keys are the public keys of the players, in the same order: nobody else is let in. Empty means that whoever comes first
	// is believed to be who it says.
	Keys [][32]byte

	// Key is the private half of the own key: any 32 random bytes. Zero means another key for each match; then the others cannot
	// have it in their Keys.
	Key [32]byte

	// InputDelay is how many ticks after it was sampled an input takes effect, on the own screen too. Each tick of it is one that need not
	// be guessed by the others. Zero means 2; negative means none.
	InputDelay int

	// MaxPrediction is how many ticks may be guessed. Beyond that the match waits for the input that is missing. Zero means 8; negative
	// means none: lockstep. MaxPrediction and InputDelay together are at most 16.
	MaxPrediction int

	// Seed is where Ctx.Rand draws from. That of player 1 counts.
	Seed uint64

	// Timeout is how long a player may be silent. Then it is out of the match. Zero means 5 s.
	Timeout time.Duration
}

const (
	defaultInputDelay    = 2
	defaultMaxPrediction = 8
	defaultTimeout       = 5 * time.Second
)

// resolve returns the configuration with its defaults filled in, or the first thing wrong with it.
func (c Config) resolve() (Config, error) {
	c.InputDelay = max(0, cmp.Or(c.InputDelay, defaultInputDelay))
	c.MaxPrediction = max(0, cmp.Or(c.MaxPrediction, defaultMaxPrediction))
	c.Timeout = cmp.Or(c.Timeout, defaultTimeout)
	switch n := len(c.Addrs); {
	case n < 2 || n > MaxPlayers:
		return c, fmt.Errorf("p2p: Config.Addrs has %d players: want 2 to %d", n, MaxPlayers)
	case c.Player < 1 || int(c.Player) > n:
		return c, fmt.Errorf("p2p: Config.Player %d: want 1 to %d, the number of Addrs", c.Player, n)
	case len(c.Keys) != 0 && len(c.Keys) != n:
		return c, fmt.Errorf("p2p: Config.Keys has %d keys for %d players: want one each, or none at all", len(c.Keys), n)
	case c.InputDelay+c.MaxPrediction > maxAhead:
		return c, fmt.Errorf("p2p: Config.InputDelay %d and MaxPrediction %d: want at most %d together", c.InputDelay, c.MaxPrediction, maxAhead)
	case c.Timeout < 0:
		return c, fmt.Errorf("p2p: Config.Timeout %v is negative", c.Timeout)
	}
	return c, nil
}

// SessionConfig returns the session settings of a match, for an endpoint that the caller drives; the caller fills in Secret. The error names
// what is wrong with the game or the Config.
func SessionConfig[W, I any](g *sim.Game[W, I], cfg Config) (session.Config, error) {
	cfg, err := cfg.resolve()
	if err != nil {
		return session.Config{}, err
	}
	if err := g.Validate(); err != nil {
		return session.Config{}, err
	}
	plan, err := replica.NewPlan[W]()
	if err != nil {
		return session.Config{}, err
	}
	inputs, err := replica.NewInputs[I]()
	if err != nil {
		return session.Config{}, err
	}
	rate, _ := g.Rates()
	return session.Config{
		App: g.Name + " p2p", Schema: replica.SchemaHash(plan.Hash(), inputs.Hash(), rate, g.Messages()), Channels: channels(),
		AckDelay: replica.AckDelay, IdleTimeout: cfg.Timeout, Key: cfg.Key, MaxConns: MaxPlayers + maxStrangers,
	}, nil
}
