package carrier

import (
	"net/netip"
	"sync"
	"time"
)

// Guard holds a connection to its limits, whatever the carrier: the times that its reader may wait, its
// place in the gate, and the one reason of its end. See Init.
type Guard struct {
	Deadlines
	gate    *Gate // nil when dialled
	remote  netip.AddrPort
	closing sync.Once
}

// Init makes the guard of a connection that a gate let in at the given time. Without a gate it is one that
// was dialled: the limits of unknown peers do not apply to whom we called, those of slow records and of
// writing do.
func (g *Guard) Init(conn ReadDeadliner, gate *Gate, remote netip.AddrPort, now time.Time) {
	g.gate, g.remote, g.conn = gate, Unmap(remote), conn
	if gate == nil {
		g.limits, g.authenticated = Limits{}.withDefaults(), true
		return
	}
	g.limits = gate.limits
	g.begin(now)
}

// Authenticated is Conn's.
func (g *Guard) Authenticated() {
	if g.authenticate() && g.gate != nil {
		g.gate.settle(g.remote.Addr())
	}
}

// RemoteAddr is Conn's.
func (g *Guard) RemoteAddr() netip.AddrPort { return g.remote }

// WriteLimit is how long a write may wait for the peer.
func (g *Guard) WriteLimit() time.Duration { return g.limits.Write }

// RecordLimit is how long a record may take from its first byte to its last.
func (g *Guard) RecordLimit() time.Duration { return g.limits.Record }

// End ends the connection once with the function close, and counts the reason: nil for an end that this side
// asked for. It returns the error of close.
func (g *Guard) End(reason error, close func() error) (err error) {
	g.closing.Do(func() {
		g.Authenticated() // gives its place among the unauthenticated to another
		if g.gate != nil {
			g.gate.leave(reason)
		}
		err = close()
	})
	return err
}
