package replica

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// What a snapshot costs beside its delta: IPv4 and UDP, a record with its acknowledgements (TestSnapshotOverhead in package server),
// and the snapshot's header.
const (
	ipUDP  = 28
	sealed = 24
	head   = 7 // in the first nine hours: the tick takes three bytes
)

func traces(tb testing.TB) []*trace {
	return []*trace{asteroidTrace(tb, 300), cubeTrace(tb, 600), arenaTrace(tb, 8, 600), arenaTrace(tb, 64, 300)}
}

// size returns the mean bytes of deltas of an age, with the older baseline gap ticks before the base; 0: none.
func (tr *trace) size(tb testing.TB, age, gap int) float64 {
	e, d := tr.s.NewEncoder(), tr.s.NewDecoder()
	got := tr.s.NewSnapshot()
	sum, n := 0, 0
	for i := 30; i < len(tr.world); i++ {
		to, base, older := tr.world[i], tr.world[i-age], (*Snapshot)(nil)
		if gap > 0 {
			older = tr.world[i-age-gap]
		}
		msg := e.Encode(nil, to, base, older)
		if err := d.Decode(got, to.Tick, base, older, msg); err != nil || !tr.s.Equal(got, to) {
			tb.Fatalf("%s tick %d: %v %s", tr.name, i, err, tr.s.Diff(to, got))
		}
		sum += len(msg)
		n++
	}
	return float64(sum) / float64(n)
}

// BenchmarkTrace encodes every tick of the traces against bases of some ages, in snapshots, and older ones of the distance that a
// server finds best, and reports what that comes to on the wire.
func BenchmarkTrace(b *testing.B) {
	for _, tr := range traces(b) {
		for _, age := range []int{1, 2, 3, 6} {
			gap := tr.bestGap(b, age)
			b.Run(fmt.Sprintf("%s/age=%d/gap=%d", tr.name, age, gap), func(b *testing.B) { tr.bench(b, age, gap) })
		}
	}
}

func (tr *trace) bestGap(tb testing.TB, age int) (best int) {
	least := math.Inf(1)
	for _, gap := range []int{1, 2, 4, 6} { // those of the server
		if n := tr.size(tb, age, gap); n < least {
			best, least = gap, n
		}
	}
	return best
}

func (tr *trace) bench(b *testing.B, age, gap int) {
	e := tr.s.NewEncoder()
	var buf []byte
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if i++; i+age+gap >= len(tr.world) {
			i = 1
		}
		buf = e.Encode(buf[:0], tr.world[i+age+gap], tr.world[i+gap], tr.world[i])
	}
	rows := 0
	for _, l := range tr.world[0].tables[1:] {
		rows += l.slots
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows), "ns/row")
	encode, decode := tr.least(age, gap)
	b.ReportMetric(encode/float64(rows), "least-ns/row")
	b.ReportMetric(decode/float64(rows), "least-decode-ns/row")
	n := tr.size(b, age, gap)
	b.ReportMetric(n, "B/snapshot")
	b.ReportMetric((n+ipUDP+sealed+head)*float64(tr.rate)/1000, "kB/s")
}

// least returns how long a snapshot is encoded and decoded, in ns, when nobody else wants the core: the mean over some ticks of the shortest
// of many times.
func (tr *trace) least(age, gap int) (encode, decode float64) {
	const ticks, runs = 20, 60
	e, d, got := tr.s.NewEncoder(), tr.s.NewDecoder(), tr.s.NewSnapshot()
	var buf []byte
	for i := range ticks {
		at := 30 + i*(len(tr.world)-30)/ticks
		to, base, older := tr.world[at], tr.world[at-age], tr.world[at-age-gap]
		encode += shortest(runs, func() { buf = e.Encode(buf[:0], to, base, older) })
		decode += shortest(runs, func() { _ = d.Decode(got, to.Tick, base, older, buf) })
	}
	return encode / ticks, decode / ticks
}

func shortest(runs int, f func()) float64 {
	best := time.Duration(math.MaxInt64)
	for range runs {
		from := time.Now()
		f()
		best = min(best, time.Since(from))
	}
	return float64(best)
}

// Every trace arrives as it was.
func TestTraces(t *testing.T) {
	for _, tr := range []*trace{asteroidTrace(t, 40), cubeTrace(t, 40), arenaTrace(t, 8, 200)} {
		tr.size(t, 1, 2)
		tr.size(t, 3, 0)
	}
}
