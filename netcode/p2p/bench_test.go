package p2p

import (
	"testing"
	"time"
)

// TestAdvanceAllocatesNothing: once everything has grown, neither ticks nor rollbacks allocate.
func TestAdvanceAllocatesNothing(t *testing.T) {
	b := newBrawl(t, 9, 2, "delay=50ms,loss=5%", nil)
	b.blind = true
	b.begun()
	b.run(time.Minute)
	before := b.peers[0].Stats().Counters
	if n := testing.AllocsPerRun(5, func() { b.run(200 * time.Millisecond) }); n > 0 {
		t.Errorf("%v allocations in 12 ticks of two players", n)
	}
	if after := b.peers[0].Stats().Counters; after.Rollbacks == before.Rollbacks {
		t.Error("there was no rollback")
	}
}

// BenchmarkRollback is one frame of a player who takes 6 ticks back and computes them again.
func BenchmarkRollback(b *testing.B) {
	p := alone(b, 2)
	for range 6 {
		p.add(p.own, moves{Dx: 1})
		p.step()
	}
	b.ReportAllocs()
	for b.Loop() {
		p.wrong = 1
		p.correct()
	}
}
