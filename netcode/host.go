package netcode

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/halftick/halftick/netcode/alarm"
	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/tcp"
	"github.com/halftick/halftick/netcode/carrier/udp"
	"github.com/halftick/halftick/netcode/session"
)

// Host drives a session.Endpoint over real sockets: it brings datagrams in, runs the timers, and takes
// datagrams out. It has one goroutine that reads UDP, one for the timers, one that accepts TCP and one for handshakes or one that keeps the
// session of a client alive, and two for each stream; whatever they do with the endpoint, they do under the host's lock.
//
// Whoever uses the endpoint directly does so between Lock and Unlock:
//
//	now := h.Lock()
//	conn.Send(now, channel, b)
//	h.Unlock()              // transmits
type Host struct {
	mu        sync.Mutex
	ep        *session.Endpoint
	start     time.Time
	udp       carrier.Datagrams // nil when the session goes over TCP alone
	tcp       *tcp.Listener     // nil at a client
	streams   map[session.Path]*stream
	listeners []WebTransportListener
	groups    []io.Closer // of Announce
	doors     doors
	ended     uint64        // sessions that had ended, and paths left, when streams were last looked through
	client    *session.Conn // the one that was dialled; nil at a server
	pilot     *pilot        // of a client; nil at a server

	listening string // the address of a server's sockets
	reopened  uint64

	onEvents func(now time.Duration) // called under the lock after anything that may make events

	out      outbox
	alarm    *alarm.Alarm  // for the timer goroutine; set under the lock
	alarmAt  time.Duration // when it rings; 0 when it is not set
	newcomer chan struct{} // told when handshakes wait
	done     chan struct{}
	running  sync.WaitGroup
}

// WebTransportListener accepts WebTransport sessions that carry records: wt.Listener is one.
type WebTransportListener interface {
	Accept() (carrier.Conn, error) // any error ends it
	Stats() carrier.Stats
	Close() error // ends Accept
}

func newHost(ep *session.Endpoint) *Host {
	return &Host{
		ep: ep, start: time.Now(),
		streams:  make(map[session.Path]*stream),
		alarm:    alarm.New(),
		newcomer: make(chan struct{}, 1),
		done:     make(chan struct{}),
	}
}

// Lock takes the endpoint for the caller and returns the time on its clock.
func (h *Host) Lock() (now time.Duration) {
	h.mu.Lock()
	return time.Since(h.start)
}

// Unlock sends what waits to be sent and gives the endpoint back.
func (h *Host) Unlock() {
	now := time.Since(h.start)
	h.collect(now)
	if h.onEvents != nil {
		h.onEvents(now)
		h.collect(now) // what the events led to
	}
	h.out.send(h.udp)
	h.closeFinished()
	if h.pilot != nil {
		h.pilot.watch()
	}
	h.tellHandshakes()
	h.setAlarm(now)
	h.mu.Unlock()
}

// setAlarm wakes the timer goroutine when the endpoint next has something to do.
func (h *Host) setAlarm(now time.Duration) {
	at, ok := h.ep.NextTimeout()
	if !ok {
		return
	}
	if at = h.wakeTime(at); h.alarmAt == 0 || at < h.alarmAt {
		h.alarmAt = at
		h.alarm.Set(at - now)
	}
}

// Release gives the endpoint back like Unlock, but sends nothing yet: for a caller that says many things in between others' turns
// and ends with a Lock and an Unlock.
func (h *Host) Release() { h.mu.Unlock() }

// Now returns the time on the host's clock.
func (h *Host) Now() time.Duration { return time.Since(h.start) }

// OnEvents makes the host call f, under its lock and with the time, after anything that may have led to
// events of the endpoint: a datagram, a timer, an Unlock. It replaces the f of an earlier call.
func (h *Host) OnEvents(f func(now time.Duration)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.onEvents = f
}

// collect takes every record that waits to its carrier: to a stream, or into the outbox.
func (h *Host) collect(now time.Duration) {
	for {
		room := h.out.room()
		n, to := h.ep.Transmit(now, room)
		if n == 0 {
			return
		}
		if to.Carrier == session.UDP {
			if h.out.add(n, to) {
				h.out.send(h.udp)
			}
		} else if s := h.streams[to]; s != nil {
			s.send(room[:n])
		}
	}
}

// readBatch is how many datagrams the endpoint is given under one lock.
const readBatch = 64

