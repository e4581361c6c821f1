package session_test

import (
	"container/heap"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/simnet"
)

// road is a path in virtual time that several sessions share: one bottleneck for each direction.
type road struct {
	t         testing.TB
	now       time.Duration
	up, down  *simnet.Shaper
	delay     time.Duration // of up
	flights   parcels
	seq       int
	flows     []*flow
	waited    []time.Duration // by each datagram up, in the queue and by jitter
	waitedAt  []time.Duration
	largest   int // datagrams larger than that vanish; 0: none
	largestUp int // that came
}

// flow is one session: what is sent from a client to its server.
type flow struct {
	road     *road
	from, to *session.Endpoint
	conn     *session.Conn
	greedy   bool   // always has bulk to send
	size     int    // of a message of bulk
	message  []byte // the last, whose room the next uses
	arrived  []arrival
	late     map[int][]time.Duration // by channel, above the path's delay, of messages that carry their time
}

type arrival struct {
	at   time.Duration
	size int
}

type parcel struct {
	at   time.Duration
	seq  int
	to   *session.Endpoint
	data []byte
}

type parcels []parcel

func (p parcels) Len() int { return len(p) }
func (p parcels) Less(i, j int) bool {
	return p[i].at < p[j].at || p[i].at == p[j].at && p[i].seq < p[j].seq
}
func (p parcels) Swap(i, j int) { p[i], p[j] = p[j], p[i] }
func (p *parcels) Push(x any)   { *p = append(*p, x.(parcel)) }
func (p *parcels) Pop() any     { x := (*p)[len(*p)-1]; *p = (*p)[:len(*p)-1]; return x }

// The channels of a flow.
const (
	chanBulk = iota
	chanOrdered
	chanLoose
)

func newRoad(t testing.TB, seed uint64, up, down string) *road {
	t.Helper()
	r := &road{t: t, now: time.Second}
	for i, s := range []string{up, down} {
		c, err := simnet.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			r.up, r.delay = simnet.NewShaper(c, seed), c.Delay
		} else {
			r.down = simnet.NewShaper(c, seed+1000)
		}
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	})
	return r
}

// enter makes a session on the road.
func (r *road) enter(change ...func(c *session.Config)) *flow {
	r.t.Helper()
	f := &flow{road: r, size: 16 << 10, late: make(map[int][]time.Duration)}
	for i, e := range []**session.Endpoint{&f.from, &f.to} {
		cfg := session.Config{App: "road", Secret: [32]byte{byte(i + 1), byte(len(r.flows))}, Channels: []session.Channel{
			{Kind: session.Bulk, MaxQueue: 4 << 20},
			{Kind: session.ReliableOrdered, Redundancy: 2},
			{Kind: session.Unreliable, MaxMessage: 4 << 10},
		}}
		for _, c := range change {
			c(&cfg)
		}
		var err error
		if *e, err = session.NewEndpoint(cfg); err != nil {
			r.t.Fatal(err)
		}
	}
	f.to.Listen(true)
	var err error
	if f.conn, err = f.from.Dial(r.now, session.Path{Carrier: session.UDP, Addr: receiverAddr}); err != nil {
		r.t.Fatal(err)
	}
	r.flows = append(r.flows, f)
	for end := r.now + 5*time.Second; !f.conn.Opened(); {
		if r.now >= end {
			r.t.Fatal("no session")
		}
		r.run(10 * time.Millisecond)
	}
	return f
}

// send sends a message of size bytes that carries its time.
func (f *flow) send(channel, size int) {
	f.road.t.Helper()
	f.message = slices.Grow(f.message[:0], max(size, 8))[:size]
	binary.LittleEndian.PutUint64(f.message[:8], uint64(f.road.now))
	if err := f.conn.Send(f.road.now, channel, f.message); err != nil {
		f.road.t.Fatal(err)
	}
}

// fill keeps bulk queued, half a megabyte of it.
func (f *flow) fill() {
	if !f.greedy {
		return
	}
	for queued := f.conn.Stats().QueuedBytes; queued < 512<<10; queued += f.size {
		f.send(chanBulk, f.size)
	}
}

func (f *flow) flush() {
	var buf [session.MaxRecordSize]byte
	r := f.road
	for n, _ := f.from.Transmit(r.now, buf[:]); n > 0; n, _ = f.from.Transmit(r.now, buf[:]) {
		fate := r.carry(r.up, f.to, buf[:n])
		if fate.Copies > 0 {
			r.largestUp = max(r.largestUp, n)
			r.waited = append(r.waited, fate.At[0]-r.now-r.delay)
			r.waitedAt = append(r.waitedAt, r.now)
		}
	}
	for n, _ := f.to.Transmit(r.now, buf[:]); n > 0; n, _ = f.to.Transmit(r.now, buf[:]) {
		r.carry(r.down, f.from, buf[:n])
	}
}

func (r *road) carry(s *simnet.Shaper, to *session.Endpoint, b []byte) simnet.Fate {
	if r.largest > 0 && len(b) > r.largest {
		return simnet.Fate{}
	}
	fate := s.Admit(r.now, len(b))
	for i := range fate.Copies {
		r.seq++
		heap.Push(&r.flights, parcel{fate.At[i], r.seq, to, slices.Clone(b)})
	}
	return fate
}

// run lets d pass.
func (r *road) run(d time.Duration) {
	end := r.now + d
	for {
		next := end
		for _, f := range r.flows {
			f.fill()
			f.flush()
			for _, ep := range []*session.Endpoint{f.from, f.to} {
				if at, ok := ep.NextTimeout(); ok {
					next = min(next, at)
				}
			}
		}
		if len(r.flights) > 0 {
			next = min(next, r.flights[0].at)
		}
		if r.now = max(r.now, next); r.now >= end {
			return
		}
		for len(r.flights) > 0 && r.flights[0].at <= r.now {
			p := heap.Pop(&r.flights).(parcel)
			p.to.Receive(r.now, r.cameFrom(p.to), p.data)
		}
		for _, f := range r.flows {
			f.from.Advance(r.now)
			f.to.Advance(r.now)
			f.take()
		}
	}
}

func (r *road) cameFrom(to *session.Endpoint) session.Path {
	for _, f := range r.flows {
		if f.to == to {
			return session.Path{Carrier: session.UDP, Addr: senderAddr}
		}
	}
	return session.Path{Carrier: session.UDP, Addr: receiverAddr}
}

func (f *flow) take() {
	for ev, ok := f.to.Event(); ok; ev, ok = f.to.Event() {
		if ev.Kind != session.Message {
			continue
		}
		f.arrived = append(f.arrived, arrival{f.road.now, len(ev.Data)})
		sent := time.Duration(binary.LittleEndian.Uint64(ev.Data))
		f.late[ev.Channel] = append(f.late[ev.Channel], f.road.now-sent-f.road.delay)
	}
	for _, ok := f.from.Event(); ok; _, ok = f.from.Event() {
	}
}

// goodput returns how many bytes of messages arrived per second from one time to another.
func (f *flow) goodput(from, to time.Duration) float64 {
	n := 0
	for _, a := range f.arrived {
		if a.at >= from && a.at < to {
			n += a.size
		}
	}
	return float64(n) / (to - from).Seconds()
}

// queueing returns a quantile of the time that datagrams waited that were sent since.
func (r *road) queueing(since time.Duration, q float64) time.Duration {
	i, _ := slices.BinarySearch(r.waitedAt, since)
	return quantile(r.waited[i:], q)
}

func quantile(d []time.Duration, q float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	d = slices.Sorted(slices.Values(d))
	return d[int(q*float64(len(d)-1))]
}
