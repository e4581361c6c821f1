package session

import (
	"net/netip"
	"testing"
	"time"
)

// loop joins two endpoints without delay, loss or copies, for what costs per packet.
type loop struct {
	client, server *Endpoint
	cc, sc         *Conn
	now            time.Duration
	lose, sent     int // every lose-th datagram is lost, when that is not 0
	buf            [MaxRecordSize]byte
}

func newLoop(t testing.TB, change ...func(c, s *Config)) *loop {
	cc, sc := testConfig(1), testConfig(2)
	for _, f := range change {
		f(&cc, &sc)
	}
	l := &loop{client: mustEndpoint(t, cc), server: mustEndpoint(t, sc), now: time.Second}
	l.server.Listen(true)
	l.cc, _ = l.client.Dial(l.now, serverAddr)
	for range 4 {
		l.pump(l.client, l.server, clientAddr)
		l.pump(l.server, l.client, serverAddr)
		l.now += 10 * time.Millisecond
		l.client.Advance(l.now)
		l.server.Advance(l.now)
		for ev, ok := l.server.Event(); ok; ev, ok = l.server.Event() {
			l.sc = ev.Conn
		}
		drain(l.client)
	}
	if l.sc == nil || !l.cc.Opened() {
		t.Fatal("no session")
	}
	return l
}

func drain(e *Endpoint) {
	for _, ok := e.Event(); ok; _, ok = e.Event() {
	}
}

func (l *loop) pump(from, to *Endpoint, path Path) {
	for n, _ := from.Transmit(l.now, l.buf[:]); n > 0; n, _ = from.Transmit(l.now, l.buf[:]) {
		if l.sent++; l.lose == 0 || l.sent%l.lose > 0 {
			to.Receive(l.now, path, l.buf[:n])
		}
	}
}

// tick is one beat of a game: a packet each way.
func (l *loop) tick(channel int, up, down []byte) {
	l.now += 16667 * time.Microsecond
	l.client.Advance(l.now)
	l.server.Advance(l.now)
	l.cc.Send(l.now, channel, up)
	l.pump(l.client, l.server, clientAddr)
	l.sc.Send(l.now, channel, down)
	l.pump(l.server, l.client, serverAddr)
	drain(l.client)
	drain(l.server)
}

func TestSteadyTrafficAllocatesNothing(t *testing.T) {
	for channel, name := range []string{"reliable", "unreliable", "sequenced", "redundant"} {
		for _, size := range []int{40, 3000} {
			l := newLoop(t)
			up, down := make([]byte, 40), make([]byte, size)
			for range 500 {
				l.tick(channel, up, down)
			}
			if n := testing.AllocsPerRun(200, func() { l.tick(channel, up, down) }); n != 0 {
				t.Errorf("%s, %d bytes: %v allocations per beat", name, size, n)
			}
		}
	}
}

func TestHandshakeFloodAllocatesNothing(t *testing.T) {
	l := newLoop(t)
	attacker := mustEndpoint(t, testConfig(3))
	if _, err := attacker.Dial(l.now, serverAddr); err != nil {
		t.Fatal(err)
	}
	init := make([]byte, MaxRecordSize)
	n, _ := attacker.Transmit(l.now, init)
	init = init[:n]
	i := 0
	from := func() Path {
		i++
		return Path{Carrier: UDP, Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{1, byte(i >> 16), byte(i >> 8), byte(i)}), 9)}
	}
	if n := testing.AllocsPerRun(1000, func() {
		l.server.Receive(l.now, from(), init)
		l.server.Transmit(l.now, l.buf[:])
	}); n != 0 {
		t.Errorf("%v allocations per INIT", n)
	}
}

func BenchmarkBeat(b *testing.B) {
	for channel, name := range []string{"reliable", "unreliable", "sequenced", "redundant"} {
		b.Run(name, func(b *testing.B) {
			l := newLoop(b)
			up, down := make([]byte, 40), make([]byte, 300)
			for range 500 {
				l.tick(channel, up, down)
			}
			b.ReportAllocs()
			for b.Loop() {
				l.tick(channel, up, down)
			}
		})
	}
}

func BenchmarkSend(b *testing.B) {
	l := newLoop(b)
	msg := make([]byte, 40)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		l.cc.Send(l.now, 1, msg)
		if i++; i%100 == 0 { // 100 messages in four datagrams, acknowledged in one
			l.tick(1, msg, msg)
		}
	}
}

func BenchmarkReceiveForged(b *testing.B) {
	l := newLoop(b)
	record := appendHeader(nil, toServer, l.cc.id, 1000)
	record = append(record, make([]byte, 60)...)
	b.ReportAllocs()
	for b.Loop() {
		l.server.Receive(l.now, clientAddr, record)
	}
	if l.server.Stats().Drops[DropDamaged] == 0 {
		b.Fatal("the forgery was not noticed")
	}
}
