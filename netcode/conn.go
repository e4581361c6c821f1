package netcode

import (
	"context"
	"slices"
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

// Limits of a Conn's inbox. What comes beyond on an unreliable channel is dropped; beyond on a reliable
// one ends the session, since the application does not read.
const (
	inboxMessages = 4096
	inboxBytes    = 1 << 20
)

// Conn is a session with a peer. All methods may be called from several goroutines at once.
type Conn struct {
	host     *Host
	conn     *session.Conn
	ownsHost bool // a client's: the host goes with the session

	mu      sync.Mutex // guards what follows; taken after the host's lock
	inbox   []Message
	bytes   int
	dropped uint64
	torn    bool // a reliable message was dropped: what follows would hide the hole
	err     error
	arrived chan struct{} // holds a token when there is something to read
	over    chan struct{} // closed with err set
}

func newConn(h *Host, sc *session.Conn) *Conn {
	c := &Conn{host: h, conn: sc, arrived: make(chan struct{}, 1), over: make(chan struct{})}
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

// SendKeyed is Send of a value of a key on a ReliableLatest channel: it takes the place of the key's value that
// is not acknowledged yet. On other channels it fails with ErrNoKeys.
func (c *Conn) SendKeyed(channel int, key uint64, b []byte) error {
	now := c.host.Lock()
	defer c.host.Unlock()
	return c.conn.SendKeyed(now, channel, key, b)
}

// Recv waits for a message. What arrived before the session ended is still returned; then the error
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

// take removes the oldest message of the inbox.
func (c *Conn) take() (m Message, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.inbox) == 0 {
		return m, false
	}
	m = c.inbox[0]
	c.inbox[0] = Message{}
	c.inbox = c.inbox[1:]
	c.bytes -= len(m.Data)
	if len(c.inbox) > 0 {
		c.signal() // for the next reader
	}
	return m, true
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

// Stats returns the state of the session.
func (c *Conn) Stats() Stats {
	c.host.Lock()
	defer c.host.Unlock()
	return c.conn.Stats()
}

// Dropped returns how many messages arrived for which the inbox had no room.
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
		if c.torn || len(c.inbox) >= inboxMessages || c.bytes+len(ev.Data) > inboxBytes {
			c.overflow(now, ev.Channel)
			return
		}
		c.inbox = append(c.inbox, Message{ev.Channel, ev.Key, slices.Clone(ev.Data)})
		c.bytes += len(ev.Data)
		c.signal()
	}
}

// overflow deals with a message for which the inbox has no room.
func (c *Conn) overflow(now time.Duration, channel int) {
	c.dropped++
	if c.host.ep.Kind(channel).Reliable() {
		c.torn = true
		c.conn.Close(now, session.CloseApp, "the receiver does not read its messages")
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
