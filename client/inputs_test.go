package client

import (
	"testing"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
	"pgregory.net/rapid"
)

func TestUnsentCommands(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c commands[int]
		tick := rapid.Int64Range(1, 1<<33).Draw(t, "first")
		c.acked = tick - 1
		start := tick // of the newest run without a gap
		for range rapid.IntRange(1, 300).Draw(t, "ticks") {
			if rapid.IntRange(0, 20).Draw(t, "gap") == 0 {
				tick += 5
				start = tick
			}
			c.put(tick, int(tick%1000), uint16(tick%7))
			tick++
		}
		c.acked = max(c.acked, c.newest-rapid.Int64Range(-3, 200).Draw(t, "unacked"))
		got := c.unsent()
		want := max(1, min(c.newest-c.acked, replica.MaxCommands, c.newest-start+1))
		if int64(len(got)) != want {
			t.Fatalf("newest %d, server has %d, run from %d: %d commands, want %d", c.newest, c.acked, start, len(got), want)
		}
		for i, cmd := range got {
			tick := c.newest - int64(len(got)-1-i)
			if cmd.Tick != sim.Tick(tick) || cmd.Input != int(tick%1000) || cmd.View != uint16(tick%7) {
				t.Fatalf("command %d is %+v, want that of tick %d", i, cmd, tick)
			}
		}
	})
}

// What the server does when an input is missing, the replay does too.
func TestEffectiveCommand(t *testing.T) {
	var c commands[int]
	c.put(10, 100, 0)
	c.put(11, 110, 0)
	c.put(20, 200, 0)
	for tick, want := range map[int64]int{9: 0, 10: 100, 11: 110, 12: 110, 14: 110, 15: 0, 19: 0, 20: 200, 23: 200, 24: 0} {
		got := 0
		if cmd := c.effective(tick); cmd != nil {
			got = cmd.Input
		}
		if got != want {
			t.Errorf("tick %d: input %d, want %d", tick, got, want)
		}
	}
}

func TestViewOf(t *testing.T) {
	for _, c := range []struct {
		tick int64
		pos  float64
		want uint16
	}{{100, 100, 0}, {100, 97.5, 80}, {100, 101, 0}, {100, 99.99, 0}, {100, 99.97, 1}, {10000, 0, 65535}} {
		if got := viewOf(c.tick, c.pos); got != c.want {
			t.Errorf("viewOf(%d, %v) = %d, want %d", c.tick, c.pos, got, c.want)
		}
	}
}
