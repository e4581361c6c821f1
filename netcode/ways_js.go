package netcode

import (
	"context"
	"errors"
	"net/netip"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/ws"
	"github.com/halftick/halftick/netcode/carrier/wt"
	"github.com/halftick/halftick/netcode/session"
)

// connect opens a stream to the server by what the browser has.
func (p *pilot) connect(ctx context.Context, path session.Path) (carrier.Conn, error) {
	switch path.Carrier {
	case session.WS:
		return wanted(ws.Dial(ctx, p.to.urlFor(session.WS)))
	case session.WT:
		dial := p.dialer.WebTransport
		if dial == nil {
			dial = wt.Dial
		}
		return dial(ctx, p.to.urlFor(session.WT), netip.AddrPort{})
	}
	return nil, errors.ErrUnsupported // parseTarget lets no other through
}
