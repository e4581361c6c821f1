package session

import (
	"math"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"testing"
	"time"
)

// match is many clients at play with one server, in virtual time of a millisecond a step, over links that delay, reorder and lose. It
// allocates nothing itself once it is warm.
type match struct {
	now     time.Duration
	rnd     *rand.Rand
	server  *Endpoint
	clients []*Endpoint
	conns   []*Conn // of the clients
	paths   []Path
	byPath  map[Path]int
	peers   []*Conn // of the server
	wheel   [matchDelays][]*flying
	free    []*flying
	buf     [MaxRecordSize]byte
	steps   int
	sent    int // messages
}

// flying is a datagram on its way between the server and a client.
type flying struct {
	client   int
	toServer bool
	size     int
	data     [MaxRecordSize]byte
}

const matchDelays = 32 // ms, more than any datagram takes

func newMatch(t testing.TB, n int) *match {
	m := &match{now: time.Second, rnd: rand.New(rand.NewPCG(8, 8)), server: mustEndpoint(t, testConfig(2)), byPath: map[Path]int{}, peers: make([]*Conn, n)}
	m.server.Listen(true)
	for i := range m.wheel {
		m.wheel[i] = make([]*flying, 0, 16*n)
	}
	for range 64 * n {
		m.free = append(m.free, new(flying))
	}
	for i := range n {
		cfg := testConfig(1)
		cfg.Secret[1], cfg.Secret[2] = byte(i), byte(i>>8)
		ep := mustEndpoint(t, cfg)
		c, err := ep.DialWith(m.now, serverAddr, DialOptions{ServerKey: m.server.PublicKey()})
		if err != nil {
			t.Fatal(err)
		}
		path := Path{Carrier: UDP, Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i), byte(i >> 8), 1}), 5000)}
		m.clients, m.conns, m.paths = append(m.clients, ep), append(m.conns, c), append(m.paths, path)
		m.byPath[path] = i
		m.step(5)
	}
	m.step(500)
	for i, c := range m.peers {
		if c == nil {
			t.Fatalf("client %d has no session", i)
		}
	}
	return m
}

// send puts a datagram on its way: one in a hundred is lost, the others take 5 to 15 ms, a few of them 30.
func (m *match) send(client int, toServer bool, b []byte) {
	chance := m.rnd.IntN(100)
	if chance == 0 {
		return
	}
	delay := 5 + m.rnd.IntN(11)
	if chance == 1 {
		delay = matchDelays - 1
	}
	f := m.free[len(m.free)-1]
	m.free = m.free[:len(m.free)-1]
	f.client, f.toServer, f.size = client, toServer, copy(f.data[:], b)
	slot := &m.wheel[(m.steps+delay)%matchDelays]
	*slot = append(*slot, f)
}

// step lets n milliseconds pass.
func (m *match) step(n int) {
	for range n {
		m.now += time.Millisecond
		m.steps++
		slot := &m.wheel[m.steps%matchDelays]
		for _, f := range *slot {
			if f.toServer {
				m.server.Receive(m.now, m.paths[f.client], f.data[:f.size])
			} else {
				m.clients[f.client].Receive(m.now, serverAddr, f.data[:f.size])
			}
			m.free = append(m.free, f)
		}
		*slot = (*slot)[:0]
		m.flush()
	}
}

func (m *match) flush() {
	m.server.Advance(m.now)
	for n, to := m.server.Transmit(m.now, m.buf[:]); n > 0; n, to = m.server.Transmit(m.now, m.buf[:]) {
		m.send(m.byPath[to], false, m.buf[:n])
	}
	for ev, ok := m.server.Event(); ok; ev, ok = m.server.Event() {
		if ev.Kind == Opened {
			m.peers[m.byPath[ev.Conn.Path()]] = ev.Conn
		}
	}
	for i, ep := range m.clients {
		ep.Advance(m.now)
		for n, _ := ep.Transmit(m.now, m.buf[:]); n > 0; n, _ = ep.Transmit(m.now, m.buf[:]) {
			m.send(i, true, m.buf[:n])
		}
		drain(ep)
	}
}

// play is d of a game: inputs and snapshots 50 times a second, reliable messages now and then, in each direction.
func (m *match) play(t testing.TB, d time.Duration) {
	var message [400]byte
	say := func(c *Conn, channel, size int) {
		if err := c.Send(m.now, channel, message[:size]); err != nil {
			t.Fatal(err)
		}
		m.sent++
	}
	for end := m.now + d; m.now < end; m.step(1) {
		for i := range m.conns {
			if (m.steps+i)%20 == 0 {
				say(m.conns[i], 2, 40)
			}
			if m.steps%20 == 0 {
				say(m.peers[i], 2, 100+m.rnd.IntN(300))
			}
			if m.rnd.IntN(100) == 0 {
				say(m.conns[i], 0, 30)
				say(m.peers[i], 3, 60)
			}
		}
	}
}

// A server with many sessions allocates nothing once it has played for a few seconds: rings and buffers have their size by then, and do not grow with
// each rare coincidence. What is counted is the process's; others can only add to it, so that the quietest of three seconds counts.
func TestManySessionsAllocateNothing(t *testing.T) {
	m := newMatch(t, 100)
	m.play(t, 3*time.Second)
	least, most := uint64(math.MaxUint64), uint64(0)
	for range 3 {
		var before, after runtime.MemStats
		sent := m.sent
		runtime.ReadMemStats(&before)
		m.play(t, time.Second)
		runtime.ReadMemStats(&after)
		least, most = min(least, after.Mallocs-before.Mallocs), uint64(m.sent-sent)/1000
	}
	t.Logf("%d allocations in a second of %d messages", least, 1000*most)
	if least > most {
		t.Errorf("%d allocations in a second, want one per 1000 messages at most: %d", least, most)
	}
}
