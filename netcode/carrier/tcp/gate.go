package tcp

import (
	"net/netip"
	"sync"
)

// gate counts the streams of a listener that are open and those that are pending: accepted, but not
// yet authenticated. Its map holds pending networks only, so Limits.Pending bounds it.
type gate struct {
	mu      sync.Mutex
	limits  Limits
	pending map[netip.Prefix]int
	total   int // sum of pending
	open    int
	stats   Stats // what the gate itself counts
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

// enter admits a pending stream, or counts why it is refused.
func (g *gate) enter(a netip.Addr) bool {
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

// settle says that a stream is not pending any more.
func (g *gate) settle(a netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	from := network(a)
	g.total--
	if g.pending[from]--; g.pending[from] == 0 {
		delete(g.pending, from)
	}
}

// leave says that a settled stream has ended.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open--
}

func (g *gate) acceptError() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stats.AcceptErrors++
}

func (g *gate) snapshot() Stats {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.stats
	s.Pending, s.Open = g.total, g.open
	return s
}
