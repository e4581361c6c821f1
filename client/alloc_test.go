package client_test

import (
	"testing"
	"time"

	"github.com/halftick/halftick/client"
)

// A frame of a whole match, with the server and the network, allocates nothing once all has grown.
func TestAdvanceAllocatesNothing(t *testing.T) {
	m := newMatch(t, 11, "delay=50ms", 0)
	s := m.JoinAs(client.Config{ProbeEvery: -1}, nil)
	s.Play = by(func(i int) move { return move{Dx: int8(1 - 2*(i/30%2)), Ray: true} })
	m.Run(10 * time.Second)
	allocs := testing.AllocsPerRun(600, func() {
		m.Run(time.Second / 60)
		s.ViewAt(m.Now())
	})
	if allocs != 0 {
		t.Errorf("%v allocations per frame", allocs)
	}
}

// Nor does one in which the player and another shoot and are heard, but for what the library allocates to read each event.
func TestAdvanceWithEventsAllocatesNothing(t *testing.T) {
	m := newMatchOf(t, eventGame(), 13, "delay=50ms", 0)
	for range 2 {
		s := m.JoinAs(client.Config{ProbeEvery: -1}, nil)
		s.Play = by(func(n int) move { return move{Dx: int8(1 - 2*(n/30%2)), Shoot: true} })
	}
	m.Run(10 * time.Second)
	before := m.Players[0].Stats().Events
	allocs := testing.AllocsPerRun(600, func() {
		m.Run(time.Second / 60)
		m.Players[0].ViewAt(m.Now())
	})
	shown := m.Players[0].Stats().Events.Shown - before.Shown
	if allocs != 0 || shown < 100 {
		t.Errorf("%v allocations per frame, %d events shown", allocs, shown)
	}
}

func BenchmarkAdvance(b *testing.B) {
	m := newMatch(b, 12, "delay=50ms", 1)
	s := m.Players[0]
	s.Play = by(func(i int) move { return move{Dx: int8(1 - 2*(i/30%2)), Ray: true} })
	m.Run(10 * time.Second)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		s.Stall(time.Hour)
		m.Run(time.Second / 60)
		b.StartTimer()
		s.Advance(m.Now(), move{Dx: 1})
		s.ViewAt(m.Now())
	}
}
