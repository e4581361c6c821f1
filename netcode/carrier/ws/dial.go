//go:build !js

package ws

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"

	"github.com/coder/websocket"
)

// Dialer is how Dial reaches a server. The zero Dialer is what Dial uses.
type Dialer struct {
	// TLS is used for wss; nil has the system's roots. Versions below 1.3 are not spoken unless MinVersion says so.
	TLS *tls.Config

	// Addr, when valid, is where the host of the URL is found; else its name decides.
	Addr netip.AddrPort

	// Wrap, when not nil, is given the socket and returns what is used in its place, such as one with a
	// bad network in front.
	Wrap func(net.Conn) net.Conn
}

// Dial opens a WebSocket to a URL such as "wss://play.example/halftick". The context bounds the dialling only. It sends
// no Origin: the server has to let programs in.
func Dial(ctx context.Context, url string) (*Conn, error) { return Dialer{}.Dial(ctx, url) }

// Dial opens a WebSocket. See the function Dial.
func (d Dialer) Dial(ctx context.Context, url string) (*Conn, error) {
	c := &Conn{}
	transport := &http.Transport{
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: maxHeader,
		TLSClientConfig:        d.tls(),
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			var plain net.Dialer
			if d.Addr.IsValid() {
				addr = d.Addr.String()
			}
			conn, err := plain.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			c.raw = below(conn)
			if d.Wrap != nil {
				c.raw = d.Wrap(c.raw)
			}
			return c.raw, nil
		},
	}
	ws, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{
		HTTPClient:      &http.Client{Transport: transport, CheckRedirect: neverRedirect},
		CompressionMode: websocket.CompressionDisabled,
		OnPingReceived:  c.pinged,
		OnPongReceived:  c.ponged,
	})
	if err != nil {
		transport.CloseIdleConnections()
		return nil, err
	}
	c.begin(ws, nil)
	return c, nil
}

func (d Dialer) tls() *tls.Config {
	cfg := d.TLS.Clone()
	if cfg == nil {
		cfg = &tls.Config{}
	}
	if cfg.MinVersion == 0 {
		cfg.MinVersion = tls.VersionTLS13
	}
	return cfg
}

// neverRedirect refuses to be sent elsewhere: "a client MAY follow" (RFC 6455 section 4.1), and nobody checks where to.
func neverRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
