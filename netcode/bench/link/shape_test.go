package link

import (
	"testing"
	"time"
)

// offer sends packets of a size at a regular pace and returns when each came out; 0 where it did not.
func offer(d *direction, packets, size int, apart time.Duration) []time.Duration {
	out := make([]time.Duration, packets)
	for i := range out {
		if due, ok := d.take(time.Duration(i)*apart, size); ok {
			out[i] = due
		}
	}
	return out
}

func TestLossIsThatOfTheSeed(t *testing.T) {
	const packets = 20000
	shape := Shape{Delay: 25 * time.Millisecond, Loss: 0.05}
	fast := offer(newDirection(shape, 1, 0), packets, 100, time.Millisecond)
	slow := offer(newDirection(shape, 1, 0), packets, 1000, time.Second)
	other := offer(newDirection(shape, 2, 0), packets, 100, time.Millisecond)
	lost, same := 0, 0
	for i := range fast {
		if (fast[i] == 0) != (slow[i] == 0) {
			t.Fatalf("packet %d met another fate at another time and size", i)
		}
		if fast[i] == 0 {
			lost++
			if other[i] == 0 {
				same++
			}
		} else if want := time.Duration(i)*time.Millisecond + shape.Delay; fast[i] != want {
			t.Fatalf("packet %d came out at %v, want %v", i, fast[i], want)
		}
	}
	if share := float64(lost) / packets; share < 0.045 || share > 0.055 {
		t.Errorf("lost %.3f, want about 0.05", share)
	}
	if same > lost/4 {
		t.Errorf("%d of %d losses are those of another seed", same, lost)
	}
}

func TestOutagesTakeTheirShareOfTime(t *testing.T) {
	const packets = 2_000_000
	out := offer(newDirection(Shape{Outage: 0.05, Mean: 60 * time.Millisecond, Delay: 1}, 3, 1), packets, 100, time.Millisecond)
	lost, spells := 0, 0
	for i, due := range out {
		if due != 0 {
			continue
		}
		lost++
		if i == 0 || out[i-1] != 0 {
			spells++
		}
	}
	if share := float64(lost) / packets; share < 0.045 || share > 0.055 {
		t.Errorf("lost %.3f, want about 0.05", share)
	}
	if mean := float64(lost) / float64(spells); mean < 50 || mean > 70 {
		t.Errorf("an outage lasts %.0f ms, want about 60", mean)
	}
}

func TestRateAndQueue(t *testing.T) {
	d := newDirection(Shape{Rate: 8e6, Queue: 10_000, Delay: 5 * time.Millisecond}, 1, 0) // 1000 B a millisecond
	for i := range 15 {
		due, ok := d.take(0, 1000)
		switch {
		case ok != (i < 10):
			t.Errorf("packet %d: taken = %t", i, ok)
		case ok && due != time.Duration(i+6)*time.Millisecond:
			t.Errorf("packet %d comes out at %v, want %d ms", i, due, i+6)
		}
	}
	if due, ok := d.take(time.Second, 1000); !ok || due != time.Second+6*time.Millisecond {
		t.Errorf("an idle link lets a packet out at %v, %t", due, ok)
	}
	if c := d.count; c.Packets != 16 || c.Bytes != 16_000 || c.Dropped != 5 || c.Lost != 0 {
		t.Errorf("counted %+v", c)
	}
}

func TestFlightsLandInOrder(t *testing.T) {
	var f flights
	for i, due := range []time.Duration{5, 1, 3, 1} {
		f.add(due, i, []byte{byte(i)})
	}
	for _, want := range []int{1, 3, 2, 0} {
		p := f.land()
		if p.to != want || p.bytes[0] != byte(want) {
			t.Errorf("landed %d, want %d", p.to, want)
		}
		f.recycle(p.bytes)
	}
	if _, ok := f.next(); ok {
		t.Error("something is still on its way")
	}
}
