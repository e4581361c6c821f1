package simnet

import (
	"fmt"
	"hash/fnv"
	"net/netip"
	"time"
)

// Net is a network in virtual time: addresses, a path with conditions for each direction between two
// of them, and datagrams on their way. Its clock moves only by Next. Same seed and same calls: same
// deliveries. Once it has grown it allocates nothing. It is not safe for concurrent use; see New.
//
// A driver runs like this: of the next delivery and the endpoints' next timers it takes the earliest,
// lets Next run up to it, hands over what arrives, and sends what the endpoints answer.
type Net struct {
	seed      uint64
	now       time.Duration
	links     map[way]*link
	flights   flights
	delivered int32 // the parcel Next gave out last; -1 is none
	stats     NetStats
}

// way is a direction between two addresses.
type way struct{ from, to netip.AddrPort }

// link is the path of one direction.
type link struct {
	way    // as it is now: see Rebind
	shaper *Shaper
}

// Packet is a datagram that arrives.
type Packet struct {
	From, To netip.AddrPort
	Data     []byte // borrowed until the next call of Next; may be changed
	At       time.Duration
}

// NetStats counts what became of all datagrams of a Net. At all times
//
//	Sent + Duplicated = Arrived + Dropped() + Gone + InFlight
type NetStats struct {
	Stats           // of all paths
	Arrived  uint64 // given out by Next
	InFlight int    // on their way
	Unknown  uint64 // sent where no path leads; not in Sent
	Gone     uint64 // arrived at an address that its owner has left: see Rebind
}

// New returns a Net without paths at time 0.
func New(seed uint64) *Net {
	return &Net{seed: seed, links: make(map[way]*link), delivered: -1}
}

// Now returns the virtual time.
func (n *Net) Now() time.Duration { return n.now }

// Connect makes the paths from a to b and back, or changes their conditions.
func (n *Net) Connect(a, b netip.AddrPort, ab, ba Conditions) {
	n.SetConditions(a, b, ab)
	n.SetConditions(b, a, ba)
}

// SetConditions changes one direction from the next datagram on, and makes its path if there is none.
func (n *Net) SetConditions(from, to netip.AddrPort, c Conditions) {
	w := way{from, to}
	if l := n.links[w]; l != nil {
		l.shaper.setAt(n.now, c)
		return
	}
	n.links[w] = &link{w, NewShaper(c, w.seed(n.seed))}
}

// seed is the seed of a direction: of the Net's and of the addresses, so that it does not depend on
// the order in which paths are made.
func (w way) seed(of uint64) uint64 {
	h := fnv.New64a()
	text, _ := w.from.MarshalText()
	_, _ = h.Write(append(text, '>'))
	text, _ = w.to.MarshalText()
	_, _ = h.Write(text)
	return of ^ h.Sum64()
}

// Outage makes all datagrams between a and b be lost, both ways, that are sent from one time up to, not
// including, another. It panics when they are not connected: a test that means another address must
// not pass.
func (n *Net) Outage(a, b netip.AddrPort, from, to time.Duration) {
	n.link(a, b).shaper.Outage(from, to)
	n.link(b, a).shaper.Outage(from, to)
}

func (n *Net) link(from, to netip.AddrPort) *link {
	l := n.links[way{from, to}]
	if l == nil {
		panic(fmt.Sprintf("simnet: no path from %v to %v", from, to))
	}
	return l
}

// Rebind gives the host at an address another one, as a NAT does that has forgotten its mapping. Its
// paths go on with their conditions and random streams. What was on its way to the old address is
// lost (NetStats.Gone), and so is what others go on sending there (NetStats.Unknown). It panics when
// nobody has the old address or somebody has the new one.
func (n *Net) Rebind(from, to netip.AddrPort) {
	var moved []*link
	for w, l := range n.links {
		if w.from == to || w.to == to {
			panic(fmt.Sprintf("simnet: rebind to %v, which is taken", to))
		}
		if w.from == from || w.to == from {
			moved = append(moved, l)
		}
	}
	if len(moved) == 0 {
		panic(fmt.Sprintf("simnet: rebind of %v, which nobody has", from))
	}
	for _, l := range moved {
		delete(n.links, l.way)
		if l.from == from {
			l.from = to
		}
		if l.to == from {
			l.to = to
		}
		n.links[l.way] = l
	}
}

// Send gives the network a datagram now. b is copied. Where no path leads it is dropped and counted.
func (n *Net) Send(from, to netip.AddrPort, b []byte) {
	l := n.links[way{from, to}]
	if l == nil {
		n.stats.Unknown++
		return
	}
	fate := l.shaper.Admit(n.now, len(b))
	for i := range fate.Copies {
		n.flights.give(fate.At[i], from, to, l, b, fate.Flip)
	}
}

// NextAt returns when the next datagram arrives; false when none is on its way.
func (n *Net) NextAt() (at time.Duration, ok bool) { return n.flights.next() }

// Next returns the next datagram that arrives until a time, that time included, and moves the clock to
// its arrival. When there is none it moves the clock to that time and returns false. The clock never
// goes back.
func (n *Net) Next(until time.Duration) (p Packet, ok bool) {
	if n.delivered >= 0 {
		n.flights.done(n.delivered)
		n.delivered = -1
	}
	for {
		at, ok := n.flights.next()
		if !ok || at > until {
			n.now = max(n.now, until)
			return Packet{}, false
		}
		n.now = max(n.now, at)
		i := n.flights.take()
		f := &n.flights.parcels[i]
		if f.to != f.link.to {
			n.stats.Gone++
			n.flights.done(i)
			continue
		}
		n.stats.Arrived++
		n.delivered = i
		return Packet{From: f.from, To: f.to, Data: f.data, At: n.now}, true
	}
}

// Stats returns the counters of the whole network.
func (n *Net) Stats() NetStats {
	s := n.stats
	s.InFlight = len(n.flights.heap)
	for _, l := range n.links {
		s.Stats.add(l.shaper.stats)
	}
	return s
}

// LinkStats returns the counters of one direction; they are zero where no path leads.
func (n *Net) LinkStats(from, to netip.AddrPort) Stats {
	if l := n.links[way{from, to}]; l != nil {
		return l.shaper.stats
	}
	return Stats{}
}
