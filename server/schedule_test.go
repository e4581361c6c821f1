package server

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestScheduleDoesNotDrift(t *testing.T) {
	s := schedule{start: 5 * time.Second, rate: 60}
	for range 60 * 3600 {
		if n, skipped := s.due(s.next()); n != 1 || skipped != 0 {
			t.Fatalf("at its deadline: %d ticks due, %v skipped", n, skipped)
		}
	}
	if got, want := s.next(), 5*time.Second+time.Hour; got != want {
		t.Errorf("an hour of ticks ends at %v, want %v", got, want)
	}
}

func TestScheduleCatchesUp(t *testing.T) {
	const period = time.Second / 50
	for _, c := range []struct {
		late    time.Duration // after the first deadline
		ticks   int
		skipped time.Duration
	}{
		{-1, 0, 0},
		{0, 1, 0},
		{period - 1, 1, 0},
		{period, 2, 0},
		{3 * period, 4, 0},
		{4*period - 1, 4, 0},
		{4 * period, 4, period},
		{5 * time.Second, 4, 5*time.Second - 3*period},
	} {
		s := schedule{rate: 50}
		ticks, skipped := s.due(c.late)
		if ticks != c.ticks || skipped != c.skipped {
			t.Errorf("%v late: %d ticks, %v skipped; want %d, %v", c.late, ticks, skipped, c.ticks, c.skipped)
		}
		if c.late >= 0 && (s.next() <= c.late || s.next() > c.late+period) {
			t.Errorf("%v late: the next tick is due %v later", c.late, s.next()-c.late)
		}
	}
}

func TestScheduleAccountsForAllTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := schedule{rate: rapid.IntRange(1, 240).Draw(t, "rate")}
		var now, skipped time.Duration
		var ticks int64
		for range 50 {
			now += time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "wait"))
			n, gone := s.due(now)
			if n > maxCatchUp {
				t.Fatalf("%d ticks at once", n)
			}
			ticks += int64(n)
			skipped += gone
		}
		period := time.Second / time.Duration(s.rate)
		if owed := now - skipped - time.Duration(ticks)*time.Second/time.Duration(s.rate); owed >= 0 || owed < -period-1 {
			t.Fatalf("rate %d: %d ticks and %v skipped of %v leave %v", s.rate, ticks, skipped, now, owed)
		}
	})
}
