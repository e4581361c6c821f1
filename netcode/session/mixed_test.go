package session_test

import (
	"testing"
	"time"
)

// BenchmarkMixed is a game and a download on one link: 200 B unreliable at 60 Hz, 64 B reliable at 10 Hz,
// both with their time above the path's own, and 1 MiB of bulk in messages of 16 KiB over and over, each 50 ms after
// the one before; 8 Mbit/s, 25 ms each way, a queue of 64 KiB, half a virtual minute per seed. The time per op means nothing.
func BenchmarkMixed(b *testing.B) {
	for _, loss := range []string{"0%", "5%"} {
		b.Run("loss="+loss, func(b *testing.B) {
			var small, loose, bulk []time.Duration
			seed := uint64(0)
			for b.Loop() {
				seed++
				way := "rate=8mbit,queue=65ms,delay=25ms,loss=" + loss
				r := newRoad(b, seed, way, way)
				f := r.enter()
				bulk = append(bulk, f.mix(30*time.Second)...)
				small = append(small, f.late[chanOrdered]...)
				loose = append(loose, f.late[chanLoose]...)
			}
			for _, m := range []struct {
				name string
				at   []time.Duration
			}{{"small", small}, {"loose", loose}, {"MiB", bulk}} {
				b.ReportMetric(float64(quantile(m.at, 0.5))/1e6, m.name+"_p50_ms")
				b.ReportMetric(float64(quantile(m.at, 0.99))/1e6, m.name+"_p99_ms")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// mix plays the mix for d and returns how long each transfer took.
func (f *flow) mix(d time.Duration) (took []time.Duration) {
	const transfer, piece = 1 << 20, 16 << 10
	r := f.road
	var start time.Duration
	next, before := r.now, 0
	for beat, end := 0, r.now+d; r.now < end; beat++ {
		f.send(chanLoose, 200)
		if beat%6 == 0 {
			f.send(chanOrdered, 64)
		}
		for until := r.now + time.Second/60; r.now < until; r.run(time.Millisecond) {
			switch done := len(f.late[chanBulk]) - before; {
			case start > 0 && done == transfer/piece:
				took = append(took, r.now-start)
				next, start = r.now+50*time.Millisecond, 0
			case start == 0 && r.now >= next:
				start, before = r.now, len(f.late[chanBulk])
				for range transfer / piece {
					f.send(chanBulk, piece)
				}
			}
		}
	}
	return took
}
