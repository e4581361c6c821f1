package session

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// What it costs when a session's next deadline changes, in a server all of whose sessions get a record 60 times a second, in no
// order: an acknowledgement becomes due, and once it has left the session waits for its keep-alive again.
func BenchmarkDeadline(b *testing.B) {
	for _, n := range []int{1, 100, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			rnd := rand.New(rand.NewPCG(1, 1))
			conns := make([]*Conn, n)
			var t timers
			for i := range conns {
				conns[i] = &Conn{timer: -1}
				t.set(conns[i], 5*time.Second+time.Duration(rnd.IntN(5000))*time.Millisecond, true)
			}
			order := make([]uint32, 1<<18)
			for i := range order {
				order[i] = uint32(rnd.IntN(n))
			}
			between := time.Second / time.Duration(60*n)
			now, expired := 5*time.Second, 0
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				c := conns[order[i%len(order)]]
				now += between
				t.set(c, now+5*time.Millisecond, true)
				t.set(c, now+5*time.Second, true)
				for t[0].at <= now {
					t.set(t[0].conn, now+5*time.Second, true)
					expired++
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(2*b.N+expired), "ns/change")
		})
	}
}

// The heap gives the sessions back by their deadlines, whatever was moved or taken out.
func TestTimersAreInOrder(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var ts timers
	want := map[*Conn]time.Duration{}
	conns := make([]*Conn, 300)
	for i := range conns {
		conns[i] = &Conn{timer: -1}
	}
	for range 5000 {
		c := conns[rnd.IntN(len(conns))]
		at, some := time.Duration(rnd.IntN(1000)), rnd.IntN(4) > 0
		ts.set(c, at, some)
		if delete(want, c); some {
			want[c] = at
		}
	}
	var got []time.Duration
	for len(ts) > 0 {
		c, at := ts[0].conn, ts[0].at
		if want[c] != at {
			t.Fatalf("a session waits for %v, want %v", at, want[c])
		}
		delete(want, c)
		got = append(got, at)
		ts.set(c, 0, false)
	}
	if len(want) != 0 || !slices.IsSorted(got) {
		t.Errorf("%d sessions are missing, or out of order", len(want))
	}
}
