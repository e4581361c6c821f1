package netcode

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/tcp"
	"github.com/halftick/halftick/netcode/carrier/udp"
	"github.com/halftick/halftick/netcode/session"
)

// Bind opens a UDP and a TCP socket on the same address, such as ":7777" or "127.0.0.1:0" (any free
// port), and lets ep accept sessions on both. The caller closes the host. When the address is in use
// the error is a *carrier.InUseError. Bound to all addresses of the machine, each answer leaves from the one that was asked; where the
// system is not Linux, name the one that clients dial if there are several on one interface.
func Bind(addr string, ep *session.Endpoint) (*Host, error) {
	h := newHost(ep)
	if err := h.listen(addr); err != nil {
		h.alarm.Close()
		return nil, err
	}
	ep.Listen(true)
	h.running.Add(4)
	go h.readUDP()
	go h.acceptTCP()
	go h.runTimers()
	go h.runHandshakes()
	return h, nil
}

// portTries is how often a free UDP port is asked for whose TCP port is free too.
const portTries = 8

// listen opens both sockets on one port.
func (h *Host) listen(addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("listen address %q: want host:port or :port, as in :7777", addr)
	}
	for try := 1; ; try++ {
		u, err := listenUDP(addr)
		if err != nil {
			return err
		}
		t, err := tcp.Listen(net.JoinHostPort(host, fmt.Sprint(u.LocalAddr().Port())), carrier.Limits{})
		if err == nil {
			h.ep.SetProbing(session.UDP, u.Whole())
			h.udp, h.tcp, h.listening = u, t, u.LocalAddr().String()
			return nil
		}
		u.Close()
		if port != "0" || try == portTries {
			return err
		}
	}
}

// listenUDP opens a server's UDP socket, whose answers leave from the address that was asked.
func listenUDP(addr string) (*udp.Socket, error) {
	u, err := udp.Listen(addr)
	if err == nil {
		u.KeepLocal()
	}
	return u, err
}

// Listener accepts sessions. Its methods may be called from several goroutines at once.
type Listener struct {
	host    *Host
	backlog chan *Conn
}

// backlogConns is the number of sessions that may wait for Accept; the next one is closed.
const backlogConns = 128

// Listen accepts sessions on an address such as ":7777", over UDP and TCP on the same port. See Bind for the errors.
func Listen(addr string, cfg Config) (*Listener, error) {
	ep, err := NewEndpoint(cfg)
	if err != nil {
		return nil, err
	}
	l := &Listener{backlog: make(chan *Conn, backlogConns)}
	h, err := Bind(addr, ep)
	if err != nil {
		return nil, err
	}
	now := h.Lock()
	l.host = h
	h.onEvents = l.onEvents
	l.onEvents(now)
	h.Unlock()
	return l, nil
}

// Accept waits for the next session. The error is ErrClosed after Close, else the context's.
func (l *Listener) Accept(ctx context.Context) (*Conn, error) {
	select {
	case <-l.host.done:
		return nil, ErrClosed
	default:
	}
	select {
	case c := <-l.backlog:
		return c, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-l.host.done:
		return nil, ErrClosed
	}
}

// Addr returns the address that is listened on.
func (l *Listener) Addr() net.Addr { return l.host.Addr() }

// Stats returns the state of all sessions together, and what was dropped.
func (l *Listener) Stats() session.EndpointStats {
	l.host.Lock()
	defer l.host.Unlock()
	return l.host.ep.Stats()
}

// closeWait is how long Close waits for the sessions to end well.
const closeWait = 1500 * time.Millisecond

// Close ends all sessions, telling the peers, and stops listening. It waits for what was sent on
// reliable channels, 1.5 s at most.
func (l *Listener) Close() error { return l.host.Shutdown("the server was stopped", closeWait) }

// onEvents gives each event to its session, under the host's lock.
func (l *Listener) onEvents(now time.Duration) {
	for ev, ok := l.host.ep.Event(); ok; ev, ok = l.host.ep.Event() {
		if ev.Kind == session.Opened {
			l.admit(now, ev.Conn)
		} else if c, ok := ev.Conn.Owner().(*Conn); ok {
			c.on(now, ev)
		}
	}
}

func (l *Listener) admit(now time.Duration, sc *session.Conn) {
	select {
	case l.backlog <- newConn(l.host, sc):
	default:
		sc.Close(now, session.CloseApp, "too many sessions wait to be accepted")
	}
}
