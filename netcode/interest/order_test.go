package interest

import (
	"testing"

	"pgregory.net/rapid"
)

func TestLevelsRise(t *testing.T) {
	last := -1
	for v := 1; v <= 256; v++ {
		l := Level(1, uint16(v-1))
		if l < last || l >= Urgent {
			t.Fatalf("age %d has level %d after %d", v-1, l, last)
		}
		last = l
	}
	if Level(255, 65535) >= Urgent || Level(0, 9) != Level(1, 9) || Level(4, 0) <= Level(1, 0) {
		t.Errorf("levels: %d of %d for the most, %d and %d for no weight and one", Level(255, 65535), Urgent, Level(0, 9), Level(1, 9))
	}
}

// crowd is rows that all change all the time, of which some fit into each message.
type crowd struct {
	weights []uint8
	ages    []uint16
	order   Order
}

// message fills one message of a budget, in which every row costs 1, and returns how many were taken.
func (c *crowd) message(budget int) (taken int) {
	c.order.Reset()
	for i, w := range c.weights {
		c.order.Add(Level(w, c.ages[i]))
	}
	c.order.Begin()
	for i, w := range c.weights {
		if c.ages[i]++; c.order.Place(Level(w, c.ages[i]-1)) < budget {
			c.ages[i] = 0
			taken++
		}
	}
	return taken
}

// A row waits at most for all others to be told as often as their weight allows: the sum of the weights over its own
// and over what fits, within the eighth that levels are wide.
func TestNoRowWaitsForever(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "rows")
		budget := rapid.IntRange(1, 20).Draw(t, "budget")
		c := crowd{weights: make([]uint8, n), ages: make([]uint16, n)}
		sum := 0
		for i := range c.weights {
			c.weights[i] = uint8(rapid.IntRange(1, 8).Draw(t, "weight"))
			sum += int(c.weights[i])
		}
		for range 400 {
			if got := c.message(budget); got != min(budget, n) {
				t.Fatalf("%d rows in a message for %d", got, min(budget, n))
			}
			for i, w := range c.weights {
				// Each message serves budget rows; w*age of the row served last bounds that of all others.
				most := 2*sum/(int(w)*budget) + 2*n/budget + 2
				if int(c.ages[i]) > most {
					t.Fatalf("row %d of weight %d has waited for %d messages, want at most %d (%d rows, weight %d, budget %d)", i, w, c.ages[i], most, n, sum, budget)
				}
			}
		}
	})
}

func TestWeightsAreRates(t *testing.T) {
	c := crowd{weights: make([]uint8, 50), ages: make([]uint16, 50)}
	told := make([]int, 50)
	for i := range c.weights {
		c.weights[i] = 1
	}
	for i := range 10 {
		c.weights[i] = 4
	}
	for range 1000 {
		c.message(9)
		for i, age := range c.ages {
			if age == 0 {
				told[i]++
			}
		}
	}
	heavy, light := 0, 0
	for i, n := range told {
		if i < 10 {
			heavy += n
		} else {
			light += n
		}
	}
	if ratio := float64(heavy) / 10 / (float64(light) / 40); ratio < 3 || ratio > 5 {
		t.Errorf("rows of weight 4 were told %.1f times as often as those of weight 1", ratio)
	}
}

func TestOrderIsStable(t *testing.T) {
	var o Order
	levels := []int{3, Urgent, 5, 3, Urgent, 0}
	for _, l := range levels {
		o.Add(l)
	}
	o.Begin()
	want := []int{3, 0, 2, 4, 1, 5}
	for i, l := range levels {
		if got := o.Place(l); got != want[i] {
			t.Errorf("row %d of level %d is at place %d, want %d", i, l, got, want[i])
		}
	}
}

func BenchmarkOrder(b *testing.B) {
	var o Order
	b.ReportAllocs()
	for b.Loop() {
		o.Reset()
		for i := range 256 {
			o.Add(Level(1, uint16(i)))
		}
		o.Begin()
		for i := range 256 {
			o.Place(Level(1, uint16(i)))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/256, "ns/row")
}
