package arena

import (
	"fmt"
	"slices"
	"testing"

	"github.com/halftick/halftick/netcode/sim"
)

// warm returns a match of bots in full swing.
func warm(n int) *botMatch {
	m := newBotMatch(n, 1)
	m.deaf = true
	for range 60 * TickRate {
		m.play()
	}
	return m
}

// bare is one Step without the rounding to the wire's grid, which is not the rules' work.
func (m *match) bare(entries []sim.Entry[Input]) {
	m.tick++
	m.begin(entries)
	m.game.Step(&m.ctx, &m.world)
}

func TestStepAndThinkAllocateNothing(t *testing.T) {
	m := warm(8)
	m.deaf, m.heard = true, 0
	if n := testing.AllocsPerRun(1000, func() { m.think(); m.bare(m.entries) }); n != 0 {
		t.Errorf("%v allocations per tick, want 0", n)
	}
	if m.heard == 0 {
		t.Error("nothing happened")
	}
}

// BenchmarkStep replays 20 s of what bots pressed, over and over.
func BenchmarkStep(b *testing.B) {
	for _, n := range []int{8, 64} {
		b.Run(fmt.Sprintf("players=%d", n), func(b *testing.B) {
			m := warm(n)
			var tape [20 * TickRate][]sim.Entry[Input]
			for i := range tape {
				m.play()
				tape[i] = slices.Clone(m.entries)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				m.bare(tape[i%len(tape)])
			}
		})
	}
}

// BenchmarkTick is Step and the thinking of as many bots.
func BenchmarkTick(b *testing.B) {
	for _, n := range []int{8, 64} {
		b.Run(fmt.Sprintf("bots=%d", n), func(b *testing.B) {
			m := warm(n)
			b.ReportAllocs()
			for b.Loop() {
				m.think()
				m.bare(m.entries)
			}
		})
	}
}