// readUDP brings datagrams in until the host is closed.
func (h *Host) readUDP() {
	defer h.running.Done()
	batch := make([]carrier.Datagram, readBatch)
	for {
		n, err := h.udp.ReadBatch(batch)
		if err != nil {
			if h.reopenUDP() {
				continue
			}
			return
		}
		now := h.Lock()
		for _, d := range batch[:n] {
			h.ep.Receive(now, session.Path{Carrier: session.UDP, Addr: d.Addr, Local: d.Local}, d.Data)
		}
		h.ep.Advance(now) // saves the timers a wake-up
		h.Unlock()
	}
}

// wakeTime returns when the timers run for a deadline: on a grid, so that what many sessions have to do about the same time is one wake-up,
// and its datagrams one system call. A client has one session, whose records are to leave at an even pace.
func (h *Host) wakeTime(at time.Duration) time.Duration {
	grid := time.Millisecond
	if h.pilot != nil {
		grid = 100 * time.Microsecond
	}
	return (at + grid - 1).Truncate(grid)
}

// runTimers calls the endpoint when time alone makes something due.
func (h *Host) runTimers() {
	defer h.running.Done()
	for h.alarm.Wait() {
		now := h.Lock()
		h.alarmAt = 0
		h.ep.Advance(now)
		h.Unlock()
	}
}

// acceptTCP gives each stream that comes in its goroutines.
func (h *Host) acceptTCP() {
	defer h.running.Done()
	for {
		c, err := h.tcp.Accept()
		if err != nil {
			return
		}
		h.Lock()
		h.addStream(session.Path{Carrier: session.TCP, Addr: c.RemoteAddr()}, c)
		h.Unlock()
	}
}

// Endpoint returns the endpoint that the host drives. Use it between Lock and Unlock.
func (h *Host) Endpoint() *session.Endpoint { return h.ep }

// StreamStats returns what became of the peers of a listening host on TCP, WebSocket and WebTransport. It may be called
// while the host is locked.
func (h *Host) StreamStats() (s StreamStats) {
	s = h.doors.stats()
	if h.tcp != nil {
		s.Add(h.tcp.Stats())
	}
	return s
}

// UDPStats returns what became of datagrams at the host's socket, and how much room the system gave it; zero while there is
// no socket, or another in front of it.
func (h *Host) UDPStats() (s UDPStats) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if socket, ok := h.udp.(*udp.Socket); ok {
		s = socket.Stats()
	}
	return s
}

// Addr returns the address that a listening host is reached at.
func (h *Host) Addr() net.Addr {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.udp == nil {
		return nil
	}
	return net.UDPAddrFromAddrPort(h.udp.LocalAddr())
}

// Close closes the sockets at once, ends what sessions there are, and waits for the host's goroutines. Sessions
// that should end well are closed before: see Shutdown. Closing again does nothing.
func (h *Host) Close() error {
	h.mu.Lock()
	select {
	case <-h.done:
		h.mu.Unlock()
		return nil
	default:
	}
	close(h.done)
	h.alarm.Close()
	if h.pilot != nil {
		h.pilot.stop()
	}
	var errs []error
	if h.udp != nil {
		errs = append(errs, h.udp.Close())
	}
	if h.tcp != nil {
		errs = append(errs, h.tcp.Close())
	}
	for _, g := range h.groups {
		errs = append(errs, g.Close())
	}
	for _, l := range h.listeners {
		errs = append(errs, l.Close())
	}
	for _, s := range h.streams {
		errs = append(errs, s.close())
	}
	h.ep.Abandon(h.Now())
	h.Unlock() // makes the events
	h.running.Wait()
	return errors.Join(errs...)
}

// Shutdown ends every session with a reason that the peers are told, waits until they are ended and TCP
// peers have read so, at most for the given time, and closes the host.
func (h *Host) Shutdown(reason string, wait time.Duration) error {
	until := h.Lock() + wait
	if h.pilot != nil {
		h.pilot.stop() // no new session for those that end
	}
	h.ep.Shutdown(h.Now(), reason)
	h.Unlock()
	const look = 5 * time.Millisecond
	for timer := time.NewTicker(look); ; <-timer.C {
		now := h.Lock()
		left := h.ep.Stats().Sessions + h.busy()
		h.Unlock()
		if left == 0 || now >= until {
			timer.Stop()
			break
		}
	}
	return h.Close()
}
