package netcode

import (
	"context"
	"sync"
	"time"

	"github.com/halftick/halftick/netcode/session"
)

// Message is what Recv returns. Data belongs to the caller.
type Message struct {
	Channel int
	Key     uint64 // on a ReliableLatest channel
	Data    []byte
}

// Conn is a session with a peer. All methods may be called from several goroutines at once.
//
// What is not read waits: some of it here, the rest at the peer, whose Send fails with ErrQueueFull in the end. Messages of
// unreliable channels for which there is no room are dropped. A session of which nothing is read for Config.ReadTimeout while messages wait
// at the peer ends with CloseUnread.
type Conn struct {
	host     *Host
	conn     *session.Conn
	ownsHost bool // a client's: the host goes with the session

	mu      sync.Mutex // guards what follows; taken after the host's lock
	inbox   inbox
	dropped uint64
	err     error
	room    chan struct{} // closed when a channel that refused a message has room; nil while nobody waits
	arrived chan struct{} // holds a token when there is something to read
	over    chan struct{} // closed with err set
}

func newConn(h *Host, sc *session.Conn) *Conn {
	c := &Conn{host: h, conn: sc, inbox: newInbox(h.ep), arrived: make(chan struct{}, 1), over: make(chan struct{})}
	sc.SetOwner(c)
	return c
}

// Send queues a message on a channel; it leaves at once, or as soon as the session's rate allows. b
// is copied. Send does not wait. Errors: ErrQueueFull, ErrTooLarge, ErrNoChannel; a *CloseError when
// the session is over.
func (c *Conn) Send(channel int, b []byte) error {
	now := c.host.Lock()
	defer c.host.Unlock()
	return c.conn.Send(now, channel, b)
}

// SendContext is Send that waits for room where Send fails with ErrQueueFull: until the context is done, whose error it
// then returns, or the session is over.
func (c *Conn) SendContext(ctx context.Context, channel int, b []byte) error {
	for {
		room, err := c.trySend(channel, b)
		if room == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-room:
		case <-c.over:
			return c.err
		}
	}
}

// trySend sends a message, or returns what is closed once it is worth while to try again.
func (c *Conn) trySend(channel int, b []byte) (room <-chan struct{}, err error) {
	now := c.host.Lock()
	defer c.host.Unlock()
	if err = c.conn.Send(now, channel, b); err != ErrQueueFull {
		return nil, err
	}
	c.mu.Lock() // under the host's lock, so that no event comes in between
	defer c.mu.Unlock()
	if c.room == nil {
		c.room = make(chan struct{})
	}
	return c.room, nil
}

// SendKeyed is Send of a value of a key on a ReliableLatest channel: it takes the place of the key's value that
// is not acknowledged yet. On other channels it fails with ErrNoKeys.
func (c *Conn) SendKeyed(channel int, key uint64, b []byte) error {
	now := c.host.Lock()
	defer c.host.Unlock()
	return c.conn.SendKeyed(now, channel, key, b)
}

// Recv waits for a message. Those of Bulk channels come after all others that wait, each channel's in their order. What arrived before the session ended is still returned; then the error
// is the *CloseError that says why it ended. Any other error is the context's.
func (c *Conn) Recv(ctx context.Context) (Message, error) {
	for {
		if m, ok := c.take(); ok {
			return m, nil
		}
		select {
		case <-ctx.Done():
			return Message{}, context.Cause(ctx)
		case <-c.arrived:
		case <-c.over:
			if m, ok := c.take(); ok {
				return m, nil
			}
			return Message{}, c.err
		}
	}
}

// take removes a message from the inbox.
func (c *Conn) take() (m Message, ok bool) {
	c.mu.Lock()
	m, ok = c.inbox.take()
	if !c.inbox.empty() {
		c.signal() // for the next reader
	}
	news := ok && c.inbox.news(c.host.Now(), true)
	c.mu.Unlock()
	if news {
		now := c.host.Lock()
		c.mu.Lock()
		c.conn.Hold(now, c.inbox.say(now))
		c.mu.Unlock()
		c.host.Unlock()
	}
	return m, ok
}

