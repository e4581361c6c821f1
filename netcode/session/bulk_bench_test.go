package session

import (
	"math"
	"testing"
	"time"
)

func TestNoKindAllocatesInSteadyTraffic(t *testing.T) {
	for channel := range 6 {
		for _, size := range []int{40, 3000} {
			l := newLoop(t, everyKind)
			up, down := make([]byte, 40), make([]byte, size)
			for range 100 {
				l.tick(channel, up, down)
			}
			if n := testing.AllocsPerRun(200, func() { l.tick(channel, up, down) }); n != 0 {
				t.Errorf("%v, %d bytes: %v allocations per beat", l.client.Kind(channel), size, n)
			}
		}
	}
	l := newLoop(t, everyKind, func(c, s *Config) { c.Rate = math.MaxInt32 })
	l.lose = 97
	msg := make([]byte, 20_000)
	for range 30 { // until rings and buffers have their size; what is lost together seldom makes them grow once more
		l.bulk(t, msg)
	}
	if n := testing.AllocsPerRun(20, func() { l.bulk(t, msg) }); n != 0 {
		t.Errorf("%v allocations per MiB of bulk with losses", n)
	}
}

// BenchmarkBulk is one direction of a Bulk channel from memory to memory: both ends of the session, no sockets.
// The clock advances by 1 ms for each MiB.
func BenchmarkBulk(b *testing.B) {
	for _, how := range []struct {
		name       string
		size, lose int // of so many datagrams one is lost; 0: none
	}{{"1000B", 1000, 0}, {"64KiB", MaxMessage, 0}, {"64KiB,loss", MaxMessage, 97}} {
		b.Run(how.name, func(b *testing.B) {
			l := newLoop(b, everyKind, func(c, s *Config) { c.Rate = math.MaxInt32 })
			l.lose = how.lose
			msg := make([]byte, how.size)
			for range 200 {
				l.bulk(b, msg)
			}
			b.SetBytes(1 << 20)
			b.ReportAllocs()
			for b.Loop() {
				l.bulk(b, msg)
			}
		})
	}
}

// bulk brings a MiB of messages over.
func (l *loop) bulk(t testing.TB, msg []byte) {
	for left := 1 << 20; left > 0; {
		for left > 0 && l.cc.Send(l.now, onBulk, msg) == nil {
			left -= len(msg)
		}
		l.pump(l.client, l.server, clientAddr)
		l.now += time.Millisecond
		drain(l.server)
		l.pump(l.server, l.client, serverAddr)
		l.client.Advance(l.now)
		l.server.Advance(l.now)
		drain(l.client)
	}
}
