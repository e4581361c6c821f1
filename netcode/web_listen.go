//go:build !js

package netcode

import (
	"net/http"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/ws"
	"github.com/halftick/halftick/netcode/session"
)

// WebSocket returns a handler, for any http.Server, that accepts sessions over WebSockets into the host: browsers reach it
// as wss://host/path, programs too where Options.Origins lets them. The http.Server is the caller's, and so is its TLS,
// which pages that were loaded over https insist on; see ws.NewServer for one with limits. Close of the host ends the WebSockets.
func (h *Host) WebSocket(o ws.Options) http.Handler {
	handler := ws.NewHandler(o, func(c *ws.Conn) { h.admit(session.WS, c) })
	h.doors.add(handler.Stats)
	return handler
}

// WebSocket returns a handler that accepts sessions over WebSockets: see Host.WebSocket.
func (l *Listener) WebSocket(o ws.Options) http.Handler { return l.host.WebSocket(o) }

// WebTransport accepts sessions of a listener such as wt.Listen's into the host, which closes it in the end.
func (h *Host) WebTransport(l WebTransportListener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.done:
		l.Close()
		return
	default:
	}
	h.doors.add(l.Stats)
	h.listeners = append(h.listeners, l)
	h.running.Add(1)
	go func() {
		defer h.running.Done()
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			h.admit(session.WT, c)
		}
	}()
}

// WebTransport accepts sessions over WebTransport: see Host.WebTransport.
func (l *Listener) WebTransport(from WebTransportListener) { l.host.WebTransport(from) }

// admit makes a stream of the host of a connection that a listener has let in.
func (h *Host) admit(by session.Carrier, c carrier.Conn) {
	h.Lock()
	h.addStream(session.Path{Carrier: by, Addr: c.RemoteAddr()}, c)
	h.Unlock()
}
