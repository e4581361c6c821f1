package carrier

import (
	"net/netip"
	"sync"
)

// Gate counts the connections of a listener that are open and those that are pending: accepted, but not
// yet authenticated. Its map holds pending networks only, so Limits.Pending bounds it. Its methods may be
// called by any goroutine. See NewGate.
type Gate struct {
	mu      sync.Mutex
	limits  Limits
	pending map[netip.Prefix]int
	total   int // sum of pending
	open    int
	stats   Stats
}

// NewGate returns a gate with the given limits, and the defaults where they are zero or negative.
func NewGate(limits Limits) *Gate {
	return &Gate{limits: limits.withDefaults(), pending: make(map[netip.Prefix]int)}
}

// network is what counts as one address: an IPv4 address, or the /64 that any IPv6 host has whole.
func network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // the zero Addr gives the zero Prefix: they share a limit
	return p
}

// Enter admits a pending peer, or counts why it is refused. Who is admitted leaves with Leave, or gets a
// Guard that does it.
func (g *Gate) Enter(a netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	from := network(a)
	switch {
	case g.total >= g.limits.Pending:
		g.stats.RefusedTotal++
		return false
	case g.pending[from] >= g.limits.PendingPerAddr:
		g.stats.RefusedAddr++
		return false
	}
	g.pending[from]++
	g.total++
	g.open++
	g.stats.Accepted++
	return true
}

// settle says that a peer is not pending any more.
func (g *Gate) settle(a netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	from := network(a)
	g.total--
	if g.pending[from]--; g.pending[from] == 0 {
		delete(g.pending, from)
	}
}

// leave says that a settled peer's connection has ended, and why.
func (g *Gate) leave(reason error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open--
	g.stats.ended(reason)
}

// Leave takes back an Enter of which no connection came.
func (g *Gate) Leave(a netip.Addr) {
	g.settle(a)
	g.leave(nil)
	g.Failed()
}

// Failed counts a peer for which there was no socket or that was no peer.
func (g *Gate) Failed() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stats.AcceptErrors++
}

// Foreign counts a peer that was refused for its origin.
func (g *Gate) Foreign() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stats.RefusedOrigin++
}

// Stats returns the counters of the listener and of all its connections.
func (g *Gate) Stats() Stats {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.stats
	s.Pending, s.Open = g.total, g.open
	return s
}
