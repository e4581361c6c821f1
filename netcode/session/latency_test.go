package session_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/simnet"
)

// headers is what IPv4 and UDP add to a datagram, in bytes.
const headers = simnet.HeaderSize

// oneWay is a sender and a receiver of reliable messages over a simulated path in virtual time.
type oneWay struct {
	net      *simnet.Net
	from, to *session.Endpoint
	conn     *session.Conn
	wire     int // bytes both ways, with headers
	sentAt   []time.Duration
	late     []time.Duration // per message, above the path's own delay
	delay    time.Duration

	onMessage func(session.Event) // if set, instead of what take does
	buf       [session.MaxRecordSize]byte
}

var (
	senderAddr   = netip.MustParseAddrPort("10.0.0.2:1")
	receiverAddr = netip.MustParseAddrPort("10.0.0.1:1")
)

func newOneWay(b *testing.B, conditions string, redundancy int, seed uint64) *oneWay {
	return newPath(b, conditions, seed, session.Config{App: "latency", Channels: []session.Channel{{Kind: session.ReliableOrdered, Redundancy: redundancy}}})
}

func newPath(b *testing.B, conditions string, seed uint64, cfg session.Config) *oneWay {
	b.Helper()
	way, err := simnet.Parse(conditions)
	if err != nil {
		b.Fatal(err)
	}
	o := &oneWay{net: simnet.New(seed), delay: way.Delay}
	o.net.Connect(senderAddr, receiverAddr, way, way)
	for _, e := range []**session.Endpoint{&o.from, &o.to} {
		cfg.Secret[0]++
		if *e, err = session.NewEndpoint(cfg); err != nil {
			b.Fatal(err)
		}
	}
	o.to.Listen(true)
	if o.conn, err = o.from.Dial(0, session.Path{Carrier: session.UDP, Addr: receiverAddr}); err != nil {
		b.Fatal(err)
	}
	o.run(2 * time.Second)
	if !o.conn.Opened() {
		b.Fatal("no session")
	}
	return o
}

func (o *oneWay) flush(ep *session.Endpoint, from netip.AddrPort) {
	for n, to := ep.Transmit(o.net.Now(), o.buf[:]); n > 0; n, to = ep.Transmit(o.net.Now(), o.buf[:]) {
		o.wire += n + headers
		o.net.Send(from, to.Addr, o.buf[:n])
	}
}

// run lets time pass until end.
func (o *oneWay) run(end time.Duration) {
	for o.net.Now() < end {
		o.flush(o.from, senderAddr)
		o.flush(o.to, receiverAddr)
		next := end
		for _, ep := range []*session.Endpoint{o.from, o.to} {
			if at, ok := ep.NextTimeout(); ok {
				next = min(next, at)
			}
		}
		if p, ok := o.net.Next(max(next, o.net.Now())); ok {
			ep := o.from
			if p.To == receiverAddr {
				ep = o.to
			}
			ep.Receive(p.At, session.Path{Carrier: session.UDP, Addr: p.From}, p.Data)
		}
		o.from.Advance(o.net.Now())
		o.to.Advance(o.net.Now())
		o.take()
	}
}

// take notes how late the messages are that arrived.
func (o *oneWay) take() {
	for ev, ok := o.to.Event(); ok; ev, ok = o.to.Event() {
		switch {
		case ev.Kind != session.Message:
		case o.onMessage != nil:
			o.onMessage(ev)
		default:
			i := binary.LittleEndian.Uint32(ev.Data)
			o.late = append(o.late, o.net.Now()-o.sentAt[i]-o.delay)
		}
	}
	for _, ok := o.from.Event(); ok; _, ok = o.from.Event() {
	}
}

// BenchmarkReliableLatency is the table of docs/tuning.md: 100 bytes, reliable and ordered, 60 times a
// second in one direction over a path of 25 ms each way, two virtual minutes per seed. It reports how much
// later than the path's own delay messages were delivered, in order, and the IP bytes of both
// directions per message. The time per op means nothing.
func BenchmarkReliableLatency(b *testing.B) {
	for _, loss := range []string{"0%", "2%", "5%", "10%", "20%", "burst"} {
		conditions := "delay=25ms,loss=" + loss
		if loss == "burst" {
			conditions = "delay=25ms,burst=5%/60ms"
		}
		for _, redundancy := range []int{session.Frugal, 0, 2, session.All} {
			b.Run(fmt.Sprintf("loss=%s/repeat=%d", loss, redundancy), func(b *testing.B) {
				var late []time.Duration
				wire, messages := 0, 0
				for b.Loop() {
					o := newOneWay(b, conditions, redundancy, uint64(messages)+1)
					before := o.wire
					msg := make([]byte, 100)
					const beat = time.Second / 60
					for i := range 2 * 60 * 60 {
						binary.LittleEndian.PutUint32(msg, uint32(i))
						o.sentAt = append(o.sentAt, o.net.Now())
						if err := o.conn.Send(o.net.Now(), 0, msg); err != nil {
							b.Fatal(err)
						}
						o.run(2*time.Second + time.Duration(i+1)*beat)
					}
					o.run(o.net.Now() + 5*time.Second)
					if len(o.late) != len(o.sentAt) {
						b.Fatalf("%d of %d messages arrived", len(o.late), len(o.sentAt))
					}
					late = append(late, o.late...)
					wire += o.wire - before
					messages += len(o.sentAt)
				}
				slices.Sort(late)
				for _, q := range []struct {
					at   float64
					name string
				}{{0.5, "p50_ms"}, {0.99, "p99_ms"}, {0.999, "p99.9_ms"}} {
					b.ReportMetric(float64(late[int(q.at*float64(len(late)-1))])/1e6, q.name)
				}
				b.ReportMetric(float64(wire)/float64(messages), "IP_B/msg")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
