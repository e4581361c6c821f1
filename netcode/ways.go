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
	of      Transport // may use it too
}

// ways are in the order in which they are tried.
var ways = [...]way{
	{session.UDP, OnlyUDP, Auto},
	{session.WT, OnlyWT, Web},
	{session.TCP, OnlyTCP, Auto},
	{session.WS, OnlyWS, Web},
}

// carriers returns those by which a target may be reached, in the order in which they are tried. Where addresses on the web come
// on top, WebTransport is left out of a program that does not hold it.
func (t *target) carriers(holdsWT bool) (all []session.Carrier) {
	for _, w := range ways {
		asked := w.only == t.transport || w.of == t.transport
		added := t.transport == Auto && t.url != nil && (w.only == t.more || w.of == t.more) && (w.carrier != session.WT || holdsWT)
		if asked || added {
			all = append(all, w.carrier)
		}
	}
	return all
}

// starts returns how long after the start of a race each of the carriers joins it: a step behind the one before, but TCP and
// WebSocket together, since what stops one need not stop the other and neither is better.
func starts(carriers []session.Carrier, step time.Duration) (after []time.Duration) {
	at := time.Duration(0)
	for i := range carriers {
		if i > 0 && !carriers[i-1].Reliable() {
			at += step
		}
		after = append(after, at)
	}
	return after
}

// wanted is a connection as any carrier's, or only the error.
func wanted[C carrier.Conn](c C, err error) (carrier.Conn, error) {
	if err != nil {
		return nil, err
	}
	return c, nil
}
