package netcode

import (
	"crypto/rand"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/udp"
	"github.com/halftick/halftick/netcode/session"
)

// These are the words of package session that users of this one need.
type (
	// Config declares the application, its channels and its limits. App and Channels are required;
	// a zero Secret is filled with random bytes.
	Config = session.Config
	// Channel declares one channel.
	Channel = session.Channel
	// Stats is the state of a session.
	Stats = session.Stats
	// CloseError is why a session ended; get it with errors.As.
	CloseError = session.CloseError
	// UDPStats counts what a UDP socket lost, and tells the room that the system gave it.
	UDPStats = udp.Stats
	// StreamStats counts the peers of a listening host on TCP, WebSocket and WebTransport by what became of them.
	StreamStats = carrier.Stats
	// Grant is what Config.Authorize gives a client that may come in.
	Grant = session.Grant
	// Refusal is why not.
	Refusal = session.Refusal
	// Path is where a session travels: the carrier and the peer's address.
	Path = session.Path
)

// The kinds of channels.
const (
	Unreliable        = session.Unreliable
	Sequenced         = session.Sequenced
	ReliableOrdered   = session.ReliableOrdered
	ReliableUnordered = session.ReliableUnordered
	ReliableLatest    = session.ReliableLatest
	Bulk              = session.Bulk
)

// What Config.Authorize may answer.
const (
	RefusedNot     = session.RefusedNot     // the client may come in
	RefusedExpired = session.RefusedExpired // the token is too old
	RefusedServer  = session.RefusedServer  // the token is for another server
	RefusedDenied  = session.RefusedDenied  // the token is not valid, or whoever it is for may not come in
)

// Errors that Send and Recv return besides *CloseError, which is session.ErrClosed as well.
var (
	ErrClosed    = session.ErrClosed
	ErrQueueFull = session.ErrQueueFull
	ErrTooLarge  = session.ErrTooLarge
	ErrNoChannel = session.ErrNoChannel
	ErrNoKeys    = session.ErrNoKeys
)

// NewEndpoint returns an endpoint for a Host, its secret filled with random bytes where it is zero.
func NewEndpoint(cfg Config) (*session.Endpoint, error) {
	if cfg.Secret == [32]byte{} {
		rand.Read(cfg.Secret[:])
	}
	return session.NewEndpoint(cfg)
}
