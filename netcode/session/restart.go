package session

import (
	"time"

	"github.com/halftick/halftick/netcode/secure"
)

// A server that was started again knows nothing of its sessions and answers their records with silence. A client that
// hears nothing for long sends an INIT that asks no more than who is there. The ACCEPT names the server's start, and only the holder
// of the server's key can have made it: so nobody can end a session by pretending.

// restartProbe is a client's question whether the server is still the same. The zero value has not asked.
type restartProbe struct {
	shake *secure.Initiator
	at    time.Duration // when it is asked next
}

// asksForRestart reports whether the silence has lasted so long that the server may have been started again.
func (c *Conn) asksForRestart() bool {
	return c.silence.stalled && c.dir == toServer && c.state == established && !c.blocked
}

// transmitRestart writes an INIT that asks whether the server was started again, when one is due.
func (c *Conn) transmitRestart(now time.Duration, buf []byte) int {
	r := &c.restart
	if !c.asksForRestart() {
		r.shake = nil
		return 0
	}
	if now < r.at {
		return 0
	}
	r.at = now + restartEvery
	if r.shake == nil {
		hello := c.ep.hello()
		hello.Probe = true
		shake, err := secure.NewInitiator(c.ep.own, c.peerKey, c.ep.random.Uint64(), c.ep.keys.Key(), hello)
		if err != nil {
			return 0
		}
		r.shake = shake
	}
	n := copy(buf, r.shake.Packet())
	c.stats.PacketsSent++
	c.stats.BytesSent += uint64(n)
	return n
}

// restartAnswered takes an ACCEPT for a session that stands.
func (c *Conn) restartAnswered(now time.Duration, b []byte) bool {
	if c.restart.shake == nil {
		return false
	}
	a, _, _, ok := c.restart.shake.Accept(b)
	if !ok {
		return false
	}
	c.restart.shake = nil
	if a.Boot != c.boot {
		c.finish(now, &CloseError{Code: CloseRestarted, Remote: true})
	}
	return true
}
