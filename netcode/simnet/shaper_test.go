package simnet

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// about checks a count against a binomial distribution: 5 standard deviations around the mean. Seeds
// are fixed, so a test that passes once passes always.
func about(t *testing.T, what string, got uint64, n int, p float64) {
	t.Helper()
	mean, dev := float64(n)*p, math.Sqrt(float64(n)*p*(1-p))
	if math.Abs(float64(got)-mean) > 5*dev {
		t.Errorf("%s: %d of %d, want %.0f +- %.0f", what, got, n, mean, 5*dev)
	}
}

func TestRatesAreAsAskedFor(t *testing.T) {
	const n = 100_000
	for seed := uint64(1); seed <= 3; seed++ {
		t.Logf("seed %d", seed)
		c := Conditions{Delay: 20 * ms, Loss: 0.05, Duplicate: 0.02, Reorder: 0.03, Corrupt: 0.01}
		s := NewShaper(c, seed)
		for i := range n {
			s.Admit(time.Duration(i)*ms, 100)
		}
		st := s.Stats()
		about(t, "lost", st.Lost, n, c.Loss)
		arrive := int(n - st.Lost)
		about(t, "duplicated", st.Duplicated, arrive, c.Duplicate)
		about(t, "held back", st.Held, arrive, c.Reorder)
		about(t, "corrupted", st.Corrupted, arrive, c.Corrupt)
	}
}

func TestLossIsIndependent(t *testing.T) {
	const n, p = 200_000, 0.1
	s := NewShaper(Conditions{Loss: p}, 5)
	pairs, before := uint64(0), false
	for range n {
		gone := s.Admit(0, 1).Copies == 0
		if gone && before {
			pairs++
		}
		before = gone
	}
	about(t, "two losses in a row", pairs, n, p*p)
}

func TestJitterIsUniformAndReorders(t *testing.T) {
	const n, bins = 100_000, 10
	c := Conditions{Delay: 20 * ms, Jitter: 30 * ms}
	s := NewShaper(c, 9)
	var hist [bins]uint64
	for i := range n {
		now := time.Duration(i) * 16 * ms
		late := s.Admit(now, 100).At[0] - now - c.Delay
		if late < 0 || late > c.Jitter {
			t.Fatalf("jitter of %v, want 0 to %v", late, c.Jitter)
		}
		hist[min(int(late*bins/c.Jitter), bins-1)]++
	}
	for _, h := range hist {
		about(t, "in a tenth of the jitter", h, n, 1.0/bins)
	}
	if s.Stats().Overtook == 0 {
		t.Error("30 ms of jitter reordered nothing at 60 Hz")
	}
	far := NewShaper(c, 9)
	for i := range 1000 {
		far.Admit(time.Duration(i)*31*ms, 100)
	}
	if far.Stats().Overtook != 0 {
		t.Error("datagrams further apart than the jitter overtook each other")
	}
}

func TestReorderLetsLaterOnesOvertake(t *testing.T) {
	s := NewShaper(Conditions{Delay: 10 * ms, Reorder: 0.1, ReorderBy: 50 * ms}, 3)
	for i := range 1000 {
		now := time.Duration(i) * 10 * ms
		held := s.Stats().Held
		f := s.Admit(now, 1)
		want := now + 10*ms
		if s.Stats().Held > held {
			want += 50 * ms
		}
		if f.At[0] != want {
			t.Fatalf("datagram %d arrives at %v, want %v", i, f.At[0], want)
		}
	}
	if st := s.Stats(); st.Held == 0 || st.Overtook < st.Held {
		t.Errorf("%d held back, %d overtook", st.Held, st.Overtook)
	}
}

