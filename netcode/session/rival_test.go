package session_test

import (
	"testing"
	"time"
)

// rival is a flow that is controlled by loss alone, as TCP's with NewReno (RFC 5681): its window grows by a datagram per round
// trip until one is lost, then it is halved. So it fills whatever queue there is.
type rival struct {
	road   *road
	window float64 // datagrams
	flying []ack   // in the order in which they were sent
	halved time.Duration
	got    int // bytes that arrived
}

type ack struct {
	at, sent time.Duration
	lost     bool
}

const rivalSize = 1448

func (v *rival) step() {
	now := v.road.now
	for len(v.flying) > 0 && v.flying[0].at <= now {
		switch a := v.flying[0]; {
		case !a.lost:
			v.got += rivalSize
			v.window += 1 / v.window
		case a.sent >= v.halved: // once for each window
			v.window, v.halved = max(2, v.window/2), now
		}
		v.flying = v.flying[1:]
	}
	last := now
	for len(v.flying) < int(v.window) {
		fate := v.road.up.Admit(now, rivalSize)
		if fate.Copies > 0 {
			last = fate.At[0] + v.road.delay
		} else if n := len(v.flying); n > 0 {
			last = max(last, v.flying[n-1].at) // known from the one before it
		} else {
			last = now + 2*v.road.delay
		}
		v.flying = append(v.flying, ack{last, now, fate.Copies == 0})
		if fate.Copies == 0 {
			return
		}
	}
}

// besideRival lets a session with bulk to send and a rival share a path and returns what of it each used, and what half of the datagrams waited.
func besideRival(t testing.TB, way string) (ours, theirs float64, queue time.Duration) {
	r := newRoad(t, 1, way, "delay=25ms")
	f := r.enter()
	f.greedy = true
	v := &rival{road: r, window: 10}
	play := func(d time.Duration) {
		for end := r.now + d; r.now < end; r.run(time.Millisecond) {
			v.step()
		}
	}
	play(10 * time.Second)
	start, before := r.now, v.got
	play(20 * time.Second)
	rate := float64(r.up.Conditions().Rate)
	return f.goodput(start, r.now) / rate, float64(v.got-before) / (r.now - start).Seconds() / rate, r.queueing(start, 0.5)
}

// Beside a flow that fills the queue a session that keeps it short has little, but never nothing; it takes nothing from the flow that
// it could not use. docs/tuning.md has the figures.
func TestBesideAFlowThatFillsTheQueue(t *testing.T) {
	for _, c := range []struct {
		way   string
		least float64
	}{
		{"rate=8mbit,queue=65ms,delay=25ms", 0.03},
		{"rate=8mbit,queue=10ms,delay=25ms", 0.1},
		{"rate=8mbit,queue=200ms,delay=25ms", 0.03},
	} {
		ours, theirs, queue := besideRival(t, c.way)
		t.Logf("%s: the session has %.0f %% of the rate, the other flow %.0f %%; half of the datagrams wait %v", c.way, 100*ours, 100*theirs, queue)
		if ours < c.least || theirs < 0.1 || ours+theirs < 0.85 {
			t.Errorf("%s: the session has %.1f %% of the rate, the other flow %.1f %%", c.way, 100*ours, 100*theirs)
		}
	}
}
