package demo_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"
)

// attacker sees a share of the clients' datagrams and throws them back: as they were, cut, prolonged,
// with bits flipped, from its own address and from theirs, between others made of nothing.
type attacker struct {
	m    *match
	rnd  *rand.Rand
	seen [][]byte
	sent int
}

func (a *attacker) attack(n int) {
	for range n {
		b := a.datagram()
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{66, byte(a.rnd.IntN(256)), byte(a.rnd.IntN(256)), 1}), 6666)
		if a.rnd.IntN(3) == 0 {
			from = a.m.seats[a.rnd.IntN(len(a.m.seats))].Addr()
		}
		a.m.Inject(from, b)
		a.sent++
	}
}

func (a *attacker) datagram() []byte {
	if len(a.seen) == 0 || a.rnd.IntN(4) == 0 {
		b := make([]byte, a.rnd.IntN(1400))
		for i := range b {
			b[i] = byte(a.rnd.Uint32())
		}
		return b
	}
	b := append([]byte(nil), a.seen[a.rnd.IntN(len(a.seen))]...)
	switch a.rnd.IntN(4) {
	case 0:
		b = b[:a.rnd.IntN(len(b)+1)]
	case 1:
		b = append(b, make([]byte, a.rnd.IntN(400))...)
	case 2:
		b[a.rnd.IntN(len(b))] ^= 1 << a.rnd.IntN(8)
	}
	return b
}

// TestAbuseDisturbsNobody: while a stranger floods the server, the match goes on to the lane.
func TestAbuseDisturbsNobody(t *testing.T) {
	m := newMatch(t, 7, "delay=20ms,loss=1%", 4)
	a := &attacker{m: m, rnd: rand.New(rand.NewPCG(7, 7))}
	m.Tap = func(from netip.AddrPort, b []byte) {
		if from != m.Addr() && len(a.seen) < 500 && a.rnd.IntN(5) == 0 {
			a.seen = append(a.seen, append([]byte(nil), b...))
		}
	}
	m.talk(5)
	for range 20 * 60 {
		m.Run(tick)
		a.attack(50)
	}
	m.talk(5)
	m.settle()
	st := m.Server.Endpoint().Stats()
	if st.Sessions != 4 || st.Closed != 0 {
		t.Errorf("%d sessions are open and %d were closed, want 4 and 0", st.Sessions, st.Closed)
	}
	if got := st.Drops.Total(); got < uint64(a.sent)*9/10 {
		t.Errorf("of %d hostile datagrams %d were counted as dropped", a.sent, got)
	}
	for _, s := range m.seats {
		if gap := s.Stats().SnapshotGapMax; gap > 250*time.Millisecond {
			t.Errorf("client %d went without a snapshot for %v", s.Player(), gap)
		}
	}
}
