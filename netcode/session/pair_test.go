package session

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"
)

// The vocabulary of these tests: two endpoints, a virtual clock and a link that can do harm.

var (
	clientAddr = Path{Carrier: UDP, Addr: netip.MustParseAddrPort("10.0.0.2:5000")}
	serverAddr = Path{Carrier: UDP, Addr: netip.MustParseAddrPort("10.0.0.1:7777")}
)

// tb is what testing.TB and rapid.T have in common.
type tb interface {
	Helper()
	Cleanup(func())
	Failed() bool
	Error(args ...any)
	Logf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// link is what happens to datagrams in both directions.
type link struct {
	delay, jitter time.Duration
	loss          float64
	duplicate     float64
	corrupt       float64
	mtu           int // larger datagrams are lost; 0: none is
	down          func(now time.Duration) bool
}

type flight struct {
	at   time.Duration
	seq  int
	to   *side
	from Path
	data []byte
}

type side struct {
	ep       *Endpoint
	path     Path
	conn     *Conn
	got      [][]byte // messages, with the channel in front
	events   []Event
	sent     int // datagrams
	bytes    int
	holdback bool // do not take events
}

type pair struct {
	t              tb
	now            time.Duration
	link           link
	rnd            *rand.Rand
	flights        []flight
	seq            int
	client, server *side
	tap            func(from *side, b []byte)               // sees every datagram sent
	wire           func(from *side, to Path, b []byte) bool // takes a datagram from the link, if it says so
	played         int                                      // see play
	cut            map[Carrier]bool                         // carriers on which nothing travels now
}

func testChannels() []Channel {
	return []Channel{
		{Name: "ordered", Kind: ReliableOrdered},
		{Name: "loose", Kind: Unreliable},
		{Name: "newest", Kind: Sequenced},
		{Name: "urgent", Kind: ReliableOrdered, Redundancy: 2},
	}
}

func testConfig(secret byte) Config {
	return Config{App: "test", Schema: 7, Channels: testChannels(), Secret: [32]byte{secret}}
}

// newPair returns two endpoints, not yet connected. Every random choice follows from the seed.
func newPair(t tb, seed uint64, l link, change ...func(c, s *Config)) *pair {
	t.Helper()
	cc, sc := testConfig(1), testConfig(2)
	for _, f := range change {
		f(&cc, &sc)
	}
	p := &pair{t: t, now: time.Second, cut: map[Carrier]bool{}, link: l, rnd: rand.New(rand.NewPCG(seed, 1))}
	p.client = &side{ep: mustEndpoint(t, cc), path: clientAddr}
	p.server = &side{ep: mustEndpoint(t, sc), path: serverAddr}
	p.server.ep.Listen(true)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	})
	return p
}

