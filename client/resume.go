package client

import (
	"bytes"
	"crypto/rand"
	"errors"
	"time"

	"github.com/halftick/halftick/netcode/replica"
)

// What a client needs to take its player back in another process: the server's ticket, and the private key that it is bound to when that
// was made for the session.
//
//	0 version u8, 1 | 1 flags u8: bit 0 a key | key 32 | ticket
const (
	resumeVersion = 1
	resumeKey     = 1
)

// errResume is the error of Config.Resume that no client has made.
var errResume = errors.New("client: Config.Resume is not what Client.Resume returned")

// Resume returns what another process of the player can take the player's place back with, should this one end: keep it, anew every few
// seconds, and give it to Config.Resume. It is good for two minutes at most. Nil before the server has sent any. Without Config.Key it is secret: who
// has it can play as the player; with one it is of no use to whom has not that key.
func (c *Client[W, I]) Resume() (b []byte) {
	c.locked(func(now time.Duration) {
		if len(c.ticket) == 0 {
			return
		}
		b = append(b, resumeVersion, 0)
		if c.key != [32]byte{} {
			b[1] = resumeKey
			b = append(b, c.key[:]...)
		}
		b = append(b, c.ticket...)
	})
	return b
}

// takeResume splits what Resume returned: its ticket, and the key where there is one.
func takeResume(b []byte) (ticket []byte, key [32]byte, err error) {
	if len(b) < 2 || b[0] != resumeVersion || b[1] > resumeKey {
		return nil, key, errResume
	}
	ticket = b[2:]
	if b[1] == resumeKey {
		if len(ticket) < len(key) {
			return nil, key, errResume
		}
		key, ticket = [32]byte(ticket), ticket[len(key):]
	}
	if len(ticket) == 0 || len(ticket) > replica.MaxTicket {
		return nil, key, errResume
	}
	return ticket, key, nil
}

// identify returns the key for a client's sessions and the ticket to begin with. made is the key when nobody but this client knows it.
func (c *Config) identify() (key, made [32]byte, ticket []byte, err error) {
	if len(c.Resume) > 0 {
		if ticket, made, err = takeResume(c.Resume); err != nil {
			return key, made, nil, err
		}
	}
	switch {
	case c.Key != [32]byte{}:
		return c.Key, [32]byte{}, ticket, nil
	case made == [32]byte{}:
		rand.Read(made[:])
	}
	return made, made, ticket, nil
}

// resume takes a ticket from the server.
func (c *Client[W, I]) resume(m replica.Resume) {
	c.ticket = bytes.Clone(m.Ticket)
	if c.host != nil {
		c.host.KeepResume(c.ticket)
	}
	if m.Returned && !c.returned {
		c.returned = true
		c.log.Info("the player was taken back", "player", c.me)
	}
}