func TestBurstsHaveTheirShareAndLength(t *testing.T) {
	const step, n = ms, 3_000_000
	want := Burst{0.1, 100 * ms}
	s := NewShaper(Conditions{Burst: want}, 11)
	down, pieces, before := 0, 0, false
	for i := range n {
		gone := s.Admit(time.Duration(i)*step, 100).Copies == 0
		if gone {
			down++
		}
		if gone && !before {
			pieces++
		}
		before = gone
	}
	share := float64(down) / n
	mean := time.Duration(down) * step / time.Duration(pieces)
	if math.Abs(share-want.Share) > 0.01 || mean < 90*ms || mean > 110*ms {
		t.Errorf("down %.3f of the time, %v a piece; want %v", share, mean, want)
	}
	if s.Stats().Burst != uint64(down) {
		t.Errorf("%d counted, %d lost", s.Stats().Burst, down)
	}
}

// Bursts run in time: they are the same for a path that carries much and one that carries little.
func TestBurstsDoNotDependOnTraffic(t *testing.T) {
	c := Conditions{Burst: Burst{0.2, 50 * ms}}
	busy, idle := NewShaper(c, 4), NewShaper(c, 4)
	for i := range 20_000 {
		now := time.Duration(i) * ms
		gone := busy.Admit(now, 1000).Copies == 0
		if i%7 == 0 && (idle.Admit(now, 10).Copies == 0) != gone {
			t.Fatalf("at %v the two differ", now)
		}
	}
}

func TestRateAndQueueAreExact(t *testing.T) {
	const rate = 100_000 // 10 us a byte
	s := NewShaper(Conditions{Delay: 5 * ms, Rate: rate, Queue: 30 * ms}, 1)
	size := 1000 - HeaderSize // 10 ms each
	for i, want := range []time.Duration{15 * ms, 25 * ms, 35 * ms, 45 * ms, 0, 0} {
		f := s.Admit(0, size)
		if want == 0 && f.Copies != 0 || want != 0 && f.At[0] != want {
			t.Errorf("datagram %d: %+v, want arrival at %v", i, f, want)
		}
	}
	if s.Stats().Overflow != 2 {
		t.Errorf("%d found the queue full, want 2", s.Stats().Overflow)
	}
	if f := s.Admit(10*ms, size); f.Copies != 1 || f.At[0] != 55*ms {
		t.Errorf("when one has left there is room for one: got %+v", f)
	}
	if f := s.Admit(time.Second, size); f.At[0] != time.Second+15*ms {
		t.Errorf("an idle link: got %+v", f)
	}
}

// Nothing is lost in rounding: n datagrams take what their bytes take, whatever the rate.
func TestRateDoesNotDrift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.IntRange(1000, maxRate).Draw(t, "rate")
		sizes := rapid.SliceOfN(rapid.IntRange(0, 1200), 1, 100).Draw(t, "sizes")
		var b bottleneck
		bytes := int64(0)
		for _, size := range sizes {
			bytes += int64(size)
			got, ok := b.pass(0, size, rate, time.Hour)
			// the exact time rounded up to a nanosecond
			want := time.Duration((bytes*int64(time.Second) + int64(rate) - 1) / int64(rate))
			if !ok || got != want {
				t.Fatalf("%d bytes at %d B/s: %v, want %v", bytes, rate, got, want)
			}
		}
	})
}

func TestOutageWindow(t *testing.T) {
	s := NewShaper(Conditions{Delay: 50 * ms}, 1)
	s.Outage(100*ms, 200*ms)
	s.Outage(150*ms, 250*ms)
	s.Outage(300*ms, 300*ms) // empty
	for i := range 400 {
		now := time.Duration(i) * ms
		down := now >= 100*ms && now < 250*ms
		if f := s.Admit(now, 1); (f.Copies == 0) != down {
			t.Fatalf("at %v: %+v", now, f)
		}
	}
	if st := s.Stats(); st.Outage != 150 || len(s.weather.outages) != 0 {
		t.Errorf("%d lost, %d outages remembered; want 150, 0", st.Outage, len(s.weather.outages))
	}
}

