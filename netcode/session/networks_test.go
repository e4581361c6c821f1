package session

import (
	"errors"
	"net/netip"
	"testing"
	"time"
)

// dialFrom dials from an address, and returns the client's end and what it learned.
func (p *pair) dialFrom(secret byte, addr string) (*Endpoint, *Conn, error) {
	ep := mustEndpoint(p.t, testConfig(secret))
	c, err := ep.DialWith(p.now, serverAddr, DialOptions{ServerKey: p.server.ep.PublicKey()})
	if err != nil {
		p.t.Fatal(err)
	}
	exchange(p.now, ep, p.server.ep, Path{Carrier: UDP, Addr: netip.MustParseAddrPort(addr)}, serverAddr)
	p.take(p.server)
	return ep, c, c.Err()
}

func TestOneNetworkDoesNotTakeAllPlaces(t *testing.T) {
	p := newPair(t, 1, link{}, func(c, s *Config) { s.MaxPerNetwork = 2 })
	for i, tc := range []struct {
		addr    string
		crowded bool
	}{
		{"192.0.2.1:1", false}, {"192.0.2.1:2", false}, {"192.0.2.1:3", true}, {"192.0.2.2:1", false},
		{"[2001:db8::1]:1", false}, {"[2001:db8::ffff]:1", false}, {"[2001:db8::2]:1", true}, {"[2001:db8:0:1::2]:1", false},
		{"127.0.0.1:1", false}, {"127.0.0.1:2", false}, {"127.0.0.1:3", false},
	} {
		_, _, err := p.dialFrom(byte(10+i), tc.addr)
		var ce *CloseError
		if got := errors.As(err, &ce) && ce.Refusal == RefusedCrowded; got != tc.crowded || !tc.crowded && err != nil {
			t.Errorf("from %s: %v, want crowded %v", tc.addr, err, tc.crowded)
		}
	}
}

func TestPlacesOfANetworkAreGivenBack(t *testing.T) {
	p := newPair(t, 1, link{}, func(c, s *Config) { s.MaxPerNetwork = 1 })
	first, conn, _ := p.dialFrom(10, "192.0.2.1:1")
	move := func(to string) { // the client's address changes
		for range 2 {
			p.now += time.Second
			conn.Send(p.now, 0, []byte("here"))
			exchange(p.now, first, p.server.ep, Path{Carrier: UDP, Addr: netip.MustParseAddrPort(to)}, serverAddr)
		}
	}
	move("198.51.100.7:1")
	if _, _, err := p.dialFrom(11, "192.0.2.1:2"); err != nil {
		t.Errorf("the place of a client that has gone elsewhere: %v", err)
	}
	if _, _, err := p.dialFrom(12, "198.51.100.7:2"); err == nil {
		t.Error("it has no place where it is now")
	}
	p.server.ep.Abandon(p.now)
	p.now += 2 * time.Second
	p.server.ep.Advance(p.now)
	if n := len(p.server.ep.networks); n != 0 {
		t.Errorf("%d networks are remembered", n)
	}
}
