package session

import (
	"testing"
	"time"
)

// contended returns a pair whose client has more to send on every channel than its rate carries, for a while.
func contended(t *testing.T, rate int, sizes []int, d time.Duration, channels ...Channel) (got []int) {
	t.Helper()
	p := connected(t, 1, link{delay: 5 * time.Millisecond}, func(c, s *Config) {
		c.Rate = rate
		c.Channels, s.Channels = channels, channels
	})
	before, end := 0, p.now+d
	for begin := p.now + 200*time.Millisecond; p.now < end; p.advance(2 * time.Millisecond) {
		if p.now < begin {
			before = len(p.server.got) // the first burst has room for all
		}
		for i := range channels {
			for n := p.client.conn.out[i].reliable.waiting.len() + p.client.conn.out[i].unreliable.queue.len(); n < 20; n++ {
				p.client.send(p, i, numbered(0, sizes[i%len(sizes)]))
			}
		}
	}
	got = make([]int, len(channels))
	for _, m := range p.server.got[before:] {
		got[m[0]] += len(m) - 1
	}
	return got
}

func TestWeightsDivideTheBytes(t *testing.T) {
	for _, sizes := range [][]int{{200}, {1000, 50}, {50, 1000}, {3000, 300}, {300, 3000}} {
		for _, kind := range []ChannelKind{Unreliable, ReliableOrdered, ReliableUnordered} {
			got := contended(t, 100_000, sizes, 4*time.Second,
				Channel{Kind: kind, Deadline: -1}, Channel{Kind: kind, Weight: 3, Deadline: -1})
			if share := float64(got[1]) / float64(got[0]+got[1]); share < 0.75*0.95 || share > 0.75*1.05 {
				t.Errorf("%v, messages of %d bytes: weights 1 and 3 got %d bytes: a share of %.3f, want 0.75", kind, sizes, got, share)
			}
		}
	}
}

func TestLowerPriorityNumbersGoFirst(t *testing.T) {
	got := contended(t, 100_000, []int{200}, 5*time.Second,
		Channel{Kind: ReliableOrdered, Priority: 1}, Channel{Kind: Unreliable, Deadline: -1}, Channel{Kind: Sequenced, Priority: 1, Weight: 1000})
	if got[0]+got[2] > got[1]/100 || got[1] < 400_000 {
		t.Errorf("priorities 1, 0 and 1 got %d bytes: want all for the second", got)
	}
}

func TestBulkYieldsAndIsNotStarved(t *testing.T) {
	for _, other := range []ChannelKind{Unreliable, ReliableOrdered} {
		got := contended(t, 200_000, []int{400, 20_000}, 20*time.Second,
			Channel{Kind: other, Deadline: -1, Priority: 100}, Channel{Kind: Bulk, Priority: -100, Weight: 1000})
		if share := float64(got[1]) / float64(got[0]+got[1]); share < 0.01 || share > 0.05 {
			t.Errorf("bulk beside %v got %d bytes, a share of %.3f: want a small one", other, got, share)
		}
	}
}

// Who had nothing to send for long has nothing to catch up on.
func TestIdleTimeIsNoCredit(t *testing.T) {
	channels := []Channel{{Kind: Unreliable, Deadline: -1}, {Kind: Unreliable, Deadline: -1}}
	p := connected(t, 1, link{delay: 5 * time.Millisecond}, func(c, s *Config) {
		c.Rate = 100_000
		c.Channels, s.Channels = channels, channels
	})
	run := func(d time.Duration, upTo int) {
		for end := p.now + d; p.now < end; p.advance(2 * time.Millisecond) {
			for i := range upTo {
				for n := p.client.conn.out[i].unreliable.queue.len(); n < 20; n++ {
					p.client.send(p, i, numbered(0, 200))
				}
			}
		}
	}
	run(5*time.Second, 1)
	before := [2]int{len(p.server.on(0)), len(p.server.on(1))}
	run(2*time.Second, 2)
	first, second := len(p.server.on(0))-before[0], len(p.server.on(1))-before[1]
	if first < second*8/10 || second < first*8/10 {
		t.Errorf("after 5 s in which one was alone the two sent %d and %d messages, want as many", first, second)
	}
}

func TestBulkAloneGetsEverything(t *testing.T) {
	p := connected(t, 1, link{delay: 5 * time.Millisecond}, everyKind, func(c, s *Config) { c.Rate = 200_000 })
	start, sent := p.now, 0
	for p.now < start+10*time.Second {
		for p.client.conn.Send(p.now, onBulk, numbered(sent, MaxMessage)) == nil {
			sent++
		}
		p.advance(10 * time.Millisecond)
	}
	if got := len(p.server.on(onBulk)) * MaxMessage; got < 9*200_000 {
		t.Errorf("bulk alone brought %d bytes in 10 s at 200 kB/s", got)
	}
}

func TestClassesAreInOrder(t *testing.T) {
	s := newSchedule([]Channel{{Kind: Bulk}, {Kind: Unreliable, Priority: 2}, {Kind: ReliableOrdered, Priority: -1},
		{Kind: Bulk, Priority: -9}, {Kind: Sequenced, Priority: 2}})
	want := [][]uint8{{2}, {1, 4}, {3}, {0}}
	if len(s.classes) != len(want) || s.bulk != 2 {
		t.Fatalf("classes %v, bulk from %d", s.classes, s.bulk)
	}
	for i := range want {
		if string(s.classes[i]) != string(want[i]) {
			t.Errorf("class %d is %v, want %v", i, s.classes[i], want[i])
		}
	}
}
