package session

import (
	"time"

	"github.com/halftick/halftick/netcode/secure"
)

// recordKeys are the keys of a session, for the records that it sends and for those that it receives.
type recordKeys struct {
	sealer *secure.Sealer
	opener *secure.Opener
}

// newRecordKeys returns the keys of the side that sends in direction dir.
func newRecordKeys(s secure.Secrets, dir direction, now time.Duration, updateEvery uint64) *recordKeys {
	out, in := s.ToServer, s.ToClient
	if dir == toClient {
		out, in = in, out
	}
	k := &recordKeys{secure.NewSealer(s.Suite, out, now), secure.NewOpener(s.Suite, in)}
	if updateEvery > 0 {
		k.sealer.UpdateEvery(updateEvery)
	}
	return k
}

// ServerKey returns the public key of the server that a client dialled: the one that was pinned, or the one that was
// learned, to be compared or pinned the next time. It is zero before the dial is accepted.
func (c *Conn) ServerKey() [32]byte {
	if c.dir == toClient {
		return c.ep.own.Public()
	}
	return c.peerKey
}

// ClientKey returns the public key of the client, which it has proved to own.
func (c *Conn) ClientKey() [32]byte {
	if c.dir == toServer {
		return c.ep.own.Public()
	}
	return c.peerKey
}

// BootID returns a number that the server chose when it started.
func (c *Conn) BootID() uint64 {
	if c.dir == toClient {
		return c.ep.boot
	}
	return c.boot
}

// User returns the number of the player that Config.Authorize gave a client, at the server; else 0.
func (c *Conn) User() uint64 { return c.user }

// Claims returns what Config.Authorize gave a client, at the server. It must not be changed.
func (c *Conn) Claims() []byte { return c.claims }

// Encryption returns the name of the cipher of the session's records, "none" before a dial is accepted.
func (c *Conn) Encryption() string {
	if c.key == nil {
		return "none"
	}
	return c.key.sealer.Suite().String()
}
