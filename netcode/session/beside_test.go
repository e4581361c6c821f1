package session_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/session"
)

// BenchmarkBesideBulk: a transfer of 1 MiB beside small reliable messages, 10 a second, and 200 unreliable bytes 60 times
// a second, over 8 Mbit/s and 25 ms each way, at a rate of 900 kB/s. It reports how long small messages took while the
// transfer lasted, and how long that did. The time per op means nothing.
func BenchmarkBesideBulk(b *testing.B) {
	for _, loss := range []string{"0%", "1%", "5%"} {
		for _, kind := range []session.ChannelKind{session.ReliableOrdered, session.ReliableUnordered} {
			b.Run(fmt.Sprintf("loss=%s/%v", loss, kind), func(b *testing.B) {
				var small, bulk []time.Duration
				for seed := uint64(1); b.Loop(); seed++ {
					s, t := besideBulk(b, "delay=25ms,rate=8mbit,loss="+loss, kind, seed)
					small, bulk = append(small, s...), append(bulk, t)
				}
				slices.Sort(small)
				slices.Sort(bulk)
				b.ReportMetric(float64(small[len(small)/2])/1e6, "small_p50_ms")
				b.ReportMetric(float64(small[len(small)*99/100])/1e6, "small_p99_ms")
				b.ReportMetric(bulk[len(bulk)/2].Seconds(), "bulk_p50_s")
				b.ReportMetric(bulk[len(bulk)-1].Seconds(), "bulk_max_s")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// besideBulk makes one transfer and returns how late the small messages were, above the path's delay, and its duration.
func besideBulk(b *testing.B, conditions string, kind session.ChannelKind, seed uint64) (late []time.Duration, took time.Duration) {
	b.Helper()
	const small, noise, bulk = 0, 1, 2
	o := newPath(b, conditions, seed, session.Config{App: "beside", Rate: 900_000, Channels: []session.Channel{
		small: {Kind: kind, Priority: -1}, noise: {Kind: session.Unreliable}, bulk: {Kind: session.Bulk}}})
	const beat, block, total = time.Second / 60, 32 << 10, 1 << 20
	sent, got := 0, 0
	o.onMessage = func(ev session.Event) {
		switch ev.Channel {
		case small:
			late = append(late, o.net.Now()-o.sentAt[binary.LittleEndian.Uint32(ev.Data)]-o.delay)
		case bulk:
			got += len(ev.Data)
		}
	}
	start := o.net.Now()
	for i := 0; got < total; i++ {
		for sent < total && o.conn.Send(o.net.Now(), bulk, make([]byte, block)) == nil {
			sent += block
		}
		if i%6 == 0 {
			id := binary.LittleEndian.AppendUint32(nil, uint32(len(o.sentAt)))
			o.sentAt = append(o.sentAt, o.net.Now())
			if err := o.conn.Send(o.net.Now(), small, append(id, make([]byte, 60)...)); err != nil {
				b.Fatal(err)
			}
		}
		if err := o.conn.Send(o.net.Now(), noise, make([]byte, 200)); err != nil {
			b.Fatal(err)
		}
		end := start + time.Duration(i+1)*beat
		for o.net.Now() < end && got < total {
			o.run(min(end, o.net.Now()+time.Millisecond))
		}
	}
	took = o.net.Now() - start
	o.run(o.net.Now() + 3*time.Second)
	if len(late) != len(o.sentAt) {
		b.Fatalf("%d of %d small messages arrived", len(late), len(o.sentAt))
	}
	return late, took
}
