package session

import "time"

// keepAliveAt returns when a ping is due. The client asks and the server's answer serves both; a server asks
// itself when a client has said nothing for twice as long.
func (c *Conn) keepAliveAt() (at time.Duration, ok bool) {
	every := c.ep.cfg.KeepAlive
	if every <= 0 {
		return 0, false
	}
	if c.dir == toClient {
		return max(c.spokeAt, c.heardAt) + 2*every, true
	}
	return c.spokeAt + every, true
}
