package session

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"
)

// crowd is many clients of one server in virtual time, each with a link that loses and delays.
type crowd struct {
	now     time.Duration
	rnd     *rand.Rand
	loss    float64
	delay   time.Duration
	server  *Endpoint
	clients []*Endpoint
	conns   []*Conn
	byAddr  map[Path]int
	flights []flightOf
	got     []uint32 // messages in order, per client
	wakes   int
}

// flightOf is a datagram on its way to a client, or to the server from one.
type flightOf struct {
	at       time.Duration
	client   int
	toServer bool
	data     []byte
}

func newCrowd(t *testing.T, n int, loss float64) *crowd {
	t.Helper()
	c := &crowd{
		now: time.Second, rnd: rand.New(rand.NewPCG(5, 5)), loss: loss, delay: 20 * time.Millisecond,
		server: mustEndpoint(t, testConfig(2)), byAddr: make(map[Path]int), got: make([]uint32, n),
	}
	c.server.Listen(true)
	for i := range n {
		cfg := testConfig(1)
		cfg.Secret[1], cfg.Secret[2] = byte(i), byte(i>>8)
		ep := mustEndpoint(t, cfg)
		conn, err := ep.Dial(c.now, serverAddr)
		if err != nil {
			t.Fatal(err)
		}
		c.clients, c.conns = append(c.clients, ep), append(c.conns, conn)
		c.byAddr[c.path(i)] = i
	}
	return c
}

func (c *crowd) path(i int) Path {
	return Path{Carrier: UDP, Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), 5000)}
}

func (c *crowd) send(client int, toServer bool, b []byte) {
	if c.rnd.Float64() >= c.loss {
		c.flights = append(c.flights, flightOf{c.now + c.delay, client, toServer, append([]byte(nil), b...)})
	}
}

// flush takes everything out of everybody.
func (c *crowd) flush(t *testing.T) {
	t.Helper()
	var buf [MaxRecordSize]byte
	for n, to := c.server.Transmit(c.now, buf[:]); n > 0; n, to = c.server.Transmit(c.now, buf[:]) {
		c.send(c.byAddr[to], false, buf[:n])
	}
	for i, ep := range c.clients {
		for n, _ := ep.Transmit(c.now, buf[:]); n > 0; n, _ = ep.Transmit(c.now, buf[:]) {
			c.send(i, true, buf[:n])
		}
		for _, ok := ep.Event(); ok; _, ok = ep.Event() {
		}
	}
	for ev, ok := c.server.Event(); ok; ev, ok = c.server.Event() {
		if ev.Kind != Message {
			continue
		}
		i := c.byAddr[ev.Conn.Path()]
		if n := binary.LittleEndian.Uint32(ev.Data); n != c.got[i] {
			t.Fatalf("client %d: message %d came after %d others", i, n, c.got[i])
		}
		c.got[i]++
	}
}

// run lets time pass until end, waking everybody exactly when they ask for it.
func (c *crowd) run(t *testing.T, end time.Duration) {
	t.Helper()
	for c.flush(t); c.now < end; c.flush(t) {
		next := end
		if len(c.flights) > 0 {
			next = min(next, c.flights[0].at) // the delay is constant: they are in order
		}
		for _, ep := range append(c.clients, c.server) {
			if at, ok := ep.NextTimeout(); ok {
				next = min(next, at)
			}
		}
		if c.wakes++; next <= c.now && c.wakes > 1e6 {
			t.Fatal("somebody asks to be woken for ever")
		}
		c.now = max(c.now, next)
		for len(c.flights) > 0 && c.flights[0].at <= c.now {
			f := c.flights[0]
			c.flights = c.flights[1:]
			if f.toServer {
				c.server.Receive(c.now, c.path(f.client), f.data)
			} else {
				c.clients[f.client].Receive(c.now, serverAddr, f.data)
			}
		}
		c.server.Advance(c.now)
		for _, ep := range c.clients {
			ep.Advance(c.now)
		}
	}
}

