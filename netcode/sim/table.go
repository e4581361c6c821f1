package sim

import (
	"iter"
	"reflect"
	"unsafe"
)

// ID names a row of one table: slot in the low 16 bits, generation (1 and up) above. A slot that is
// used again gets the next generation, so a stale ID finds nothing. The zero ID names no row.
type ID uint32

// Slot returns the row's place in its table.
func (id ID) Slot() int { return int(id & 0xffff) }

// Gen returns the row's generation.
func (id ID) Gen() uint16 { return uint16(id >> 16) }

// Limits of a table.
const (
	pageRows = 64
	// MaxRows is the number of slots of one table. Spawn beyond it returns a row that belongs to no table.
	MaxRows = 4096
	// stripes spreads the rows of different owners: see Spawn.
	stripes = 16
)

// Table is a set of rows of one type with stable ids, an owner each, and a fixed order. The zero
// Table is empty and ready to use. Pointers to rows stay valid until the row is despawned or the
// world is rewound, whatever else is spawned meanwhile. It is not safe for concurrent use.
//
// A Table must not be copied by assignment: the copy would share rows. The engines copy worlds.
type Table[T any] struct {
	pages []*[pageRows]T
	meta  []RowMeta // one per slot ever used
	alive int
}

// RowMeta is the state of a slot besides its row.
type RowMeta struct {
	Gen   uint16 // of the row that lives here or, when free, of the last one that did
	Owner PlayerID
	Alive bool
}

// Len returns the number of rows.
func (t *Table[T]) Len() int { return t.alive }

// Spawn adds a zero row owned by p (0 for the server) and returns it, to be filled in at once.
//
// Which ID the row gets depends, but for crowded tables, on the rows of players with the same
// PlayerID modulo 16 alone: a client that predicts a spawn of its own gets the ID that the server
// will give it, whatever the others spawn meanwhile. When the table is full (MaxRows) the returned
// row is a throwaway that belongs to no table.
func (t *Table[T]) Spawn(p PlayerID) *T { _, row := t.SpawnID(p); return row }

// SpawnID is Spawn together with the ID of the new row; the ID is 0 when the table is full.
func (t *Table[T]) SpawnID(p PlayerID) (ID, *T) {
	slot := t.freeSlot(p)
	if slot < 0 {
		return 0, new(T)
	}
	t.grow(slot + 1)
	m := &t.meta[slot]
	m.Gen++
	if m.Gen == 0 {
		m.Gen = 1
	}
	m.Owner, m.Alive = p, true
	t.alive++
	row := t.row(slot)
	*row = *new(T)
	return ID(m.Gen)<<16 | ID(slot), row
}

// freeSlot finds the lowest free slot of p's stripe, then any; owner 0 takes any at once.
func (t *Table[T]) freeSlot(p PlayerID) int {
	if p != 0 {
		for s := int(p) % stripes; s < MaxRows; s += stripes {
			if s >= len(t.meta) || !t.meta[s].Alive {
				return s
			}
		}
	}
	for s := range t.meta {
		if !t.meta[s].Alive {
			return s
		}
	}
	if len(t.meta) < MaxRows {
		return len(t.meta)
	}
	return -1
}

// Get returns the row named id, or nil and false when it is gone.
func (t *Table[T]) Get(id ID) (*T, bool) {
	s := id.Slot()
	if s >= len(t.meta) || !t.meta[s].Alive || t.meta[s].Gen != id.Gen() {
		return nil, false
	}
	return t.row(s), true
}

// Of returns the first row owned by p, or nil and false when there is none.
func (t *Table[T]) Of(p PlayerID) (*T, bool) { _, row, ok := t.Find(p); return row, ok }

// Find is Of together with the row's ID.
func (t *Table[T]) Find(p PlayerID) (ID, *T, bool) {
	for s := range t.meta {
		if m := &t.meta[s]; m.Alive && m.Owner == p {
			return ID(m.Gen)<<16 | ID(s), t.row(s), true
		}
	}
	return 0, nil, false
}

// Owner returns who owns the row named id, or 0.
func (t *Table[T]) Owner(id ID) PlayerID {
	if _, ok := t.Get(id); !ok {
		return 0
	}
	return t.meta[id.Slot()].Owner
}

// All yields every row in ascending order of slot. Rows may be changed, spawned and despawned meanwhile;
// whether a row spawned meanwhile is yielded depends on its slot only, so it is the same everywhere.
func (t *Table[T]) All() iter.Seq2[ID, *T] {
	return func(yield func(ID, *T) bool) {
		for s := 0; s < len(t.meta); s++ {
			m := &t.meta[s]
			if m.Alive && !yield(ID(m.Gen)<<16|ID(s), t.row(s)) {
				return
			}
		}
	}
}

// Despawn removes the row named id and reports whether it was there.
func (t *Table[T]) Despawn(id ID) bool {
	if _, ok := t.Get(id); !ok {
		return false
	}
	t.SetMeta(id.Slot(), RowMeta{Gen: id.Gen()})
	return true
}

// DespawnOwned removes every row owned by p.
func (t *Table[T]) DespawnOwned(p PlayerID) {
	for s := range t.meta {
		if t.meta[s].Alive && t.meta[s].Owner == p {
			t.SetMeta(s, RowMeta{Gen: t.meta[s].Gen})
		}
	}
}

func (t *Table[T]) row(slot int) *T { return &t.pages[slot/pageRows][slot%pageRows] }

// grow makes slots 0 to n-1 exist. Slots never go away, so a table in steady state allocates nothing.
func (t *Table[T]) grow(n int) {
	for len(t.meta) < n {
		if len(t.meta)%pageRows == 0 {
			t.pages = append(t.pages, new([pageRows]T))
		}
		t.meta = append(t.meta, RowMeta{})
	}
}

// Rows is how the replication layer, which does not know T, reads and writes a *Table[T].
// Slots are 0 to Slots()-1. Games have no use for it.
type Rows interface {
	Slots() int
	Meta(slot int) RowMeta
	SetMeta(slot int, m RowMeta) // makes the slot exist; slot must be below MaxRows
	Row(slot int) unsafe.Pointer // to the T in an existing slot
	DespawnOwned(p PlayerID)
	RowType() reflect.Type // of T
}

// Slots returns the number of slots ever used. See Rows.
func (t *Table[T]) Slots() int { return len(t.meta) }

// Meta returns the state of an existing slot. See Rows.
func (t *Table[T]) Meta(slot int) RowMeta { return t.meta[slot] }

// SetMeta sets the state of a slot, making it exist. See Rows.
func (t *Table[T]) SetMeta(slot int, m RowMeta) {
	t.grow(slot + 1)
	if t.meta[slot].Alive {
		t.alive--
	}
	if m.Alive {
		t.alive++
	}
	t.meta[slot] = m
}

// Row returns a pointer to the row in an existing slot. See Rows.
func (t *Table[T]) Row(slot int) unsafe.Pointer { return unsafe.Pointer(t.row(slot)) }

// RowType returns the type of the rows. See Rows.
func (t *Table[T]) RowType() reflect.Type { return reflect.TypeFor[T]() }
