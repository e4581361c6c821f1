package tcp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
)

// Listener accepts streams of records. Its methods may be called by any goroutine. The zero Listener
// is of no use: see Listen.
type Listener struct {
	tcp     *net.TCPListener
	gate    *carrier.Gate
	done    chan struct{}
	closing sync.Once
}

// Listen opens a listener on an address such as ":7777"; see udp.Listen, which takes the same. When
// another program has the address the error is a *carrier.InUseError.
func Listen(addr string, limits carrier.Limits) (*Listener, error) {
	var cfg net.ListenConfig
	l, err := cfg.Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, carrier.ListenError("tcp", addr, err)
	}
	return &Listener{
		tcp:  l.(*net.TCPListener),
		gate: carrier.NewGate(limits),
		done: make(chan struct{}),
	}, nil
}

// Accept waits for a peer that the limits let in. The owner is to read records from it at once, since
// the time limits run, to call Authenticated when a session is open, and to Close it in the end.
// The error is net.ErrClosed after Close. When the system has no socket for a peer, Accept waits, a
// second at most, and goes on.
func (l *Listener) Accept() (*Conn, error) {
	pause := 5 * time.Millisecond
	for {
		conn, err := l.tcp.AcceptTCP()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil, net.ErrClosed
		case err != nil:
			l.gate.Failed()
			l.wait(pause)
			pause = min(2*pause, time.Second)
			continue
		}
		if c := l.admit(conn); c != nil {
			return c, nil
		}
	}
}

// admit makes a Conn of a socket, or resets it when its peer has too many or all have.
func (l *Listener) admit(conn *net.TCPConn) *Conn {
	remote := conn.RemoteAddr().(*net.TCPAddr).AddrPort()
	if !l.gate.Enter(remote.Addr()) {
		_ = conn.SetLinger(0) // a reset leaves nothing behind in the kernel
		_ = conn.Close()
		return nil
	}
	return newConn(conn, l.gate)
}

// wait sleeps for d, or until Close.
func (l *Listener) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.done:
	}
}

// Addr returns the address the listener is bound to.
func (l *Listener) Addr() netip.AddrPort {
	return carrier.Unmap(l.tcp.Addr().(*net.TCPAddr).AddrPort())
}

// Stats returns the counters of the listener and of all its streams.
func (l *Listener) Stats() carrier.Stats { return l.gate.Stats() }

// Close ends the listener and an Accept that waits; the streams stay. Closing again does nothing.
func (l *Listener) Close() error {
	var err error
	l.closing.Do(func() {
		close(l.done)
		err = l.tcp.Close()
	})
	return err
}
