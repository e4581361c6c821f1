package netcode

import (
	"context"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/tcp"
	"github.com/halftick/halftick/netcode/session"
)

// way is a carrier that a dial may use. To add one: a row in ways, a case in connect, a Transport.
type way struct {
	carrier session.Carrier // its name, and "://", in front of an address allows it alone
	only    Transport
	after   time.Duration // that Auto gives the ways before it
	auto    bool          // Auto may use it too
}

// ways are in the order in which Auto tries them.
var ways = [...]way{
	{session.UDP, OnlyUDP, 0, true},
	{session.TCP, OnlyTCP, afterUDP, true},
}

// waysOf returns the carriers that a Transport allows.
func waysOf(t Transport) (all []way) {
	for _, w := range ways {
		if w.only == t || w.auto && t == Auto {
			all = append(all, w)
		}
	}
	return all
}

// allows reports whether a carrier may be used.
func (t Transport) allows(c session.Carrier) bool {
	for _, w := range waysOf(t) {
		if w.carrier == c {
			return true
		}
	}
	return false
}

// connect opens a stream to the server, which it knows from to.rest where a carrier needs more than an address.
func (p *pilot) connect(ctx context.Context, path session.Path) (carrier.Conn, error) {
	c, err := tcp.Dial(ctx, path.Addr.String())
	if err != nil {
		return nil, err
	}
	c.Wrap(p.dialer.WrapTCP)
	return c, nil
}
