package carrier

import (
	"net/netip"
	"testing"
)

func TestGateTellsNetworksApart(t *testing.T) {
	g := NewGate(Limits{PendingPerAddr: 1, Pending: 3})
	for _, c := range []struct {
		addr string
		want bool
	}{
		{"10.0.0.1", true},
		{"10.0.0.1", false},
		{"::ffff:10.0.0.1", false}, // the same host
		{"10.0.0.2", true},
		{"2001:db8::1", true},
		{"2001:db8::2", false}, // all pending, whatever the address
	} {
		if got := g.Enter(netip.MustParseAddr(c.addr)); got != c.want {
			t.Errorf("enter(%s) = %v, want %v", c.addr, got, c.want)
		}
	}
	g.settle(netip.MustParseAddr("10.0.0.1"))
	if g.Enter(netip.MustParseAddr("2001:db8::ff")) {
		t.Error("two pending of one /64")
	}
	if !g.Enter(netip.MustParseAddr("2001:db8:0:1::1")) {
		t.Error("the next /64 was refused")
	}
	if g.stats.RefusedAddr != 3 || g.stats.RefusedTotal != 1 || len(g.pending) != 3 {
		t.Errorf("%+v, %d networks", g.stats, len(g.pending))
	}
}
