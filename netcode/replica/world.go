package replica

import (
	"reflect"
	"unsafe"

	"github.com/halftick/halftick/netcode/sim"
)

// World is a game's world bound to a Plan: V for the game, its rows for the plan. Make one with NewWorld.
// It is not safe for concurrent use and must not be copied.
type World[W any] struct {
	V    *W // never nil; not to be replaced
	rows rows
}

// rows are the tables of one world in the order of the plan.
type rows []sim.Rows

// NewWorld returns an empty world.
func (p *Plan[W]) NewWorld() *World[W] {
	w := &World[W]{V: new(W)}
	w.rows = p.bind(unsafe.Pointer(w.V))
	return w
}

// bind returns the tables of a world.
func (s *schema) bind(world unsafe.Pointer) (r rows) {
	for i := range s.tables {
		t := &s.tables[i]
		if t.global() {
			r = append(r, globals{world})
			continue
		}
		r = append(r, reflect.NewAt(t.typ, unsafe.Add(world, t.off)).Interface().(sim.Rows))
	}
	return r
}

// DespawnOwned removes every row that p owns, in all tables: what a game without a Leave does when p leaves.
func (w *World[W]) DespawnOwned(p sim.PlayerID) {
	for _, r := range w.rows {
		r.DespawnOwned(p)
	}
}

// Copy makes dst equal to src: every row, field and free slot, server fields too.
func (p *Plan[W]) Copy(dst, src *World[W]) { p.copy(dst.rows, src.rows) }

func (s *schema) copy(dst, src rows) {
	for i := range s.tables {
		t, d, r := &s.tables[i], dst[i], src[i]
		n := r.Slots()
		for slot := range n {
			m := r.Meta(slot)
			d.SetMeta(slot, m)
			if m.Alive {
				t.copyRow(d.Row(slot), r.Row(slot))
			}
		}
		clearFrom(d, n)
	}
}

// clearFrom makes the slots from n on as if they had never been used.
func clearFrom(r sim.Rows, n int) {
	for slot := n; slot < r.Slots(); slot++ {
		r.SetMeta(slot, sim.RowMeta{})
	}
}

// copyRow copies all fields of a row.
func (t *table) copyRow(dst, src unsafe.Pointer) {
	if !t.global() {
		copyMemory(dst, src, span{0, t.size})
		return
	}
	for _, s := range t.spans {
		copyMemory(dst, src, s)
	}
}

// copyMemory copies a piece of a row, which holds no pointers.
func copyMemory(dst, src unsafe.Pointer, s span) {
	copy(unsafe.Slice((*byte)(unsafe.Add(dst, s.off)), s.size), unsafe.Slice((*byte)(unsafe.Add(src, s.off)), s.size))
}

// hide zeroes the server fields of a row.
func (t *table) hide(row unsafe.Pointer) {
	for _, s := range t.hidden {
		clear(unsafe.Slice((*byte)(unsafe.Add(row, s.off)), s.size))
	}
}

// globals is a world's fields outside of tables, as a table of one row that is always there.
type globals struct{ row unsafe.Pointer }

var globalMeta = sim.RowMeta{Gen: 1, Alive: true}

func (g globals) Slots() int                { return 1 }
func (g globals) Meta(int) sim.RowMeta      { return globalMeta }
func (g globals) SetMeta(int, sim.RowMeta)  {}
func (g globals) Row(int) unsafe.Pointer    { return g.row }
func (g globals) DespawnOwned(sim.PlayerID) {}
func (g globals) RowType() reflect.Type     { return nil }

// Tables returns the tables of the world, without the globals, in the order of Plan.Tables.
func (w *World[W]) Tables() []sim.Rows { return w.rows[1:] }