func mustEndpoint(t tb, cfg Config) *Endpoint {
	t.Helper()
	ep, err := NewEndpoint(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return ep
}

// connected returns a pair with an established session.
func connected(t tb, seed uint64, l link, change ...func(c, s *Config)) *pair {
	t.Helper()
	p := newPair(t, seed, l, change...)
	p.dial()
	p.until(time.Minute, func() bool { return p.client.conn.Opened() && p.server.conn != nil })
	return p
}

func (p *pair) dial() {
	p.t.Helper()
	c, err := p.client.ep.DialWith(p.now, serverAddr, DialOptions{ServerKey: p.server.ep.PublicKey()})
	if err != nil {
		p.t.Fatal(err)
	}
	p.client.conn = c
}

// flush puts on the link what both ends want to send, and takes their events.
func (p *pair) flush() {
	for _, s := range []*side{p.client, p.server} {
		var buf [MaxRecordSize]byte
		for n, to := s.ep.Transmit(p.now, buf[:]); n > 0; n, to = s.ep.Transmit(p.now, buf[:]) {
			s.sent++
			s.bytes += n
			if p.tap != nil {
				p.tap(s, buf[:n])
			}
			p.carry(s, to, buf[:n])
		}
		p.take(s)
	}
}

func (p *pair) carry(from *side, to Path, b []byte) {
	if p.wire != nil && p.wire(from, to, b) {
		return
	}
	target, seen := p.client, Path{Carrier: to.Carrier, Addr: from.path.Addr}
	if to.Addr == serverAddr.Addr {
		target = p.server
	} else if to.Addr != p.client.path.Addr {
		return // an address that the client has no more
	}
	if p.cut[to.Carrier] {
		return
	}
	if to.Carrier.Reliable() {
		p.fly(p.now+p.link.delay, target, seen, slices.Clone(b))
		return
	}
	if p.link.mtu > 0 && len(b) > p.link.mtu {
		return
	}
	if p.link.down != nil && p.link.down(p.now) || p.rnd.Float64() < p.link.loss {
		return
	}
	copies := 1
	if p.rnd.Float64() < p.link.duplicate {
		copies = 2
	}
	for range copies {
		data := slices.Clone(b)
		if p.rnd.Float64() < p.link.corrupt {
			data[p.rnd.IntN(len(data))] ^= 1 << p.rnd.IntN(8)
		}
		at := p.now + p.link.delay
		if p.link.jitter > 0 {
			at += time.Duration(p.rnd.Int64N(int64(p.link.jitter)))
		}
		p.fly(at, target, seen, data)
	}
}

func (p *pair) fly(at time.Duration, to *side, from Path, data []byte) {
	p.seq++
	p.flights = append(p.flights, flight{at, p.seq, to, from, data})
}

// gone ends the stream between the two, with all that is on its way in it.
func (p *pair) gone() {
	p.flights = slices.DeleteFunc(p.flights, func(f flight) bool { return f.from.Carrier == TCP })
	p.client.ep.Gone(p.now, Path{Carrier: TCP, Addr: serverAddr.Addr})
	p.server.ep.Gone(p.now, Path{Carrier: TCP, Addr: p.client.path.Addr})
}

// take moves events from an endpoint to its side.
func (p *pair) take(s *side) {
	if s.holdback {
		return
	}
	for ev, ok := s.ep.Event(); ok; ev, ok = s.ep.Event() {
		switch ev.Kind {
		case Opened:
			s.conn = ev.Conn
		case Message:
			s.got = append(s.got, append([]byte{byte(ev.Channel)}, ev.Data...))
			ev.Data = nil
		}
		s.events = append(s.events, ev)
	}
}

// step moves the clock to the next thing that happens, at most to limit, and does it.
func (p *pair) step(limit time.Duration) {
	p.flush()
	next := limit
	for _, f := range p.flights {
		next = min(next, f.at)
	}
	for _, s := range []*side{p.client, p.server} {
		if at, ok := s.ep.NextTimeout(); ok {
			next = min(next, at)
		}
	}
	p.now = max(p.now, next)
	slices.SortFunc(p.flights, func(a, b flight) int {
		if a.at != b.at {
			return int(a.at - b.at)
		}
		return a.seq - b.seq
	})
	for len(p.flights) > 0 && p.flights[0].at <= p.now {
		f := p.flights[0]
		p.flights = p.flights[1:]
		f.to.ep.Receive(p.now, f.from, f.data)
		p.take(f.to)
	}
	p.client.ep.Advance(p.now)
	p.server.ep.Advance(p.now)
	p.flush()
}

// advance lets d pass.
func (p *pair) advance(d time.Duration) {
	for end := p.now + d; p.now < end; {
		p.step(end)
	}
}

// until lets time pass until cond holds, at most d.
func (p *pair) until(d time.Duration, cond func() bool) {
	p.t.Helper()
	end := p.now + d
	for !cond() {
		if p.now >= end {
			p.t.Fatalf("after %v: still waiting", d)
		}
		p.step(end)
	}
}

func (s *side) send(p *pair, channel int, b []byte) {
	p.t.Helper()
	if err := s.conn.Send(p.now, channel, b); err != nil {
		p.t.Fatalf("Send on channel %d: %v", channel, err)
	}
}

// on returns the messages that came on a channel.
func (s *side) on(channel int) (msgs [][]byte) {
	for _, m := range s.got {
		if m[0] == byte(channel) {
			msgs = append(msgs, m[1:])
		}
	}
	return msgs
}

// count returns how many events of a kind came.
func (s *side) count(k EventKind) (n int) {
	for _, ev := range s.events {
		if ev.Kind == k {
			n++
		}
	}
	return n
}

// numbered returns message i of a test: its number, then filler up to size.
func numbered(i, size int) []byte {
	b := make([]byte, max(4, size))
	binary.LittleEndian.PutUint32(b, uint32(i))
	for k := 4; k < len(b); k++ {
		b[k] = byte(i*31 + k)
	}
	return b
}

// mustPort returns the address of a path with another port.
func mustPort(p Path, port uint16) netip.AddrPort { return netip.AddrPortFrom(p.Addr.Addr(), port) }

// seal returns a record as the side that has the keys k would send it.
func seal(k *recordKeys, dir direction, pn uint64, record []byte) []byte {
	header := headerToServer
	if dir == toClient {
		header = headerToClient
	}
	return k.sealer.Seal(0, slices.Clone(record), header, pn)
}
