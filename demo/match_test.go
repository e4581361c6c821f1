package demo_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/simnet"
	"github.com/halftick/halftick/server"
)

// A whole match in one process and in virtual time: the server, its clients with bots at the keys, and
// the network between them. Everything follows from the seed.

const tick = time.Second / arena.TickRate

// seat is one client and who plays it.
type seat struct {
	*client.Client[arena.World, arena.Input]
	ep    *session.Endpoint
	addr  netip.AddrPort
	bot   *arena.Bot
	next  time.Duration // of the next frame
	frame time.Duration
	still bool // takes its hands off the keys
	said  []string

	checked   sim.Tick // the newest snapshot that was compared with the server's world
	compared  int
	shots     map[sim.EventKey]arena.Shot // own rail shots as they were shown before the server had judged them
	agreed    int                         // hits that the server saw too
	denied    int                         // hits that it did not, though the victim was in play
	contested int                         // hits that others undid: the victim was out of play, or the shooter was pushed
}

type match struct {
	testing.TB
	net    *simnet.Net
	server *server.Server[arena.World, arena.Input]
	addr   netip.AddrPort
	ticks  int64
	seats  []*seat
	plan   *replica.Plan[arena.World]
	judged map[sim.EventKey]arena.Shot          // what the server has heard since followShots
	truth  [history]*replica.World[arena.World] // the server's worlds, by tick
	verify bool
	tap    func(b []byte) // sees what clients send
	buf    [session.MaxRecordSize]byte
}

// history is how many of the server's worlds are kept for comparison: more than any snapshot is late.
const history = 1024

func hostAddr(n int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(n)}), 4000)
}

// newMatch starts a match of n players over a network with the same conditions each way.
func newMatch(t testing.TB, seed uint64, conditions string, n int) *match {
	t.Helper()
	way, err := simnet.Parse(conditions)
	if err != nil {
		t.Fatal(err)
	}
	m := &match{TB: t, net: simnet.New(seed), addr: hostAddr(1), verify: true}
	m.server, err = server.New(arena.Game(), server.Config{Seed: seed, Secret: [32]byte{1, byte(seed)}})
	if err != nil {
		t.Fatal(err)
	}
	m.judged = map[sim.EventKey]arena.Shot{}
	server.On(m.server, arena.ShotEvent, func(e arena.Shot, k sim.EventKey) { m.judged[k] = e })
	if m.plan, err = replica.NewPlan[arena.World](); err != nil {
		t.Fatal(err)
	}
	for i := range m.truth {
		m.truth[i] = m.plan.NewWorld()
	}
	for i := range n {
		m.join(2+i, way, seed)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("to replay: seed %d, conditions %q, %d players", seed, conditions, n)
		}
	})
	return m
}

// join lets a player in from its own host.
func (m *match) join(host int, way simnet.Conditions, seed uint64) *seat {
	m.Helper()
	cfg, err := client.SessionConfig(arena.Game())
	if err != nil {
		m.Fatal(err)
	}
	cfg.Secret = [32]byte{byte(host), byte(seed)}
	ep, err := session.NewEndpoint(cfg)
	if err != nil {
		m.Fatal(err)
	}
	s := &seat{ep: ep, addr: hostAddr(host), bot: arena.NewBot(seed + uint64(host)), frame: tick,
		shots: map[sim.EventKey]arena.Shot{}}
	s.next = m.net.Now() + time.Duration(host)*1700*time.Microsecond
	m.net.Connect(s.addr, m.addr, way, way)
	conn, err := ep.DialWith(m.net.Now(), session.Path{Carrier: session.UDP, Addr: m.addr}, session.DialOptions{ServerKey: m.server.Endpoint().PublicKey()})
	if err != nil {
		m.Fatal(err)
	}
	s.Client, err = client.New(arena.Game(), ep, conn, client.Config{
		Name: fmt.Sprintf("player %d", host), ProbeEvery: 100 * time.Millisecond})
	if err != nil {
		m.Fatal(err)
	}
	client.On(s.Client, arena.ShotEvent, func(e arena.Shot, i client.EventInfo) {
		if i.Predicted {
			s.shots[i.EventKey] = e
		}
	})
	m.seats = append(m.seats, s)
	return s
}

// play lets d pass.
func (m *match) play(d time.Duration) {
	m.Helper()
	for end := m.net.Now() + d; m.net.Now() < end; {
		if p, ok := m.net.Next(min(end, m.nextDue())); ok {
			m.deliver(p)
		} else {
			m.act(m.net.Now())
		}
		if err := m.server.Err(); err != nil {
			m.Fatal(err)
		}
	}
}

func (m *match) nextTick() time.Duration {
	return time.Duration(m.ticks+1) * time.Second / arena.TickRate
}

// nextDue returns when something other than a delivery happens.
func (m *match) nextDue() time.Duration {
	at := min(m.nextTick(), timeoutOf(m.server.Endpoint()))
	for _, s := range m.seats {
		at = min(at, s.next, timeoutOf(s.ep))
	}
	return max(m.net.Now(), at)
}

