//go:build !js

package netcode

import (
	"context"
	"errors"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/tcp"
	"github.com/halftick/halftick/netcode/carrier/ws"
	"github.com/halftick/halftick/netcode/session"
)

var errNoWT = errors.New("WebTransport is not part of this program: set Dialer.WebTransport to wt.Dial")

// connect opens a stream to the server, which it knows from to.url where a carrier needs more than an address.
func (p *pilot) connect(ctx context.Context, path session.Path) (carrier.Conn, error) {
	switch path.Carrier {
	case session.WS:
		d := ws.Dialer{TLS: p.dialer.TLS, Addr: path.Addr, Wrap: p.dialer.WrapTCP}
		return wanted(d.Dial(ctx, p.to.urlFor(session.WS)))
	case session.WT:
		if p.dialer.WebTransport == nil {
			return nil, errNoWT
		}
		return p.dialer.WebTransport(ctx, p.to.urlFor(session.WT), path.Addr)
	}
	c, err := tcp.Dial(ctx, path.Addr.String())
	if err != nil {
		return nil, err
	}
	c.Wrap(p.dialer.WrapTCP)
	return c, nil
}
