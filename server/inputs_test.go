package server

import (
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
	"pgregory.net/rapid"
)

const testPeriod = 16 * time.Millisecond

// desk is an input buffer with a server's clock: tick t is executed at t*testPeriod after the first.
type desk struct {
	buffer inputBuffer[int]
	first  sim.Tick
	done   present
}

func newDesk(first sim.Tick) *desk {
	return &desk{first: first, done: present{tick: first, period: testPeriod}}
}

// offer brings the command of tick t, whose input is the tick's number, at time at.
func (d *desk) offer(t sim.Tick, at time.Duration) {
	d.buffer.offer(&replica.Command[int]{Tick: t, View: uint16(t), Input: int(t)}, at, d.done)
}

// tick executes the next tick and returns its input; -1 is neutral.
func (d *desk) tick() int {
	d.done.tick++
	d.done.at += testPeriod
	d.buffer.next(d.done, -1)
	return d.buffer.current
}

func TestInputOffer(t *testing.T) {
	for _, c := range []struct {
		name  string
		ahead int // of the newest executed tick
		want  InputCounters
	}{
		{"next", 1, InputCounters{Accepted: 1}},
		{"window's end", inputWindow, InputCounters{Accepted: 1}},
		{"too early", inputWindow + 1, InputCounters{Early: 1}},
		{"far future", 1 << 30, InputCounters{Early: 1}},
		{"just executed", 0, InputCounters{Late: 1}},
		{"sixteen late", -16, InputCounters{Late: 1}},
		{"the ring's end", inputWindow - inputSlots + 1, InputCounters{Late: 1}},
		{"beyond the ring", inputWindow - inputSlots, InputCounters{Late: 1}},
		{"far past", -1 << 31, InputCounters{Late: 1}},
	} {
		for _, first := range []sim.Tick{100, 1<<32 - 3, 0} {
			d := newDesk(first)
			d.offer(first+sim.Tick(c.ahead), 0)
			if d.buffer.counts != c.want {
				t.Errorf("%s at tick %d: %+v, want %+v", c.name, first, d.buffer.counts, c.want)
			}
		}
	}
}

func TestInputRepeatsThenNeutral(t *testing.T) {
	d := newDesk(10)
	if got := d.tick(); got != -1 || d.buffer.counts != (InputCounters{}) {
		t.Fatalf("before the first command: input %d, %+v", got, d.buffer.counts)
	}
	d.offer(12, 0)
	for i, want := range []int{12, 12, 12, 12, -1, -1} {
		if got := d.tick(); got != want {
			t.Errorf("tick %d: input %d, want %d", 12+i, got, want)
		}
	}
	want := InputCounters{Accepted: 1, Executed: 1, Missing: 5, Repeated: maxRepeat}
	if d.buffer.counts != want {
		t.Errorf("%+v, want %+v", d.buffer.counts, want)
	}
	if d.buffer.view != 12 {
		t.Errorf("view %d did not outlive its input", d.buffer.view)
	}
	d.offer(18, 0)
	if got := d.tick(); got != 18 {
		t.Errorf("after the gap: input %d, want 18", got)
	}
}

func TestInputLateIsNeverExecuted(t *testing.T) {
	d := newDesk(20)
	d.offer(21, 0)
	d.tick()
	d.tick() // 22 is missing: repeated
	d.offer(22, d.done.at+testPeriod/2)
	if got := d.tick(); got != 21 || d.buffer.counts.Late != 1 {
		t.Errorf("input %d, %+v; want 21 repeated again and one late", got, d.buffer.counts)
	}
	d.offer(22, d.done.at)
	if d.buffer.counts.Duplicate != 1 {
		t.Errorf("%+v: the second copy of a late command is a duplicate", d.buffer.counts)
	}
}

func TestInputMargin(t *testing.T) {
	d := newDesk(100)
	d.offer(102, testPeriod/2) // used at 2 periods
	d.tick()
	d.tick()
	if got, want := d.buffer.margin, int16(viewUnits*3/2); got != want {
		t.Errorf("margin %d/32, want %d/32", got, want)
	}
	d.tick()
	d.offer(103, d.done.at+testPeriod/4)
	if got, want := d.buffer.margin, int16(-viewUnits/4); got != want {
		t.Errorf("margin of a late input %d/32, want %d/32", got, want)
	}
	if !d.buffer.missed {
		t.Error("a tick was missed, the flag is not set")
	}
}

// Whatever arrives in whatever order, each tick is executed at most once, with its own input, and
// every command and every tick is counted exactly once.
func TestInputProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk(sim.Tick(rapid.SampledFrom([]uint32{0, 500, 1<<31 - 9, 1<<32 - 20}).Draw(t, "first")))
		var offered, ticks uint64
		executed := map[sim.Tick]bool{}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			if ahead := rapid.IntRange(-70, 40).Draw(t, "ahead"); ahead <= 20 {
				d.offer(d.done.tick+sim.Tick(ahead), d.done.at)
				offered++
				continue
			}
			before := d.buffer.counts.Executed
			if d.buffer.started {
				ticks++
			}
			in := d.tick()
			if d.buffer.counts.Executed == before {
				continue
			}
			if executed[d.done.tick] || in != int(d.done.tick) {
				t.Fatalf("tick %d executed input %d, before: %v", d.done.tick, in, executed[d.done.tick])
			}
			executed[d.done.tick] = true
		}
		c := d.buffer.counts
		if sum := c.Accepted + c.Duplicate + c.Late + c.Early; sum != offered {
			t.Fatalf("%+v: %d commands counted of %d", c, sum, offered)
		}
		if c.Executed+c.Missing != ticks || c.Repeated > c.Missing || c.Executed > c.Accepted {
			t.Fatalf("%+v after %d ticks", c, ticks)
		}
	})
}

// A client whose inputs are for ticks too far ahead is told so, until they are not.
func TestEarlyInputsAreTold(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	p := m.join("hasty")
	p.script = func() { p.commands(m.server.present.tick+inputWindow+5, 1, move{}) }
	m.run(5)
	if p.header.Flags&replica.FlagEarly == 0 || m.server.Players()[0].Inputs.Early == 0 {
		t.Errorf("flags %b, %+v", p.header.Flags, m.server.Players()[0].Inputs)
	}
	p.script = nil
	m.run(5)
	if p.header.Flags&replica.FlagEarly != 0 {
		t.Errorf("flags %b although all is well", p.header.Flags)
	}
}
