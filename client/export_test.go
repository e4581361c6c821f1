package client

import "time"

// LookAtOnce makes a client that waits for its next session look with each datagram, before the host has said which session that is, and not
// with the next frame.
func (c *Client[W, I]) LookAtOnce() {
	c.host.OnEvents(func(now time.Duration) {
		if c.lost != nil {
			c.wait(now)
		}
	})
}
