package simnet

import (
	"net"
	"sync"
	"time"
)

// ImpairedConn puts conditions in front of a real stream, in real time: up shapes what is written, down
// what is read. It is a model of what a stream over a bad path looks like to its user, and not a TCP:
//
//   - bytes arrive in order, each piece after Delay and its jitter, and none before the one ahead of it;
//   - a lost piece (by loss, burst or outage) stalls all behind it for a retransmission time-out of
//     200 ms and a round trip, longer each time it is lost again. A real TCP with much to send often
//     repairs a loss in about one round trip, so this is the worse half of what TCP does;
//   - Rate delays, and the writer waits when 64 KiB are on their way; there is no congestion control;
//   - Duplicate, Reorder and Corrupt do nothing: TCP hides them.
//
// In Stats each try of a piece is one datagram. It is a net.Conn, but for these: one goroutine at a
// time may read and one may write. It runs two goroutines, which end with Close. See ImpairConn.
type ImpairedConn struct {
	inner    net.Conn
	up, down *lane
	done     chan struct{}
	running  sync.WaitGroup
	closing  sync.Once
	closeErr error
}

var _ net.Conn = (*ImpairedConn)(nil)

// ImpairConn puts conditions in front of inner and owns it from now on.
func ImpairConn(inner net.Conn, up, down Conditions, seed uint64) *ImpairedConn {
	clock, done := newClock(), make(chan struct{})
	c := &ImpairedConn{
		inner: inner,
		up:    newLane(clock, up, fork(seed, endUp), done),
		down:  newLane(clock, down, fork(seed, endDown), done),
		done:  done,
	}
	c.running.Go(c.receive)
	c.running.Go(c.send)
	return c
}

// receive puts what inner reads on the way down.
func (c *ImpairedConn) receive() {
	buf := make([]byte, 4*segmentSize)
	for {
		n, err := c.inner.Read(buf)
		if _, stopped := c.down.write(buf[:n]); stopped != nil {
			return
		}
		if err != nil {
			c.down.end(err)
			return
		}
	}
}

// send writes to inner what has come up.
func (c *ImpairedConn) send() {
	buf := make([]byte, 4*segmentSize)
	for {
		n, err := c.up.read(buf)
		if err != nil {
			return
		}
		if _, err := c.inner.Write(buf[:n]); err != nil {
			c.up.refuse(err)
			return
		}
	}
}

// Read is as net.Conn says.
func (c *ImpairedConn) Read(b []byte) (n int, err error) { return c.down.read(b) }

// Write puts b on its way and waits only for room; an error of the real stream comes with a later call.
func (c *ImpairedConn) Write(b []byte) (n int, err error) { return c.up.write(b) }

// Set changes the conditions. What is on its way keeps its time of arrival.
func (c *ImpairedConn) Set(up, down Conditions) {
	c.up.set(up)
	c.down.set(down)
}

// Stats returns the counters of both directions.
func (c *ImpairedConn) Stats() (up, down Stats) { return c.up.stats(), c.down.stats() }

// Close closes the real stream and ends calls that wait. What is on its way is lost. When it returns no
// goroutine is left. Closing again does nothing.
func (c *ImpairedConn) Close() error {
	c.closing.Do(func() {
		close(c.done)
		c.closeErr = c.inner.Close()
		c.running.Wait()
	})
	return c.closeErr
}

// LocalAddr returns the address of the real stream.
func (c *ImpairedConn) LocalAddr() net.Addr { return c.inner.LocalAddr() }

// RemoteAddr returns the peer's address of the real stream.
func (c *ImpairedConn) RemoteAddr() net.Addr { return c.inner.RemoteAddr() }

// SetReadDeadline is as net.Conn says.
func (c *ImpairedConn) SetReadDeadline(t time.Time) error {
	c.down.setDeadline(&c.down.readBy, &c.down.data, t)
	return nil
}

// SetWriteDeadline is as net.Conn says.
func (c *ImpairedConn) SetWriteDeadline(t time.Time) error {
	c.up.setDeadline(&c.up.writeBy, &c.up.room, t)
	return nil
}

// SetDeadline is as net.Conn says.
func (c *ImpairedConn) SetDeadline(t time.Time) error {
	_ = c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}
