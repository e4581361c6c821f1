package session

import "net/netip"

// Carrier is a way for records to travel.
type Carrier uint8

// The carriers. A reliable one keeps order and loses nothing: on it retransmission, redundancy and
// loss detection are off, deadlines and newest-wins stay.
const (
	UDP Carrier = iota + 1
	TCP
	WS // WebSocket
	WT // WebTransport: datagrams of QUIC
)

// Reliable reports whether the carrier itself delivers everything, in order.
func (c Carrier) Reliable() bool { return c == TCP || c == WS }

func (c Carrier) String() string {
	switch c {
	case UDP:
		return "udp"
	case TCP:
		return "tcp"
	case WS:
		return "ws"
	case WT:
		return "wt"
	}
	return "none"
}

// Path is where the records of a session travel: a carrier, the peer's address on it and, where a host that has several
// is to answer from the one that was asked, that one. It is comparable.
type Path struct {
	Carrier Carrier
	Addr    netip.AddrPort
	Local   netip.Addr // the zero Addr leaves it to the system
}

// inner reports whether an address is of a kind that only a neighbour has: loopback, link-local or private.
func inner(p Path) bool {
	a := p.Addr.Addr()
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsUnspecified()
}

func (p Path) String() string { return p.Carrier.String() + "://" + p.Addr.String() }
