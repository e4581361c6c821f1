package session

import "net/netip"

// networks counts the sessions that a server has accepted, by the network of their clients: one machine must not take
// all the places. The zero value has counted none. It has no more entries than there are sessions.
type networks map[netip.Addr]int

// networkOf returns what one customer usually has: an IPv4 address, or an IPv6 network of 64 bits. Of a machine's
// own addresses there is nothing to be feared that it could not do otherwise: they have none.
func networkOf(p Path) (netip.Addr, bool) {
	a := p.Addr.Addr()
	if !a.IsValid() || a.IsLoopback() {
		return netip.Addr{}, false
	}
	bits := 64
	if a.Is4() {
		bits = 32
	}
	net, err := a.WithZone("").Prefix(bits)
	return net.Addr(), err == nil
}

// enter counts a session at a path.
func (w *networks) enter(p Path) {
	if n, ok := networkOf(p); ok {
		if *w == nil {
			*w = make(networks)
		}
		(*w)[n]++
	}
}

// leave takes back what enter did.
func (w networks) leave(p Path) {
	if n, ok := networkOf(p); ok {
		if w[n]--; w[n] <= 0 {
			delete(w, n)
		}
	}
}

// full says why nobody more may come in from a path, if so.
func (e *Endpoint) full(from Path) Refusal {
	if e.accepted >= e.cfg.MaxConns {
		return RefusedFull
	}
	if n, ok := networkOf(from); ok && e.cfg.MaxPerNetwork >= 0 && e.networks[n] >= e.cfg.MaxPerNetwork {
		return RefusedCrowded
	}
	return RefusedNot
}
