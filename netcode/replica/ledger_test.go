package replica

import (
	"maps"
	"testing"

	"github.com/halftick/halftick/netcode/sim"
	"pgregory.net/rapid"
)

// beside returns another client of the same world, on a line of its own.
func (r *relay) beside(me sim.PlayerID, filtered bool) *relay {
	o := newRelay(r.t, uint64(me), filtered)
	o.p, o.w, o.ring, o.comp, o.me = r.p, r.w, r.ring, r.comp, me
	o.view, o.hold = sim.NewView(r.w.Tables(), nil), r.p.NewHolder()
	for i := range o.client {
		o.client[i] = r.p.NewSnapshot()
	}
	filter := []bool{false, filtered, false}
	o.feed, o.twin, o.solo = r.p.NewFeed(me, 1, filter), r.p.NewFeed(me, 1, filter), r.p.NewComposer()
	return o
}

// Clients with other rights, round trips, losses and budgets are sent what they would be sent if each were alone, to the last bit, while rows
// come, go, and change hands with what only their owners know of them.
func TestSharedFindingsChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		world := newRelay(t, rapid.Uint64().Draw(t, "seed"), true)
		var clients []*relay
		for me := range sim.PlayerID(rapid.IntRange(2, 6).Draw(t, "clients")) {
			c := world.beside(me, rapid.Bool().Draw(t, "filtered"))
			c.loss = float64(rapid.IntRange(0, 30).Draw(t, "loss")) / 100
			c.delay = rapid.IntRange(0, 9).Draw(t, "delay")
			c.limit = rapid.SampledFrom([]int{150, 400, 1 << 16}).Draw(t, "limit")
			clients = append(clients, c)
		}
		things := rapid.IntRange(1, 80).Draw(t, "things")
		for range rapid.IntRange(5, 80).Draw(t, "ticks") {
			world.stir(things)
			if world.r.IntN(3) == 0 {
				giveOne(&world.w.V.Things, world.r)
			}
			for _, c := range clients {
				c.knows = maps.Clone(world.knows)
				if id := pick(&c.w.V.Things, c.r); id != 0 {
					c.knows[id] = !c.knows[id]
				}
				c.send()
			}
		}
	})
}

// Sixty-four clients with eight round trips need the residuals of a few pairs of states, not of sixty-four.
func TestClientsShareFindings(t *testing.T) {
	c := newCrowd(t, 64, 7)
	most := 0
	for range 60 {
		c.step()
		most = max(most, c.comp.enc.finds[1].n)
	}
	if few := 20 * 128; most == 0 || most > few {
		t.Errorf("%d findings about 128 rows that move, at most %d are needed", most, few)
	}
}

// A client's part of a tick allocates nothing, whether others have found out about its rows or not.
func TestComposeAllocatesNothing(t *testing.T) {
	c := newCrowd(t, 16, 7)
	for range 200 {
		c.step()
	}
	c.took = c.took[:0]
	if n := testing.AllocsPerRun(50, c.step); n != 0 {
		t.Errorf("%v allocations per tick", n)
	}
}
