package client_test

import (
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode/simnet"
)

// A frame of a whole match, with the server and the network, allocates nothing once all has grown.
func TestAdvanceAllocatesNothing(t *testing.T) {
	m := newMatch(t, 11, "delay=50ms", 0)
	s := m.join(2, simnet.Conditions{Delay: 50 * time.Millisecond}, client.Config{ProbeEvery: -1})
	s.play = func(i int) move { return move{Dx: int8(1 - 2*(i/30%2)), Ray: true} }
	m.run(10 * time.Second)
	allocs := testing.AllocsPerRun(600, func() {
		m.run(time.Second / 60)
		s.ViewAt(m.net.Now())
	})
	if allocs != 0 {
		t.Errorf("%v allocations per frame", allocs)
	}
}

// Nor does one in which the player and another shoot and are heard, but for what the library allocates to read each event.
func TestAdvanceWithEventsAllocatesNothing(t *testing.T) {
	m := newMatchOf(t, eventGame(), 13, "delay=50ms", 0)
	for i := range byte(2) {
		s := m.join(i+2, simnet.Conditions{Delay: 50 * time.Millisecond}, client.Config{ProbeEvery: -1})
		s.play = func(n int) move { return move{Dx: int8(1 - 2*(n/30%2)), Shoot: true} }
	}
	m.run(10 * time.Second)
	before := m.seats[0].Stats().Events
	allocs := testing.AllocsPerRun(600, func() {
		m.run(time.Second / 60)
		m.seats[0].ViewAt(m.net.Now())
	})
	shown := m.seats[0].Stats().Events.Shown - before.Shown
	if allocs != 0 || shown < 100 {
		t.Errorf("%v allocations per frame, %d events shown", allocs, shown)
	}
}

func BenchmarkAdvance(b *testing.B) {
	m := newMatch(b, 12, "delay=50ms", 1)
	s := m.seats[0]
	s.play = func(i int) move { return move{Dx: int8(1 - 2*(i/30%2)), Ray: true} }
	m.run(10 * time.Second)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		s.next = 1 << 62
		m.run(time.Second / 60)
		b.StartTimer()
		s.Advance(m.net.Now(), move{Dx: 1})
		s.ViewAt(m.net.Now())
	}
}