func (c *Conn) signal() {
	select {
	case c.arrived <- struct{}{}:
	default:
	}
}

// Path returns how the session travels now: the carrier and the peer's address.
func (c *Conn) Path() Path {
	c.host.Lock()
	defer c.host.Unlock()
	return c.conn.Path()
}

// Silence returns for how long the peer has answered nothing, once that is longer than Config.StallAfter, else 0. The session
// goes on meanwhile, and ends after Config.IdleTimeout.
func (c *Conn) Silence() time.Duration {
	now := c.host.Lock()
	defer c.host.Unlock()
	if since, stalled := c.conn.Stalled(); stalled {
		return now - since
	}
	return 0
}

// ServerKey returns the public key of the server: at a client the one that was pinned or learned.
func (c *Conn) ServerKey() [32]byte {
	c.host.Lock()
	defer c.host.Unlock()
	return c.conn.ServerKey()
}

// User returns the number of the player that Config.Authorize gave a client, at the server; else 0.
func (c *Conn) User() uint64 {
	c.host.Lock()
	defer c.host.Unlock()
	return c.conn.User()
}

// ResumeTicket returns, at the server, a ticket for the client of this session to resume it with (Dialer.Resume); nil where there is
// none: see session.Conn.AppendResume, and Config.ResumeFor, which has to be set.
func (c *Conn) ResumeTicket() []byte {
	now := c.host.Lock()
	defer c.host.Unlock()
	return c.conn.AppendResume(now, nil)
}

// ID names the session at the server for as long as it lives.
func (c *Conn) ID() uint32 {
	c.host.Lock()
	defer c.host.Unlock()
	return c.conn.ID()
}

// Resumes returns, at the server, the ID of the lost session that this one has taken the place of; 0 when there is none.
func (c *Conn) Resumes() uint32 {
	c.host.Lock()
	defer c.host.Unlock()
	return c.conn.Resumes()
}

// Stats returns the state of the session.
func (c *Conn) Stats() Stats {
	c.host.Lock()
	defer c.host.Unlock()
	return c.conn.Stats()
}

// Dropped returns how many messages of unreliable channels arrived for which there was no room.
func (c *Conn) Dropped() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dropped
}

// Close ends the session: what was sent on reliable channels is delivered first, for at most
// Config.Linger; the peer is told the reason. Close waits for that. Closing again does nothing.
func (c *Conn) Close() error { return c.CloseWith(session.CloseNormal, "") }

// CloseWith is Close with a code and a reason for the peer, of at most 128 bytes.
func (c *Conn) CloseWith(code session.CloseCode, reason string) error {
	now := c.host.Lock()
	c.conn.Close(now, code, reason)
	c.host.Unlock()
	<-c.over
	if c.ownsHost {
		return c.host.Shutdown("", streamDrain)
	}
	return nil
}

// on takes an event of this session, under the host's lock.
func (c *Conn) on(now time.Duration, ev session.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch ev.Kind {
	case session.Closed:
		c.err = ev.Err
		close(c.over)
	case session.Message:
		if !c.inbox.put(ev.Channel, ev.Key, ev.Data) {
			c.dropped++
			return
		}
		c.signal()
		if c.inbox.news(now, false) {
			c.conn.Hold(now, c.inbox.say(now))
		}
	case session.Room:
		if c.room != nil {
			close(c.room)
			c.room = nil
		}
	}
}

// only takes the events of a host that has this session alone.
func (c *Conn) only(now time.Duration) {
	for ev, ok := c.host.ep.Event(); ok; ev, ok = c.host.ep.Event() {
		if ev.Conn == c.conn {
			c.on(now, ev)
		}
	}
}
