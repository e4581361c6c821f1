package netcode

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/tcp"
	"github.com/halftick/halftick/netcode/carrier/udp"
	"github.com/halftick/halftick/netcode/session"
)

// Transport says which carriers Dial may use.
type Transport uint8

// The choices.
const (
	Auto    Transport = iota // UDP, and TCP when UDP gets no answer
	OnlyUDP                  // never TCP
	OnlyTCP                  // never UDP
)

func (t Transport) String() string {
	switch t {
	case OnlyUDP:
		return "udp"
	case OnlyTCP:
		return "tcp"
	}
	return "auto"
}

// ParseTransport reads "auto", "udp" or "tcp".
func ParseTransport(s string) (Transport, error) {
	for _, t := range []Transport{Auto, OnlyUDP, OnlyTCP} {
		if s == t.String() {
			return t, nil
		}
	}
	return Auto, fmt.Errorf("transport %q: want auto, udp or tcp", s)
}

// Dialer is how Dial finds a way to the server. The zero Dialer is what Dial uses.
type Dialer struct {
	Transport Transport

	// FallbackAfter is how long Auto waits for UDP to answer before it tries TCP beside it; the
	// first session to stand is kept. Zero means 1 s.
	FallbackAfter time.Duration

	// WrapUDP and WrapTCP, when not nil, are given the socket and return what is used in its place,
	// such as one with a bad network in front.
	WrapUDP func(carrier.Datagrams) carrier.Datagrams
	WrapTCP func(net.Conn) net.Conn
}

const defaultFallbackAfter = time.Second

// DialError is why no session with a server came about: what each carrier met. A nil error means
// that the carrier was not tried.
type DialError struct {
	Addr     string
	UDP, TCP error
}

func (e *DialError) Error() string {
	msg := "no session with " + e.Addr
	for _, tried := range []struct {
		name string
		err  error
	}{{"udp", e.UDP}, {"tcp", e.TCP}} {
		if tried.err != nil {
			msg += "; " + tried.name + ": " + tried.err.Error()
		}
	}
	return msg
}

// Unwrap gives errors.Is and errors.As the errors of both carriers.
func (e *DialError) Unwrap() []error { return []error{e.UDP, e.TCP} }

// Open dials a server and returns a host that holds the one session, established. The caller closes the host.
// Events of the session that follow Opened wait in the endpoint, as do those of an attempt that
// lost the race: look at Event.Conn.
func (d *Dialer) Open(ctx context.Context, addr string, cfg Config) (*Host, *session.Conn, error) {
	to, err := resolve(ctx, addr)
	if err != nil {
		return nil, nil, err
	}
	ep, err := NewEndpoint(cfg)
	if err != nil {
		return nil, nil, err
	}
	r := race{dialer: d, host: newHost(ep), to: to, settled: make(chan struct{}, 1), fail: DialError{Addr: addr}}
	r.host.onEvents = r.onEvents
	r.host.running.Add(1)
	go r.host.runTimers()
	if err := r.run(ctx); err != nil {
		now := r.host.Lock()
		ep.Shutdown(now, "the dial was given up") // the server may have a session by now
		r.host.Unlock()
		r.host.Close()
		return nil, nil, err
	}
	return r.host, r.winner, nil
}

// resolve returns the first address of a host:port. An unspecified one, such as that of a listener on
// all addresses, means this machine.
func resolve(ctx context.Context, addr string) (netip.AddrPort, error) {
	host, service, err := net.SplitHostPort(addr)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("address %q: want host:port, as in play.example:7777 or 127.0.0.1:7777", addr)
	}
	port, err := net.DefaultResolver.LookupPort(ctx, "udp", service)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("address %q: port %q is not a number from 1 to 65535", addr, service)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("address %q: %w", addr, err)
	}
	ip := ips[0].Unmap()
	switch ip {
	case netip.IPv4Unspecified():
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1}) // answers come from there
	case netip.IPv6Unspecified():
		ip = netip.IPv6Loopback()
	}
	return netip.AddrPortFrom(ip, uint16(port)), nil
}

// stranded ends the session of a client whose only way to the server has ended.
func (h *Host) stranded(now time.Duration) {
	if h.client != nil && h.client.Adrift() {
		h.client.Abandon(now)
	}
}

// race is a dial under way: up to two attempts, of which the first to stand wins.
type race struct {
	dialer   *Dialer
	host     *Host
	to       netip.AddrPort
	udp, tcp *session.Conn
	winner   *session.Conn
	settled  chan struct{} // told when an attempt stood or failed
	fail     DialError
}

