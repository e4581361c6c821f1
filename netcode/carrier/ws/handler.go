//go:build !js

package ws

import (
	"bufio"
	"net"
	"net/http"
	"net/netip"

	"github.com/coder/websocket"

	"github.com/halftick/halftick/netcode/carrier"
)

// Options say who may come in. The zero Options let in pages of the server's own host.
type Options struct {
	Limits  carrier.Limits
	Origins carrier.Origins
}

// Handler is the server's side of WebSockets, for any http.Server; see NewServer for one with limits. It is safe for
// concurrent use, as an http.Handler has to be.
type Handler struct {
	origins carrier.Origins
	gate    *carrier.Gate
	accept  func(*Conn)
}

// NewHandler returns a handler that calls accept with each WebSocket that the limits let in. The new owner is to read
// records from it at once, since the time limits run, to call Authenticated when a session is open, and to Close
// it in the end. accept should not wait: the request's goroutine calls it, and ends with it.
func NewHandler(o Options, accept func(*Conn)) *Handler {
	return &Handler{origins: o.Origins, gate: carrier.NewGate(o.Limits), accept: accept}
}

// ServeHTTP makes a WebSocket of a request, or answers 403 for a foreign Origin, 429 when too many peers are
// unauthenticated, and what RFC 6455 asks for when the request is none for a WebSocket.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		h.gate.Failed() // a path of a session has to tell peers apart
		http.Error(w, "the server does not see who asks", http.StatusInternalServerError)
		return
	}
	if !h.origins.Allow(r.Header["Origin"], r.Host) {
		h.gate.Foreign()
		http.Error(w, "pages of this origin may not play here", http.StatusForbidden)
		return
	}
	if !h.gate.Enter(from.Addr()) {
		w.Header().Set("Connection", "close")
		http.Error(w, "too many connections wait to open a session", http.StatusTooManyRequests)
		return
	}
	c := &Conn{}
	ws, err := websocket.Accept(&hijacker{w, c}, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // the origin has been judged
		CompressionMode:    websocket.CompressionDisabled,
		OnPingReceived:     c.pinged,
		OnPongReceived:     c.ponged,
	})
	if err != nil {
		h.gate.Leave(from.Addr())
		return
	}
	c.begin(ws, h.gate)
	h.accept(c)
}

// Stats returns the counters of the handler and of all its WebSockets.
func (h *Handler) Stats() carrier.Stats { return h.gate.Stats() }

// hijacker notes the socket of a connection that the http.Server gives away.
type hijacker struct {
	http.ResponseWriter
	c *Conn
}

// Hijack is http.Hijacker's.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err == nil {
		h.c.raw = below(conn)
	}
	return conn, rw, err
}
