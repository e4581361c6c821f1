package client

import (
	"math/rand/v2"
	"testing"
	"time"
)

// arrivals feeds snapshots of a server that makes a share of its 60 ticks a second.
func arrivals(p *pace, share float64, seconds int, jitter time.Duration, seen func(share float64)) {
	r := rand.New(rand.NewPCG(1, 5))
	start, first := p.began, p.tick
	for i := range int64(float64(seconds*60) * share) {
		at := start + time.Duration(float64(i)/60/share*float64(time.Second)) + time.Duration(r.Float64()*float64(jitter))
		p.arrive(at, first+i, 60)
		seen(p.share())
	}
}

func TestPace(t *testing.T) {
	for _, c := range []struct {
		share, low, high float64
		jitter           time.Duration
	}{
		{1, 1, 1, 0}, {1, 1, 1, 60 * time.Millisecond}, {0.99, 1, 1, 0}, {1.3, 1, 1, 0},
		{0.8, 0.78, 0.82, 30 * time.Millisecond}, {0.5, 0.49, 0.51, 0}, {0.01, paceLeast, paceLeast, 0},
	} {
		var p pace
		last, n := 1.0, 0
		arrivals(&p, c.share, max(60, int(20/c.share)), c.jitter, func(share float64) {
			last = share
			if n++; c.low == 1 && share != 1 {
				t.Fatalf("jitter %v: %v after %d snapshots", c.jitter, share, n)
			}
		})
		if last < c.low || last > c.high {
			t.Errorf("a server at %v of its rate, with %v of jitter, is taken to run at %v", c.share, c.jitter, last)
		}
	}
}

// A server, or a path, that stands still for a while says nothing about the pace.
func TestPaceAfterStall(t *testing.T) {
	var p pace
	steady := func(share float64) {
		if share != 1 {
			t.Fatalf("the server is taken to run at %v", share)
		}
	}
	arrivals(&p, 1, 20, 0, steady)
	p.arrive(p.began+5*time.Second, p.tick+1, 60)
	arrivals(&p, 1, 20, 0, steady)
}

func TestTimelineIsContinuous(t *testing.T) {
	var l timeline
	now, last := time.Duration(0), 0.0
	for i := range 1000 {
		if i%50 == 0 {
			l.follow(now, 60, 1-float64(i%7)/10)
		}
		now += 10 * time.Millisecond
		own := l.own(now, 60)
		if step := own - last; step < 0.6*(1-0.6)-1e-9 || step > 0.6+1e-9 {
			t.Fatalf("own time went from %v to %v in 10 ms", last, own)
		}
		last = own
	}
}
