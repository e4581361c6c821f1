package simnet

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
)

// Ends that random streams of an Impaired or ImpairedConn serve.
const (
	endUp = iota + 10
	endDown
)

// maxDatagram is the size of the largest datagram that Impaired reads, in bytes; what is longer is cut
// off, and no session has one.
const maxDatagram = 2048

// Impaired puts conditions in front of a real socket, in real time: up shapes what is written, down
// what is read. All peers of the socket share them. It implements carrier.Datagrams; its methods may
// be called by any goroutine. It runs two goroutines, which end with Close. Once it has grown it
// allocates nothing.
//
// Datagrams are never early, but as late as the system's timers are. A direction holds up to 4096
// datagrams; more are dropped and counted in Stats.Full. See Impair.
type Impaired struct {
	inner    carrier.Datagrams
	up, down *line
	failed   atomic.Uint64
	done     chan struct{} // closed by Close
	ended    chan struct{} // closed when inner has nothing more to read
	readErr  error         // why; to be read when ended is closed
	running  sync.WaitGroup
	closing  sync.Once
	closeErr error
}

var _ carrier.Datagrams = (*Impaired)(nil)

// Impair puts conditions in front of inner and owns it from now on. Equal seeds and equal traffic give
// equal losses; times are those of the real clock.
func Impair(inner carrier.Datagrams, up, down Conditions, seed uint64) *Impaired {
	c := newClock()
	m := &Impaired{
		inner: inner,
		up:    newLine(c, up, fork(seed, endUp)),
		down:  newLine(c, down, fork(seed, endDown)),
		done:  make(chan struct{}),
		ended: make(chan struct{}),
	}
	m.running.Go(m.receive)
	m.running.Go(m.send)
	return m
}

// receive puts what inner reads on the way down.
func (m *Impaired) receive() {
	defer close(m.ended)
	buf := make([]byte, maxDatagram)
	for {
		n, from, err := m.inner.ReadFrom(buf)
		if err != nil {
			m.readErr = err
			return
		}
		m.down.put(from, buf[:n])
	}
}

// send writes to inner what has come up.
func (m *Impaired) send() {
	buf := make([]byte, 1<<16)
	for {
		n, to, ok := m.up.take(buf, m.done)
		if !ok {
			return
		}
		if m.inner.WriteTo(buf[:n], to) != nil {
			m.failed.Add(1)
		}
	}
}

// ReadFrom is as carrier.Datagrams says. What is still on its way is lost when the socket ends.
func (m *Impaired) ReadFrom(b []byte) (n int, from netip.AddrPort, err error) {
	n, from, ok := m.down.take(b, m.ended)
	if !ok {
		return 0, netip.AddrPort{}, m.readErr
	}
	return n, from, nil
}

// WriteTo is as carrier.Datagrams says. Its only error is net.ErrClosed; a datagram that the real
// socket refuses later is counted: see Failed.
func (m *Impaired) WriteTo(b []byte, to netip.AddrPort) error {
	if closed(m.done) {
		return net.ErrClosed
	}
	m.up.put(to, b)
	return nil
}

// Set changes the conditions. What is on its way keeps its time of arrival.
func (m *Impaired) Set(up, down Conditions) {
	m.up.set(up)
	m.down.set(down)
}

// Conditions returns the conditions in force, as they were given.
func (m *Impaired) Conditions() (up, down Conditions) {
	return m.up.conditions(), m.down.conditions()
}

// Outage makes all that is sent from now on, for d, be lost in both directions.
func (m *Impaired) Outage(d time.Duration) {
	m.up.outage(d)
	m.down.outage(d)
}

// Stats returns the counters of both directions.
func (m *Impaired) Stats() (up, down Stats) { return m.up.stats(), m.down.stats() }

// Failed returns how many datagrams the real socket refused when their time had come.
func (m *Impaired) Failed() uint64 { return m.failed.Load() }

// LocalAddr returns the address of the real socket.
func (m *Impaired) LocalAddr() netip.AddrPort { return m.inner.LocalAddr() }

// Close closes the real socket and ends a ReadFrom that waits. What is on its way is lost. When it
// returns no goroutine is left. Closing again does nothing.
func (m *Impaired) Close() error {
	m.closing.Do(func() {
		close(m.done)
		m.closeErr = m.inner.Close()
		m.running.Wait()
	})
	return m.closeErr
}
