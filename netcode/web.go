package netcode

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/session"
)

// Addresses of servers on the web are URLs:
//
//	ws://host:port/path     a WebSocket            wt://host:port/path      WebTransport
//	wss://host:port/path    the same over TLS      https://host:port/path   WebTransport, and wss where it gets no answer
//	                                               http://host:port/path    WebTransport, and ws, for development
//
// A fragment #sha256=HEX pins the certificate of WebTransport: see package wt.

// DialWT opens a WebTransport session to a URL with https in front, at an address of its host: wt.Dial is one. An
// invalid address means that the host's name decides.
type DialWT func(ctx context.Context, url string, at netip.AddrPort) (carrier.Conn, error)

// webSchemes are what an address that is a URL can begin with.
var webSchemes = map[string]struct {
	allows Transport
	secure bool
}{
	"ws":    {OnlyWS, false},
	"wss":   {OnlyWS, true},
	"wt":    {OnlyWT, true},
	"https": {Web, true},
	"http":  {Web, false},
}

// maxURL bounds an address in bytes.
const maxURL = 2048

// parseURL takes an address apart that is a URL; ok is false when it is none.
func parseURL(addr string) (t target, ok bool, err error) {
	scheme, _, _ := strings.Cut(addr, "://")
	s, ok := webSchemes[scheme]
	if !ok {
		return target{}, false, nil
	}
	u, err := url.Parse(addr)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Opaque != "" || len(addr) > maxURL {
		return target{}, true, fmt.Errorf("address %.80q: want %s://host:port/path", addr, scheme)
	}
	port := u.Port()
	if port == "" {
		port = map[bool]string{true: "443", false: "80"}[s.secure]
	}
	return target{
		text: addr, rest: net.JoinHostPort(u.Hostname(), port), transport: s.allows,
		url: u, secure: s.secure,
	}, true, nil
}

// urlFor returns the URL to dial over a carrier.
func (t target) urlFor(c session.Carrier) string {
	u := *t.url
	switch {
	case c == session.WT:
		u.Scheme = "https"
		return u.String()
	case t.secure:
		u.Scheme = "wss"
	default:
		u.Scheme = "ws"
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String()
}