func TestTwoHundredSessionsOnOneEndpoint(t *testing.T) {
	const sessions, messages = 200, 10
	c := newCrowd(t, sessions, 0.1)
	for i := range messages {
		for _, conn := range c.conns {
			if err := conn.Send(c.now, 0, binary.LittleEndian.AppendUint32(nil, uint32(i))); err != nil {
				t.Fatal(err)
			}
		}
		c.run(t, c.now+50*time.Millisecond)
	}
	c.run(t, c.now+10*time.Second)
	for i, n := range c.got {
		if n != messages {
			t.Errorf("client %d: %d of %d messages arrived: %v", i, n, messages, c.conns[i].Err())
		}
	}
	for _, conn := range c.conns {
		conn.Close(c.now, CloseNormal, "")
	}
	c.run(t, c.now+defaultIdleTimeout+2*drainTime) // of some all three CLOSE are lost
	if s := c.server; len(s.byID)+len(s.byPath)+len(s.timers)+len(s.ready)+s.accepted+s.stats.Sessions != 0 {
		t.Errorf("the server still holds %d ids, %d paths, %d timers, %d ready, %d accepted, %d counted",
			len(s.byID), len(s.byPath), len(s.timers), len(s.ready), s.accepted, s.stats.Sessions)
	}
}

// An idle hour costs what keeping alive costs: no timer asks to be woken for nothing, nothing grows.
func TestAnIdleHourCostsLittle(t *testing.T) {
	c := newCrowd(t, 3, 0.02)
	c.run(t, time.Minute)
	size := func() (n int) {
		for _, conn := range append([]*Conn{c.server.byPath[c.path(0)]}, c.conns...) {
			n += len(conn.sent.packets) + len(conn.sent.refs) + conn.acks.n + len(conn.receipts.list)
		}
		return n + len(c.server.events.ring) + len(c.server.ready) + len(c.server.timers) + len(c.server.replies)
	}
	before, woken, packets := size(), c.wakes, c.server.Stats().PacketsSent
	c.run(t, time.Minute+time.Hour)
	for i, conn := range c.conns {
		if !conn.Opened() {
			t.Fatalf("session %d ended: %v", i, conn.Err())
		}
		if n := conn.Stats().Stalls; n > 0 {
			t.Errorf("session %d was taken for stalled %d times, for some lost pings", i, n)
		}
	}
	// A ping of the client every 5 s, 720 per session, and its answer; for each the time to think about it.
	if n := c.wakes - woken; n > 3*720*6 {
		t.Errorf("an idle hour of 3 sessions took %d wakes", n)
	}
	if n := c.server.Stats().PacketsSent - packets; n > 3*720*3/2 {
		t.Errorf("an idle hour of 3 sessions took %d packets of the server", n)
	}
	if after := size(); after > before+64 {
		t.Errorf("what is held grew from %d to %d: %+v", before, after, c.server.Stats())
	}
}

// On a stream a record may be refused for want of room. It must come again when there is room, also when
// nothing else is sent.
func TestRefusedRecordOnAStreamComesAgain(t *testing.T) {
	client, server := mustEndpoint(t, testConfig(1)), mustEndpoint(t, testConfig(2))
	server.Listen(true)
	from, to := Path{Carrier: TCP, Addr: clientAddr.Addr}, Path{Carrier: TCP, Addr: serverAddr.Addr}
	now := time.Second
	c, err := client.Dial(now, to)
	if err != nil {
		t.Fatal(err)
	}
	const n = maxEventsPerConn + 1000
	got := 0
	step := func() {
		now += 5 * time.Millisecond
		client.Advance(now)
		server.Advance(now)
		exchange(now, client, server, from, to)
	}
	step()
	for i := range n {
		if err := c.Send(now, 0, nil); err != nil {
			t.Fatal(err)
		}
		if i%200 == 0 {
			step()
		}
	}
	for range 100 {
		step()
	}
	if server.Stats().Drops[DropBacklog] == 0 {
		t.Fatal("nothing was refused: the test proves nothing")
	}
	for end := now + 8*time.Second; now < end && got < n; step() {
		for ev, ok := server.Event(); ok; ev, ok = server.Event() {
			if ev.Kind == Message {
				got++
			}
		}
	}
	if got != n {
		t.Errorf("%d of %d messages arrived", got, n)
	}
}
