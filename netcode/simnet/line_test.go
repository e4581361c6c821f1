package simnet

import "testing"

func TestLineDoesNotAllocate(t *testing.T) {
	l := newLine(newClock(), Conditions{Jitter: us, Duplicate: 0.5}, 1)
	buf := make([]byte, 1200)
	never := make(chan struct{})
	step := func() {
		l.put(alice, buf)
		for range len(l.flights.heap) {
			l.take(buf, never)
		}
	}
	step()
	step()
	if allocs := testing.AllocsPerRun(500, step); allocs != 0 {
		t.Errorf("%v allocations per datagram, want 0", allocs)
	}
}