func timeoutOf(ep *session.Endpoint) time.Duration {
	if at, ok := ep.NextTimeout(); ok {
		return at
	}
	return 1 << 62
}

// deliver hands over what arrives.
func (m *match) deliver(p simnet.Packet) {
	from := session.Path{Carrier: session.UDP, Addr: p.From}
	if p.To == m.addr {
		m.server.Endpoint().Receive(p.At, from, p.Data)
		m.server.Poll(p.At)
		m.flush(m.server.Endpoint(), m.addr)
		return
	}
	for _, s := range m.seats {
		if s.addr == p.To {
			s.ep.Receive(p.At, from, p.Data)
			m.flush(s.ep, s.addr)
		}
	}
}

// act runs what is due: the server's tick, the clients' frames, timers.
func (m *match) act(now time.Duration) {
	m.server.Endpoint().Advance(now)
	if m.nextTick() <= now {
		m.ticks++
		m.server.Tick(now)
		if m.verify {
			s := m.server.Snapshot()
			m.plan.Restore(m.truth[s.Tick%history], s)
			m.followShots()
		}
	}
	m.flush(m.server.Endpoint(), m.addr)
	for _, s := range m.seats {
		s.ep.Advance(now)
		if s.next <= now {
			s.next += s.frame
			m.frame(s, now)
		}
		m.flush(s.ep, s.addr)
	}
}

func (m *match) flush(ep *session.Endpoint, from netip.AddrPort) {
	for n, to := ep.Transmit(m.net.Now(), m.buf[:]); n > 0; n, to = ep.Transmit(m.net.Now(), m.buf[:]) {
		if m.tap != nil && from != m.addr {
			m.tap(m.buf[:n])
		}
		m.net.Send(from, to.Addr, m.buf[:n])
	}
}

// frame is one frame of a player's screen: look, decide, act.
func (m *match) frame(s *seat, now time.Duration) {
	var in arena.Input
	if !s.still {
		in = s.bot.Think(s.ViewAt(now), s.Player(), s.Stats().Tick)
	}
	s.Advance(now, in)
	for _, l := range s.Said() {
		s.said = append(s.said, l.Text)
	}
	if m.verify {
		m.compare(s)
	}
}

// compare holds the newest snapshot of a client against the server's world of that tick, to the lane.
func (m *match) compare(s *seat) {
	at := s.Stats().AuthTick
	if at == s.checked || s.Stats().Snapshots == 0 {
		return
	}
	s.checked = at
	s.compared++
	if diff := differ(m.truth[at%history].V, s.Auth()); diff != "" {
		m.Fatalf("at %v client %v has another world for tick %d than the server: %s", m.net.Now(), s.addr, at, diff)
	}
}

// followShots counts how many of the rail hits that players saw at once the server saw too. The world of their tick must be known.
func (m *match) followShots() {
	for key, judged := range m.judged {
		s := m.seatOf(key.Source)
		delete(m.judged, key)
		if s == nil {
			continue
		}
		switch predicted, known := s.shots[key]; {
		case !known || predicted.Hit == 0:
		case judged.Hit == predicted.Hit:
			s.agreed++
		case judged.From != predicted.From: // a blast had pushed the shooter, who did not know yet
			s.contested++
		case m.outOfPlay(predicted.Hit, key.Tick):
			s.contested++
		default:
			s.denied++
		}
	}
}

// seatOf returns the seat of a player, or nil.
func (m *match) seatOf(p sim.PlayerID) *seat {
	for _, s := range m.seats {
		if s.Player() == p {
			return s
		}
	}
	return nil
}

// outOfPlay reports whether somebody else had killed player p before tick t, or it had come back with a shield:
// what the shooter could not know yet.
func (m *match) outOfPlay(p sim.PlayerID, t sim.Tick) bool {
	for _, at := range []sim.Tick{t - 1, t} {
		row, ok := m.truth[at%history].V.Players.Of(p)
		if !ok || !row.Alive() || row.Shield > 0 {
			return true
		}
	}
	return false
}

// differ names the first row in which two worlds differ, or returns "".
func differ(a, b *arena.World) string {
	for _, diff := range []string{
		differIn("Players", &a.Players, &b.Players), differIn("Rockets", &a.Rockets, &b.Rockets),
	} {
		if diff != "" {
			return diff
		}
	}
	return ""
}

func differIn[T comparable](table string, a, b *sim.Table[T]) string {
	for id, row := range a.All() {
		other, ok := b.Get(id)
		if !ok {
			return fmt.Sprintf("%s %08x is missing", table, id)
		}
		if *other != *row || a.Owner(id) != b.Owner(id) {
			return fmt.Sprintf("%s %08x is %+v (owner %d), want %+v (owner %d)", table, id, *other, b.Owner(id), *row, a.Owner(id))
		}
	}
	if a.Len() != b.Len() {
		return fmt.Sprintf("%s has %d rows, want %d", table, b.Len(), a.Len())
	}
	return ""
}
