//go:build !js

package ws

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
)

const (
	maxHeader     = 8 << 10         // bytes of a request's or response's header
	headerWithin  = 5 * time.Second // for a request's header, from its first byte or the connection's start
	idleWithin    = 10 * time.Second
	perAddrHTTP   = 128 // connections of one network that wait for a request; browsers keep up to six each
	requestWithin = 30 * time.Second
)

// NewServer returns an http.Server for handler, such as a mux with a Handler in it, that bounds what peers cost before
// they are WebSockets: headers of 8 KiB within 5 s, 128 connections for each network and 1024 in all that have no
// request under way. Limits.PendingPerAddr and Limits.Pending above zero take the place of the latter two. The
// caller sets Addr and TLSConfig, serves and closes it; WebSockets outlive it.
func NewServer(handler http.Handler, limits carrier.Limits) *http.Server {
	if limits.PendingPerAddr <= 0 {
		limits.PendingPerAddr = perAddrHTTP
	}
	w := &waiting{gate: carrier.NewGate(limits), conns: make(map[net.Conn]netip.Addr)}
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerWithin,
		ReadTimeout:       requestWithin,
		WriteTimeout:      requestWithin,
		IdleTimeout:       idleWithin,
		MaxHeaderBytes:    maxHeader - 4096, // net/http reads 4096 bytes more than it says
		ConnState:         w.state,
		ErrorLog:          log.New(io.Discard, "", 0), // peers would fill it
	}
}

// waiting holds the connections of an http.Server that have no request under way, so that there are not too many.
type waiting struct {
	mu    sync.Mutex
	gate  *carrier.Gate
	conns map[net.Conn]netip.Addr // as many as the gate lets in
}

func (w *waiting) state(conn net.Conn, s http.ConnState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if from, ok := w.conns[conn]; ok {
		w.gate.Leave(from)
		delete(w.conns, conn)
	}
	if s != http.StateNew && s != http.StateIdle {
		return
	}
	from := remoteAddr(conn).Addr()
	if !w.gate.Enter(from) {
		_ = below(conn).Close()
		return
	}
	w.conns[conn] = from
}
