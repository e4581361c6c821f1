package kcp

import (
	"context"
	"net"
	"time"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/session"
)

// Dial opens a session with a server that listens with this package. addr may begin with "kcp://". The errors are
// those of netcode.Dial.
func Dial(ctx context.Context, addr string, cfg netcode.Config, opt Options) (*Conn, error) {
	tunnelled, tunnel, err := withTunnel(cfg, opt)
	if err != nil {
		return nil, err
	}
	conn, err := opt.Dialer.Dial(ctx, address(addr), tunnelled)
	if err != nil {
		return nil, err
	}
	return newConn(conn, tunnelled, tunnel, opt)
}

// Listener accepts sessions whose reliable channels KCP carries. Its methods may be called from several goroutines.
type Listener struct {
	listener *netcode.Listener
	cfg      netcode.Config
	tunnel   int
	opt      Options
}

// Listen accepts sessions on an address such as ":7777". The errors are those of netcode.Listen.
func Listen(addr string, cfg netcode.Config, opt Options) (*Listener, error) {
	tunnelled, tunnel, err := withTunnel(cfg, opt)
	if err != nil {
		return nil, err
	}
	l, err := netcode.Listen(address(addr), tunnelled)
	if err != nil {
		return nil, err
	}
	return &Listener{l, tunnelled, tunnel, opt}, nil
}

// Accept waits for the next session. The errors are those of netcode.Listener.Accept.
func (l *Listener) Accept(ctx context.Context) (*Conn, error) {
	conn, err := l.listener.Accept(ctx)
	if err != nil {
		return nil, err
	}
	return newConn(conn, l.cfg, l.tunnel, l.opt)
}

// Addr returns the address that is listened on.
func (l *Listener) Addr() net.Addr { return l.listener.Addr() }

// Close ends all sessions and stops listening. What KCP has not delivered by then is lost; close a Conn to wait for it.
func (l *Listener) Close() error { return l.listener.Close() }

// Send queues a message and does not wait; b is copied. Errors: netcode.ErrQueueFull, ErrTooLarge, ErrNoChannel; a
// *netcode.CloseError when the session is over or closing.
func (c *Conn) Send(channel int, b []byte) error {
	switch {
	case channel < 0 || channel >= len(c.channels):
		return netcode.ErrNoChannel
	case !reliable(c.channels[channel]):
		return c.conn.Send(channel, b)
	case len(b) > maxMessage(c.channels[channel]):
		return netcode.ErrTooLarge
	}
	select {
	case <-c.over:
		return c.err
	default:
	}
	return c.queue(channel, append(appendHeader(make([]byte, 0, streamHeader+len(b)), channel, len(b)), b...))
}

// queue hands a message to writeStream, unless there is too much waiting on its channel.
func (c *Conn) queue(channel int, framed []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(framed) - streamHeader
	switch {
	case c.closing:
		return netcode.ErrClosed
	case c.queued[channel]+n > maxQueue(c.channels[channel]):
		return netcode.ErrQueueFull
	}
	select {
	case c.out <- framed:
		c.queued[channel] += n
		c.counts.sent++
		return nil
	default:
		return netcode.ErrQueueFull
	}
}

// Recv waits for a message. What arrived before the session ended is still returned; then the error says why it ended,
// as that of netcode.Conn.Recv does. Any other error is the context's.
func (c *Conn) Recv(ctx context.Context) (netcode.Message, error) {
	select {
	case m := <-c.in:
		return m, nil
	default:
	}
	select {
	case m := <-c.in:
		return m, nil
	case <-ctx.Done():
		return netcode.Message{}, context.Cause(ctx)
	case <-c.over:
		select {
		case m := <-c.in:
			return m, nil
		default:
			return netcode.Message{}, c.err
		}
	}
}

// Path returns how the session travels now.
func (c *Conn) Path() netcode.Path { return c.conn.Path() }

// Dropped returns how many messages of unreliable channels arrived that Recv was too slow for.
func (c *Conn) Dropped() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts.dropped + c.conn.Dropped()
}

// Stats returns the state of the session. What it says of reliable messages is KCP's: ReliableAcked is not known and 0,
// Retransmitted counts segments, Repeated and ReliableQueue the like of the session are 0.
func (c *Conn) Stats() netcode.Stats {
	s := c.conn.Stats()
	c.mu.Lock()
	defer c.mu.Unlock()
	s.ReliableSent, s.ReliableDelivered = c.counts.sent, c.counts.delivered
	s.Retransmitted = c.shim.retransmitted()
	s.ReliableQueue = len(c.out)
	for _, n := range c.queued {
		s.QueuedBytes += n
	}
	return s
}

// Close ends the session: what was sent on reliable channels is delivered first, for at most Config.Linger. Closing
// again does nothing.
func (c *Conn) Close() error { return c.CloseWith(session.CloseNormal, "") }

// CloseWith is Close with a code and a reason for the peer, of at most 128 bytes.
func (c *Conn) CloseWith(code session.CloseCode, reason string) error {
	c.mu.Lock()
	first := !c.closing
	c.closing = true
	c.mu.Unlock()
	if first {
		c.flush()
	}
	err := c.conn.CloseWith(code, reason)
	c.running.Wait()
	return err
}

// finEvery is how often the end of the stream is said again: the answer may be lost.
const finEvery = 50 * time.Millisecond

// flush says that nothing follows and waits until the peer has read as far, at most for linger.
func (c *Conn) flush() {
	again := time.NewTicker(finEvery)
	defer again.Stop()
	timer := time.NewTimer(c.linger)
	defer timer.Stop()
	for {
		select {
		case c.out <- appendHeader(nil, finChannel, 0):
		default: // much is waiting; later
		}
		select {
		case <-again.C:
		case <-c.fin:
			return
		case <-timer.C:
			return
		case <-c.over:
			return
		}
	}
}