// run dials, waits and falls back. It returns nil once there is a winner.
func (r *race) run(ctx context.Context) error {
	connecting, stop := context.WithCancel(ctx)
	defer stop()
	var fallback <-chan time.Time
	if r.dialer.Transport != OnlyTCP {
		if err := r.dialUDP(); err != nil {
			return err
		}
		if r.dialer.Transport == Auto {
			timer := time.NewTimer(cmp.Or(r.dialer.FallbackAfter, defaultFallbackAfter))
			defer timer.Stop()
			fallback = timer.C
		}
	} else {
		r.dialTCP(connecting)
	}
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("no session with %s: %w", r.fail.Addr, context.Cause(ctx))
		case <-fallback:
			fallback = nil
			r.dialTCP(connecting)
		case <-r.settled:
		}
		if done, err := r.outcome(fallback == nil); done {
			return err
		}
	}
}

// outcome looks where the race stands. A refusal is an answer: nothing else is tried after it.
func (r *race) outcome(allTried bool) (done bool, err error) {
	r.host.Lock()
	defer r.host.Unlock()
	if r.winner != nil {
		return true, nil
	}
	var refused *session.CloseError
	udpOver := r.udp == nil || r.fail.UDP != nil
	tcpOver := r.tcp == nil || r.fail.TCP != nil
	if errors.As(&r.fail, &refused) && refused.Code == session.CloseRefused || allTried && udpOver && tcpOver {
		fail := r.fail
		return true, &fail
	}
	return false, nil
}

func (r *race) dialUDP() error {
	socket, err := udp.Listen(":0")
	if err != nil {
		return err
	}
	h := r.host
	now := h.Lock()
	defer h.Unlock()
	h.udp = socket
	if r.dialer.WrapUDP != nil {
		h.udp = r.dialer.WrapUDP(socket)
	}
	h.running.Add(1)
	go h.readUDP()
	r.udp, err = h.ep.Dial(now, session.Path{Carrier: session.UDP, Addr: r.to})
	return err
}

// dialTCP dials over a stream that is yet to be connected: the session waits for it as for any carrier
// that takes nothing now, and no longer than for an answer.
func (r *race) dialTCP(ctx context.Context) {
	h := r.host
	now := h.Lock()
	defer h.Unlock()
	path := session.Path{Carrier: session.TCP, Addr: r.to}
	if r.tcp, r.fail.TCP = h.ep.Dial(now, path); r.fail.TCP != nil {
		r.tell()
		return
	}
	h.ep.SetBlocked(path, true)
	h.running.Add(1)
	go r.connect(ctx, path)
}

// connect gives the session its stream, unless it was given up meanwhile.
func (r *race) connect(ctx context.Context, path session.Path) {
	h := r.host
	defer h.running.Done()
	c, err := tcp.Dial(ctx, path.Addr.String())
	now := h.Lock()
	defer h.Unlock()
	switch {
	case r.tcp.Err() != nil:
		if err == nil {
			c.Close()
		}
	case err != nil:
		r.fail.TCP = err
		h.ep.Gone(now, path)
	default:
		c.Wrap(r.dialer.WrapTCP)
		if s := h.addStream(path, c); s != nil {
			s.established = true // nobody limits whom we called
			h.ep.SetBlocked(path, false)
		}
	}
}

// onEvents follows the attempts, under the host's lock, until one has won; then events are left alone.
func (r *race) onEvents(now time.Duration) {
	for r.winner == nil {
		ev, ok := r.host.ep.Event()
		if !ok {
			return
		}
		switch ev.Kind {
		case session.Opened:
			r.win(now, ev.Conn)
		case session.Closed:
			if ev.Conn == r.udp {
				r.fail.UDP = ev.Err
			} else if r.fail.TCP == nil { // else the socket's error says more
				r.fail.TCP = ev.Err
			}
			r.tell()
		}
	}
}

func (r *race) win(now time.Duration, c *session.Conn) {
	r.winner = c
	r.host.client = c
	r.host.onEvents = nil
	for _, other := range []*session.Conn{r.udp, r.tcp} {
		if other != nil && other != c {
			other.Close(now, session.CloseNormal, "another carrier was faster")
		}
	}
	r.tell()
}

func (r *race) tell() {
	select {
	case r.settled <- struct{}{}:
	default:
	}
}

// Dial opens a session with a server such as "play.example:7777", over UDP or, when that gets no
// answer, TCP. The context bounds the dialling only. The error is a *DialError that says what each
// carrier met.
func Dial(ctx context.Context, addr string, cfg Config) (*Conn, error) {
	return new(Dialer).Dial(ctx, addr, cfg)
}

// Dial opens a session with a server. See the function Dial.
func (d *Dialer) Dial(ctx context.Context, addr string, cfg Config) (*Conn, error) {
	h, sc, err := d.Open(ctx, addr, cfg)
	if err != nil {
		return nil, err
	}
	now := h.Lock()
	c := newConn(h, sc)
	c.ownsHost = true
	h.onEvents = c.only
	c.only(now)
	h.Unlock()
	return c, nil
}
