package matchtest

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/simnet"
	"github.com/halftick/halftick/server"
)

// Options are what a match is like. The zero Options are a match over a perfect network.
type Options struct {
	// Seed is where all chance comes from: the network's, the sessions' keys, and Server.Seed unless that is set.
	Seed uint64

	// Conditions are those of each player's path, the same each way, as simnet.Parse reads them: "delay=75ms,loss=5%", or the
	// name of a preset. Empty means a perfect path.
	Conditions string

	// Server is the server's configuration. Its Secret is replaced by one made of Seed.
	Server server.Config

	// Partial says that clients are told less than the whole world, so that worlds cannot be compared. A game with a See, or with aoi, owner
	// or rate tags, is so by itself.
	Partial bool
}

// Match is a server, its players and the network between them. New makes one.
type Match[W, I any] struct {
	testing.TB
	Net     *simnet.Net // to be looked at, and changed beyond what Player offers
	Server  *server.Server[W, I]
	Players []*Player[W, I] // in the order of Join, those who left among them

	// AfterTick, when not nil, is called after each tick of the server.
	AfterTick func()

	// Tap, when not nil, sees every datagram that is sent, and who sends it. b is borrowed.
	Tap func(from netip.AddrPort, b []byte)

	game    *sim.Game[W, I]
	opt     Options
	way     simnet.Conditions
	rate    int           // ticks a second
	ticks   int64         // so far
	paced   int64         // of them: before pace was set,
	pacedAt time.Duration // when the last of those was due
	pace    float64       // of the server's ticks, as a share of their rate
	addr    netip.AddrPort
	host    end // the server's
	byAddr  map[netip.AddrPort]*Player[W, I]
	session session.Config // of the clients
	plan    *replica.Plan[W]
	truth   [kept]*replica.Snapshot // the server's newest worlds, by tick
	buf     [session.MaxRecordSize]byte
}

// kept is how many of the server's worlds are held against those of clients: as many as it lends.
const kept = 128

// New starts a match with nobody in it. What is wrong with the game or the options fails the test.
func New[W, I any](t testing.TB, g *sim.Game[W, I], o Options) *Match[W, I] {
	t.Helper()
	m := &Match[W, I]{TB: t, game: g, opt: o, Net: simnet.New(o.Seed), addr: address(1), byAddr: map[netip.AddrPort]*Player[W, I]{}}
	m.way = m.parse(o.Conditions)
	m.rate, _ = g.Rates()
	m.pace = 1
	var err error
	if m.session, err = client.SessionConfig(g); err != nil {
		t.Fatal(err)
	}
	if m.plan, err = replica.NewPlan[W](); err != nil {
		t.Fatal(err)
	}
	m.opt.Partial = o.Partial || slices.Contains(m.plan.Filter(g.See != nil), true) || !m.plan.Uniform()
	cfg := o.Server
	cfg.Secret = secret(o.Seed, 0)
	if cfg.Seed == 0 {
		cfg.Seed = o.Seed
	}
	if m.Server, err = server.New(g, cfg); err != nil {
		t.Fatal(err)
	}
	m.host = end{ep: m.Server.Endpoint()}
	m.host.look()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("to play it again: %s", m.again())
		}
	})
	return m
}

// again says how this match came about.
func (m *Match[W, I]) again() string {
	return fmt.Sprintf("seed %d, conditions %q, %d players, at %v (server tick %d)", m.opt.Seed, m.opt.Conditions, len(m.Players), m.Net.Now(), m.ticks)
}

func (m *Match[W, I]) parse(conditions string) simnet.Conditions {
	m.Helper()
	if conditions == "" {
		return simnet.Conditions{}
	}
	c, err := simnet.Parse(conditions)
	if err != nil {
		m.Fatal(err)
	}
	return c
}

// Addr returns the server's address on the network.
func (m *Match[W, I]) Addr() netip.AddrPort { return m.addr }

// Inject hands the server a datagram at once that seems to come from an address: what strangers and forgers may send. Its answers travel
// as all others do, and get lost where no path leads. b is borrowed.
func (m *Match[W, I]) Inject(from netip.AddrPort, b []byte) {
	m.deliver(simnet.Packet{From: from, To: m.addr, Data: b, At: m.Net.Now()})
}

// Now returns the virtual time since the match began.
func (m *Match[W, I]) Now() time.Duration { return m.Net.Now() }

// Run lets d pass.
func (m *Match[W, I]) Run(d time.Duration) {
	m.Helper()
	for end := m.Net.Now() + d; m.Net.Now() < end; {
		if p, ok := m.Net.Next(min(end, m.due())); ok {
			m.deliver(p)
		} else {
			m.act(m.Net.Now())
		}
	}
}

// RunUntil lets time pass until done returns true, which is asked once per server tick; after limit the test fails.
func (m *Match[W, I]) RunUntil(limit time.Duration, done func() bool) {
	m.Helper()
	for end := m.Net.Now() + limit; !done(); {
		if m.Net.Now() >= end {
			m.Fatalf("it did not happen within %v", limit)
		}
		m.Run(m.tickDue(m.ticks+1) - m.Net.Now() + 1)
	}
}

// SetPace makes the server's ticks come at a share of their rate from now on, as on a machine that is too slow: 0.5 is half of them.
func (m *Match[W, I]) SetPace(share float64) {
	m.paced, m.pacedAt, m.pace = m.ticks, m.tickDue(m.ticks), share
}

// StallServer lets no tick pass for d. Then they go on where they were; what comes meanwhile is taken in by the server's sessions.
func (m *Match[W, I]) StallServer(d time.Duration) { m.pacedAt += d }

// tickDue returns when a tick from m.paced on is due.
func (m *Match[W, I]) tickDue(tick int64) time.Duration {
	d := time.Duration(tick-m.paced) * time.Second / time.Duration(m.rate)
	if m.pace != 1 {
		d = time.Duration(float64(d) / m.pace)
	}
	return m.pacedAt + d
}

// World returns the server's newest world, as clients are told it. It is the caller's.
func (m *Match[W, I]) World() *W {
	w := m.plan.NewWorld()
	m.plan.Restore(w, m.Server.Snapshot())
	return w.V
}

// address returns the address of host n, 1 to 65535.
func address(n int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)}), 4000)
}

// secret makes the secret of one end of a match. Anybody can do so: it is for tests.
func secret(seed uint64, host int) (s [32]byte) {
	r := sim.NewRand(seed<<16 ^ uint64(host))
	for i := range s {
		s[i] = byte(r.Uint64())
	}
	return s
}
