package simnet

import (
	"testing"
	"time"
)

func testLane(text string, seed uint64) *lane {
	c, err := Parse(text)
	if err != nil {
		panic(err)
	}
	return newLane(newClock(), c, seed, make(chan struct{}))
}

func TestLossStallsAStream(t *testing.T) {
	l := testLane("delay=50ms,jitter=5ms,loss=10%", 3)
	stalls, last := 0, time.Duration(0)
	for i := range 2000 {
		now := time.Duration(i) * 500 * ms // none waits for the one before
		lost := l.shaper.Stats().Lost
		took := l.arrives(now, 100) - max(now, l.tried)
		if took < 50*ms || took > 55*ms {
			t.Fatalf("segment %d takes %v from its last try", i, took)
		}
		if l.shaper.Stats().Lost > lost {
			stalls++
			if l.tried-now < minRTO+100*ms {
				t.Fatalf("segment %d was lost and sent again after %v", i, l.tried-now)
			}
		}
		if l.tried < last {
			t.Fatalf("segment %d was tried before the one ahead", i)
		}
		last = l.tried
	}
	if stalls < 150 || stalls > 250 {
		t.Errorf("%d of 2000 segments were lost, want about 200", stalls)
	}
}

func TestStreamSurvivesAnOutage(t *testing.T) {
	l := testLane("delay=50ms", 1)
	l.shaper.Outage(0, time.Second)
	// tries at 0, 300 ms, 900 ms and 2100 ms
	if at := l.arrives(0, 100); at != 2150*ms {
		t.Errorf("arrives at %v, want 2.15s", at)
	}
	if at := l.arrives(ms, 100); at != 2150*ms {
		t.Errorf("the one behind arrives at %v, want 2.15s", at)
	}
}

func TestStreamComesThroughWhateverTheConditions(t *testing.T) {
	l := testLane("delay=50ms,loss=100%", 1)
	if at := l.arrives(0, 100); at != 300*ms*(1<<(maxTries-1)-1)+50*ms {
		t.Errorf("arrives at %v", at)
	}
	if s := l.shaper.Stats(); s.Sent != maxTries-1 || s.Lost != s.Sent {
		t.Errorf("%+v", s)
	}
}

func TestRateDelaysAStream(t *testing.T) {
	l := testLane("rate=100kB/s", 1)
	size := 1000 - HeaderSize // 10 ms each
	for i := range 50 {
		if at, want := l.arrives(0, size), time.Duration(i+1)*10*ms; at != want {
			t.Fatalf("segment %d arrives at %v, want %v: nothing is dropped", i, at, want)
		}
	}
}

func TestLaneDoesNotAllocate(t *testing.T) {
	l := testLane("none", 1)
	buf := make([]byte, 1200)
	step := func() {
		_, _ = l.write(buf)
		_, _ = l.read(buf)
	}
	for range 2 * laneSegments {
		step()
	}
	if allocs := testing.AllocsPerRun(500, step); allocs != 0 {
		t.Errorf("%v allocations per segment, want 0", allocs)
	}
}
