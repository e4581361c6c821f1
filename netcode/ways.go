package netcode

import (
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/session"
)

// way is a carrier that a dial may use. To add one: a row in ways, a case in connect of ways_native.go or ways_js.go, a Transport.
type way struct {
	carrier session.Carrier // its name, and "://", in front of an address allows it alone
	only    Transport
	of      Transport     // may use it too
	after   time.Duration // that of gives the ways before it
}

// ways are in the order in which they are tried.
var ways = [...]way{
	{session.UDP, OnlyUDP, Auto, 0},
	{session.TCP, OnlyTCP, Auto, afterUDP},
	{session.WT, OnlyWT, Web, 0},
	{session.WS, OnlyWS, Web, afterUDP},
}

// waysOf returns the carriers that a Transport allows.
func waysOf(t Transport) (all []way) {
	for _, w := range ways {
		if w.only == t || w.of == t {
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

// wanted is a connection as any carrier's, or only the error.
func wanted[C carrier.Conn](c C, err error) (carrier.Conn, error) {
	if err != nil {
		return nil, err
	}
	return c, nil
}
