package replica

import (
	"slices"

	"github.com/halftick/halftick/netcode/sim"
)

// ledger is what a Composer's encoder found out about the rows of one world. Clients that have a row as of the same ticks need the same
// residuals; only how these are coded depends on the other rows.
//
//	slot, age of the base's row, age of the older row --> finding
//
// It is for the clients of one tick. It forgets a finding for one about another pair of ages.
type ledger struct {
	world *Snapshot
	tick  sim.Tick // of world
	turn  uint32   // entries of others are void
	known []entries
	found [][]finding // for the client at hand, by table and slot; the others are unknown
}

// entries are by age, then by slot, as a client has most of its rows as of one tick.
type entries [agesKept][]entry

type entry struct {
	turn  uint32
	pair  agePair
	equal bool // the row is as in the base
	finding
}

// agePair says how old the two states of a row are that a client has, in ticks.
type agePair struct{ base, older uint8 } // older is 0 when there is none that could show motion

func newLedger(s *schema) *ledger {
	return &ledger{known: make([]entries, len(s.tables)), found: make([][]finding, len(s.tables))}
}

// share makes the encoder remember what it finds out about the rows of a world, until it is called with another. Meanwhile the
// world does not change.
func (e *Encoder) share(world *Snapshot) {
	g, full := e.shared, false
	for i := range e.finds {
		full = full || e.finds[i].n*len(e.s.tables[i].ops) > mostFinds
	}
	if g.world == world && g.tick == world.Tick && !full {
		return
	}
	g.world, g.tick = world, world.Tick
	g.turn++
	for i := range e.finds {
		e.finds[i].n = 0
	}
}

// begin makes nothing known of the first n rows of a table for the next client.
func (g *ledger) begin(index, n int) {
	g.found[index] = slices.Grow(g.found[index][:0], n)[:n]
	clear(g.found[index])
	for i := range g.known[index] {
		k := &g.known[index][i]
		*k = slices.Grow(*k, max(0, n-len(*k)))
		*k = (*k)[:max(n, len(*k))]
	}
}

// findShared finds out about a living row that other clients may have in the same states, and reports whether it is as it was.
func (e *Encoder) findShared(t *table, index, slot int, pair agePair, row, was []uint32, b *baselines) (equal bool) {
	g := e.shared
	n := &g.known[index][(pair.base+pair.older/2*8)%agesKept][slot]
	if n.turn != g.turn || n.pair != pair {
		*n = entry{g.turn, pair, equalLanes(row, was), e.finds[index].find(t, slot, row, was, b)}
	}
	g.found[index][slot] = n.finding
	return n.equal
}