// traffic draws datagrams of one direction: times that do not go back, and sizes.
func traffic(t *rapid.T) (at []time.Duration, size []int) {
	now := time.Duration(0)
	for range rapid.IntRange(1, 200).Draw(t, "datagrams") {
		now += time.Duration(rapid.IntRange(0, int(40*ms)).Draw(t, "gap"))
		at = append(at, now)
		size = append(size, rapid.IntRange(0, 1200).Draw(t, "size"))
	}
	return at, size
}

func TestFatesReplayConserveAndStayInBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, seed := anyConditions().Draw(t, "conditions"), rapid.Uint64().Draw(t, "seed")
		at, size := traffic(t)
		a, b := NewShaper(c, seed), NewShaper(c, seed)
		for i := range at {
			f := a.Admit(at[i], size[i])
			if g := b.Admit(at[i], size[i]); f != g {
				t.Fatalf("datagram %d: %+v and %+v", i, f, g)
			}
			for _, arrives := range f.At[:f.Copies] {
				if arrives < at[i]+c.Delay {
					t.Fatalf("datagram %d arrives %v after it was sent, before the delay of %v", i, arrives-at[i], c.Delay)
				}
			}
			if f.Flip < -1 || f.Flip >= size[i]*8 {
				t.Fatalf("bit %d of %d bytes", f.Flip, size[i])
			}
		}
		s := a.Stats()
		if s.Sent != uint64(len(at)) || s.Sent+s.Duplicated != s.Delivered+s.Dropped() {
			t.Fatalf("not conserved: %+v", s)
		}
	})
}

// What one condition decides does not depend on the others, so that experiments can be compared.
func TestConditionsDoNotDisturbEachOther(t *testing.T) {
	plain := NewShaper(Conditions{Loss: 0.1}, 77)
	other := NewShaper(Conditions{Loss: 0.1, Jitter: 10 * ms, Duplicate: 0.2, Reorder: 0.1, Corrupt: 0.3}, 77)
	for i := range 10_000 {
		now := time.Duration(i) * ms
		if (plain.Admit(now, 100).Copies == 0) != (other.Admit(now, 100).Copies == 0) {
			t.Fatalf("datagram %d is lost on one path only", i)
		}
	}
}

// A path that silently takes less from some time on, and nothing else is different.
func TestTooLargeIsLostWithoutAWord(t *testing.T) {
	s := NewShaper(Conditions{MTU: 1452}, 1)
	arrives := func(size int) bool { return s.Admit(0, size).Copies > 0 }
	if !arrives(1452) || arrives(1453) {
		t.Error("the limit is not 1452")
	}
	s.Set(Conditions{MTU: 1200})
	if !arrives(1200) || arrives(1201) || arrives(1452) {
		t.Error("the limit is not 1200 now")
	}
	s.Set(Conditions{})
	if !arrives(9000) {
		t.Error("there is a limit though none is set")
	}
	if st := s.Stats(); st.Oversize != 3 || st.Dropped() != 3 || st.Delivered != 3 {
		t.Errorf("%+v", st)
	}
}

func TestSetChangesWhatComesNext(t *testing.T) {
	s := NewShaper(Conditions{Delay: 100 * ms}, 1)
	first := s.Admit(0, 1)
	s.Set(Conditions{Delay: 10 * ms})
	if second := s.Admit(ms, 1); first.At[0] != 100*ms || second.At[0] != 11*ms || s.Stats().Overtook != 1 {
		t.Errorf("arrivals %v and %v, %+v", first.At[0], second.At[0], s.Stats())
	}
	s.Set(Conditions{Loss: 1})
	if s.Admit(2*ms, 1).Copies != 0 || s.Conditions() != (Conditions{Loss: 1}) {
		t.Error("loss of 100 % let one through")
	}
}

func TestShaperDoesNotAllocate(t *testing.T) {
	c, _ := Parse("chaos,rate=1mbit")
	s := NewShaper(c, 1)
	s.Outage(time.Second, time.Minute)
	now := time.Duration(0)
	if allocs := testing.AllocsPerRun(1000, func() { now += ms; s.Admit(now, 500) }); allocs != 0 {
		t.Errorf("%v allocations per datagram, want 0", allocs)
	}
}
