package client

import (
	"errors"
	"time"

	"github.com/halftick/halftick/netcode/session"
)

// closeWait is how long Close waits for the goodbye to leave. Then the sockets are closed anyway.
const closeWait = time.Second

// errNoDriver is returned by Update of a client that has no sockets.
var errNoDriver = errors.New("client: Update is for a client made by Dial; drive one made by New with Advance")

// locked runs f with the session and its time, whoever drives it. It starts no goroutine.
func (c *Client[W, I]) locked(f func(now time.Duration)) {
	if c.host == nil {
		f(c.now)
		return
	}
	now := c.host.Lock()
	defer c.host.Unlock()
	f(now)
}

// Update is Advance for a client made by Dial: call it once per frame with what the player holds down now.
// When the session is over it returns a *ClosedError that says why, and does nothing.
func (c *Client[W, I]) Update(in I) error {
	if c.host == nil {
		return errNoDriver
	}
	now := c.host.Lock()
	c.advance(now, in)
	d, err := c.events.take(), c.fault()
	c.host.Unlock()
	if !d.empty() {
		d.tell()
		c.locked(func(time.Duration) { c.events.give(d) })
	}
	return err
}

// View is ViewAt for a client made by Dial: the world to be drawn now. Call it after Update in each
// frame, so that what has just arrived is in it. It is borrowed until the next call of View and must not
// be changed. After the session has ended it stands still.
func (c *Client[W, I]) View() (w *W) {
	c.locked(func(now time.Duration) {
		if c.err != nil || c.lost != nil {
			now = c.now
		}
		w = c.ViewAt(now)
	})
	return w
}

// Close leaves the match: what was said is delivered first, the server is told, and the sockets are
// closed, within a second. Of a client made by New only the session is closed; the caller transmits.
// Closing again does nothing.
func (c *Client[W, I]) Close() error {
	c.locked(func(now time.Duration) {
		c.conn.Close(now, session.CloseNormal, "left")
		if c.err == nil {
			c.finish()
			c.end(nil)
		}
	})
	if c.host == nil {
		return nil
	}
	return c.host.Shutdown("left", closeWait)
}
