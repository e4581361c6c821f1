package replica

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/sim"
)

// crowd is clients of one world, each of whom may know other rows than the others and has acknowledged another tick.
type crowd struct {
	s     *scene
	r     *rand.Rand
	ring  [FeedTicks]*Snapshot
	tick  sim.Tick
	comp  *Composer
	feeds []*Feed
	view  *sim.View
	buf   []byte
	took  []time.Duration
	bytes int
	known int // eighths of the rows that a client may know
}

func newCrowd(tb testing.TB, clients, known int) *crowd {
	c := &crowd{known: known, s: newScene(tb), r: rand.New(rand.NewPCG(3, 4)), tick: 1000}
	c.comp, c.view = c.s.p.NewComposer(), sim.NewView(c.s.w.Tables(), nil)
	for i := range c.ring {
		c.ring[i] = c.s.p.NewSnapshot()
	}
	for range clients {
		c.feeds = append(c.feeds, c.s.p.NewFeed(201, c.tick+1, []bool{false, true}))
	}
	return c
}

// step lets a tick pass. The round trips are of 3 to 10 ticks.
func (c *crowd) step() {
	c.tick++
	c.s.step(c.r)
	world := c.ring[c.tick%FeedTicks]
	c.s.p.Capture(world, c.s.w)
	world.Tick = c.tick
	for i, f := range c.feeds {
		if at := c.tick - sim.Tick(3+i%8); at > 1000 {
			f.Ack(SnapshotAck{Tick: at, Has: true}, 1, c.ring[:])
		}
		c.look(i)
		from := time.Now()
		c.comp.Prepare(f, world, c.ring[:], c.view, 60)
		c.buf, _, _ = c.comp.Append(c.buf[:0], 8000)
		c.comp.Done()
		c.took = append(c.took, time.Since(from))
		c.bytes += len(c.buf)
	}
}

// look shows a client some of every eight rows, others than its neighbour.
func (c *crowd) look(i int) {
	c.view.Begin([]bool{true})
	bodies := c.view.Of(&c.s.w.V.Bodies)
	for slot := range c.s.w.V.Bodies.Slots() {
		if (slot+i)%8 < c.known {
			bodies.Show(sim.ID(1)<<16 | sim.ID(slot))
		}
	}
}

// BenchmarkCompose is one client's part of a tick: 256 bodies, half of them moving, of which it may know seven of eight, or one.
func BenchmarkCompose(b *testing.B) {
	b.Run("most", func(b *testing.B) { newCrowd(b, 64, 7).bench(b) })
	b.Run("few", func(b *testing.B) { newCrowd(b, 64, 1).bench(b) })
}

func (c *crowd) bench(b *testing.B) {
	for range 40 {
		c.step()
	}
	c.took, c.bytes = slices.Grow(c.took[:0], 64*b.N), 0
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		c.step()
	}
	b.StopTimer()
	slices.Sort(c.took)
	b.ReportMetric(float64(c.took[len(c.took)/2])/256, "p50-ns/row")
	b.ReportMetric(float64(c.bytes)/float64(len(c.took)), "B/snapshot")
}
