package netcode

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/session"
)

// Transport says which carriers Dial may use.
type Transport uint8

// The choices.
const (
	Auto    Transport = iota // UDP, and TCP and what Dialer.Web names while UDP gets no answer
	OnlyUDP                  // never TCP
	OnlyTCP                  // never UDP
	OnlyWS                   // a WebSocket; the address is a URL, which decides this
	OnlyWT                   // WebTransport, likewise
	Web                      // WebTransport, and a WebSocket while it gets no answer, likewise
)

func (t Transport) String() string {
	switch t {
	case OnlyUDP:
		return "udp"
	case OnlyTCP:
		return "tcp"
	case OnlyWS:
		return "ws"
	case OnlyWT:
		return "wt"
	case Web:
		return "web"
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

	// Web is a URL of the same server for programs on networks where neither UDP nor TCP on its port gets through, such as
	// "https://play.example/halftick": Auto tries WebTransport, where the program has it, and a WebSocket too. Empty: neither.
	Web string

	// FallbackAfter is how long each carrier has to be answered before the next is tried beside it: UDP, WebTransport, then TCP
	// and WebSocket. The first session to stand is kept. Zero means 250 ms.
	FallbackAfter time.Duration

	// ProbeEvery is how often a session that Auto has put on TCP asks whether UDP works, to move there. Zero means 10 s.
	ProbeEvery time.Duration

	// Redial is for how long Open's host dials again when a session was lost or its server restarted. Zero means not at all.
	// The new session is announced by an Opened event: see Host.Conn. It has no effect on Dial.
	Redial time.Duration

	// Known, when not nil, remembers servers: the key of one that was met before is pinned, unless it is on this machine, and the
	// carrier that reached it starts at once. When the server has another key now the error is a *KeyChangedError.
	Known *KnownServers

	// ServerKey is the server's public key: nobody else is talked to. When it is zero, and not Known, the server is asked for its
	// key, and whoever answers is believed; Conn.ServerKey says what was learned.
	ServerKey [32]byte

	// Token is what a backend gave the player to be let in, of at most 930 bytes; see package token. It is bound to Config.Key.
	Token []byte

	// FreshToken, when not nil, is asked for a Token before each dial, the first and those again: a token lets in once. ctx ends with
	// the dial; an error is the dial's, and when dialling again is tried anew.
	FreshToken func(ctx context.Context) ([]byte, error)

	// Resume is a ticket that a server made for an earlier session of this Config.Key (Conn.ResumeTicket): the new session takes its
	// place, with no token needed. One that is no good any more is as none. See Host.KeepResume for newer ones.
	Resume []byte

	// OnTry, when not nil, is told of each path as it is tried, to show what takes so long. It must return at once, and must not
	// use the host.
	OnTry func(Path)

	// WebTransport dials addresses that begin with wt:// or https://. It is wt.Dial, or nil where a program is not to hold
	// QUIC; in a browser nil means the browser's.
	WebTransport DialWT

	// TLS is used for wss; nil has the system's roots. The browser has its own.
	TLS *tls.Config

	// WrapUDP and WrapTCP, when not nil, are given the socket and return what is used in its place,
	// such as one with a bad network in front.
	WrapUDP func(carrier.Datagrams) carrier.Datagrams
	WrapTCP func(net.Conn) net.Conn
}

// Open dials a server and returns a host that holds the one session, established, and keeps it alive: when its carrier fails
// the session moves to another. The caller closes the host. Events of the session, Opened included, wait
// in the endpoint, as do those of attempts that lost the race: look at Event.Conn.
func (d *Dialer) Open(ctx context.Context, addr string, cfg Config) (*Host, *session.Conn, error) {
	to, err := parseTarget(ctx, addr, d.Transport, d.Web)
	if err != nil {
		return nil, nil, err
	}
	return d.open(ctx, to, cfg)
}

// open dials a server whose addresses are known.
func (d *Dialer) open(ctx context.Context, to target, cfg Config) (*Host, *session.Conn, error) {
	ep, err := NewEndpoint(cfg)
	if err != nil {
		return nil, nil, err
	}
	h := newHost(ep)
	h.pilot = newPilot(h, *d, to)
	h.running.Add(1)
	go h.runTimers()
	if err := h.pilot.race(ctx); err != nil {
		now := h.Lock()
		ep.Shutdown(now, "the dial was given up") // the server may have a session by now
		h.Unlock()
		h.Close()
		return nil, nil, err
	}
	sc := h.client
	h.running.Add(1)
	go h.pilot.keep()
	return h, sc, nil
}

// Dial opens a session with a server such as "play.example:7777", over UDP or, when that gets no
// answer, TCP; "udp://" or "tcp://" in front allows the one alone. All addresses of the name are tried, IPv6 and IPv4 in
// turns. A server on the web is a URL, such as
// "wss://play.example/halftick" or "https://play.example/halftick". The context bounds the dialling only. When the
// carrier fails later, the session moves to the other and back; it ends when neither reaches the server for
// Config.IdleTimeout. The error is a *DialError that says what each carrier met.
func Dial(ctx context.Context, addr string, cfg Config) (*Conn, error) {
	return new(Dialer).Dial(ctx, addr, cfg)
}

// Dial opens a session with a server. See the function Dial.
func (d *Dialer) Dial(ctx context.Context, addr string, cfg Config) (*Conn, error) {
	once := *d
	once.Redial = 0 // a Conn is one session
	h, sc, err := once.Open(ctx, addr, cfg)
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
