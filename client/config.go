package client

import (
	"context"
	"log/slog"
	"net"
	"time"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// Config is how a client behaves. The zero Config works.
type Config struct {
	// Name is what the player wants to be called, up to 24 bytes; more is cut off. The server may
	// change it. Empty means that the server chooses.
	Name string

	// Spectate lets the client only watch, if the server lets anybody: see server.Config.MaxSpectators. It has no player, predicts nothing and is not
	// heard; all of the world is shown as others are shown, and late by what the server decides (Client.Audience). Input is not looked at.
	Spectate bool

	// Room is the name or the code of the room to play in, where the server has several; empty means any that has place. OpenRoom opens
	// it when there is none, and without a name another one; HiddenRoom keeps it out of lists: who is to come has to be told its code.
	Room                 string
	OpenRoom, HiddenRoom bool

	// Transport says what may carry the session. Zero tries UDP and falls back to TCP.
	Transport netcode.Transport

	// Tuning is what to start with. The zero Tuning means DefaultTuning; to start with everything
	// off, call SetTuning.
	Tuning Tuning

	// Teleport is the size of a correction, in world units per field, from which on it is shown as a
	// jump instead of being faded out. A fortieth of it counts as a small correction, a tenth as a
	// big one. Zero means 160, which suits worlds measured in pixels.
	Teleport float32

	// Web is a URL of the same server for where neither UDP nor TCP gets through, and Known remembers servers: see netcode.Dialer.
	// New uses neither.
	Web   string
	Known *netcode.KnownServers

	// ServerKey is the server's public key; with it the client talks to nobody else. Zero means to trust whoever answers. Token is
	// what a backend gave the player to be let in, if the server wants that. New uses neither.
	ServerKey [32]byte
	Token     []byte

	// Key is the private half of the client's own key, any 32 random bytes: the one that Token was made for (netcode.PublicKey). Zero
	// means another key for each session. New does not use it.
	Key [32]byte

	// FreshToken, when not nil, is asked for a Token before each dial, the first and those again: a token lets in once. It is called from
	// another goroutine. New does not use it.
	FreshToken func(ctx context.Context) ([]byte, error)

	// Resume is what Client.Resume of an earlier process returned: the player takes its place back, if the server still keeps it, and
	// enters anew if not. The Name is the one it had. New does not use it.
	Resume []byte

	// OnTry, when not nil, is told of each path by which the server is dialled. It must return at once. New does not use it.
	OnTry func(netcode.Path)

	// Redial is for how long a client made by Dial dials again when its session was lost or the server restarted; see
	// Status. Zero means 30 s; negative means that the end of a session is final.
	Redial time.Duration

	// ProbeEvery is the time between two probes of the reliable channel (see Stats.ReliableSent).
	// Zero means 500 ms; negative means none.
	ProbeEvery time.Duration

	// Mispredicted, when not nil, is told of every prediction that the server did not confirm, while reconciliation is on: for
	// developers. It is called from Advance or Update, must not call the client, and costs nothing while predictions are right.
	Mispredicted func(Misprediction)

	// ReplayBudget is the time that a frame may spend on computing ticks again after corrections, as Clock measures it. What does not
	// fit is done in the frames that follow, while the old prediction stays on the screen; see Stats.ReplaysSpread. Zero means
	// 4 ms; negative means no limit.
	ReplayBudget time.Duration

	// Clock measures ReplayBudget. A client made by Dial has one; for one made by New nil means that nothing is measured, so that
	// virtual time stays exact.
	Clock func() time.Duration

	// Logger is told when the session begins and ends, and when the clock is set. Nil means silence.
	Logger *slog.Logger

	// WebTransport dials servers at wt:// and https:// addresses: wt.Dial, or nil where the program is not to hold QUIC. A
	// browser has it without.
	WebTransport netcode.DialWT

	// WrapUDP and WrapTCP, when not nil, are given the sockets of the session and return what is used
	// in their place, such as one with a bad network in front. New does not call them.
	WrapUDP func(carrier.Datagrams) carrier.Datagrams
	WrapTCP func(net.Conn) net.Conn
}

const (
	defaultTeleport   = 160
	defaultRedial     = 30 * time.Second
	defaultProbeEvery = 500 * time.Millisecond
	defaultReplay     = 4 * time.Millisecond
)

func (c Config) resolve() Config {
	if c.Tuning == (Tuning{}) {
		c.Tuning = DefaultTuning()
	}
	if c.Teleport <= 0 {
		c.Teleport = defaultTeleport
	}
	if c.Redial == 0 {
		c.Redial = defaultRedial
	}
	if c.ProbeEvery == 0 {
		c.ProbeEvery = defaultProbeEvery
	}
	if c.ReplayBudget == 0 {
		c.ReplayBudget = defaultReplay
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// SessionConfig returns the session settings that a client of a game needs; the caller fills in Secret.
// The error names the field of the world or the input that cannot travel.
func SessionConfig[W, I any](g *sim.Game[W, I]) (session.Config, error) {
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
	return replica.SessionConfig(g.Name, replica.SchemaHash(plan.Hash(), inputs.Hash(), rate, g.Messages())), nil
}
