package alarm

import (
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// both calls f with an alarm of each kind.
func both(t *testing.T, f func(t *testing.T, a *Alarm)) {
	for name, a := range map[string]*Alarm{"fine": New(), "coarse": {c: newCoarse()}} {
		t.Run(name, func(t *testing.T) {
			defer a.Close()
			f(t, a)
		})
	}
}

func TestNeverEarly(t *testing.T) {
	both(t, func(t *testing.T, a *Alarm) {
		for _, d := range []time.Duration{time.Microsecond, 3 * time.Millisecond, -time.Second, 300 * time.Microsecond} {
			start := time.Now()
			if a.Set(d); !a.Wait() || time.Since(start) < d {
				t.Errorf("rang after %v of %v", time.Since(start), d)
			}
		}
	})
}

// The last time counts, sooner or later, also for who waits already.
func TestSetAgain(t *testing.T) {
	both(t, func(t *testing.T, a *Alarm) {
		rang := make(chan time.Time)
		go func() {
			for a.Wait() {
				rang <- time.Now()
			}
			close(rang)
		}()
		start := time.Now()
		a.Set(time.Hour)
		a.Set(time.Millisecond)
		<-rang
		a.Set(time.Millisecond)
		a.Set(20 * time.Millisecond)
		if at := <-rang; at.Sub(start) < 20*time.Millisecond {
			t.Errorf("rang after %v", at.Sub(start))
		}
		a.Set(time.Hour)
		a.Close()
		if _, more := <-rang; more {
			t.Error("rang when it was closed")
		}
	})
}

func TestAllocs(t *testing.T) {
	both(t, func(t *testing.T, a *Alarm) {
		if n := testing.AllocsPerRun(100, func() { a.Set(time.Microsecond); a.Wait() }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}
