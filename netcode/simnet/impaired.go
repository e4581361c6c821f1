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

// maxBatch is how many datagrams are read from the real socket at once.
const maxBatch = 16

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
	buf      []byte        // of ReadBatch
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
	batch := make([]carrier.Datagram, maxBatch)
	for {
		n, err := m.inner.ReadBatch(batch)
		if err != nil {
			m.readErr = err
			return
		}
		for _, d := range batch[:n] {
			m.down.put(d.Addr, d.Data)
		}
	}
}

// send writes to inner what has come up.
func (m *Impaired) send() {
	buf, one := make([]byte, 1<<16), make([]carrier.Datagram, 1)
	for {
		n, to, ok := m.up.take(buf, m.done)
		if !ok {
			return
		}
		one[0] = carrier.Datagram{Data: buf[:n], Addr: to}
		refused, err := m.inner.WriteBatch(one)
		if m.failed.Add(uint64(refused)); err != nil {
			return
		}
	}
}

// ReadBatch is as carrier.Datagrams says. It returns one datagram. What is still on its way is lost when the socket ends.
func (m *Impaired) ReadBatch(into []carrier.Datagram) (n int, err error) {
	if m.buf == nil {
		m.buf = make([]byte, maxDatagram)
	}
	size, from, ok := m.down.take(m.buf, m.ended)
	if !ok {
		return 0, m.readErr
	}
	into[0] = carrier.Datagram{Data: m.buf[:size], Addr: from}
	return 1, nil
}

// WriteBatch is as carrier.Datagrams says. A datagram that the real socket refuses later is counted: see Failed.
func (m *Impaired) WriteBatch(batch []carrier.Datagram) (refused int, err error) {
	if closed(m.done) {
		return len(batch), net.ErrClosed
	}
	for _, d := range batch {
		m.up.put(d.Addr, d.Data)
	}
	return 0, nil
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

// Close closes the real socket and ends a ReadBatch that waits. What is on its way is lost. When it
// returns no goroutine is left. Closing again does nothing.
func (m *Impaired) Close() error {
	m.closing.Do(func() {
		close(m.done)
		m.closeErr = m.inner.Close()
		m.running.Wait()
	})
	return m.closeErr
}
