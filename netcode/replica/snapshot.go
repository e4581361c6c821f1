package replica

import (
	"bytes"
	"slices"
	"unsafe"

	"github.com/halftick/halftick/netcode/sim"
)

// Snapshot is a whole world in lanes, without its server fields. It is reusable: once it has grown to
// the size of the world, nothing that fills it allocates. Make one with NewSnapshot. Any number may read
// it at the same time while nobody writes.
//
// What a client holds may be partial: see EncodeRows. Then some of its rows are older than Tick.
type Snapshot struct {
	Tick   sim.Tick // of the world; the caller's to set: only CopyFrom and Decode touch it
	tables []lanes
}

// lanes are the rows of one table. A slot's row is stride numbers of rows: its meta, then its lanes.
//
//	meta   bits 0-15 generation, 16-23 owner, 24 alive
//
// A free slot has lanes 0 and owner 0, so equal rows are equal memory. Slots beyond the end are free
// and were never used: equal to rows of zeros.
type lanes struct {
	stride int
	slots  int
	rows   []uint32 // slots times stride
	ages   []uint8  // by slot, how many ticks before the snapshot's the row was so; empty when all are 0

	// Of the snapshots of a Composer, whose rows are those of past worlds: see sourced.go.
	refs   [][]uint32 // by slot, where each row is
	masked []uint32   // those rows of which the client may not know all
	past   *past      // where the rows are to be looked for when they are needed
}

const (
	aliveBit  = 1 << 24
	ownerBits = 0xff << 16
	genBits   = 0xffff
)

func packMeta(m sim.RowMeta) uint32 {
	if !m.Alive {
		return uint32(m.Gen)
	}
	return aliveBit | uint32(m.Owner)<<16 | uint32(m.Gen)
}

func unpackMeta(m uint32) sim.RowMeta {
	return sim.RowMeta{Gen: uint16(m), Owner: sim.PlayerID(m >> 16), Alive: m&aliveBit != 0}
}

// ownedBy returns the part of a row's meta that says "alive and owned by p"; see ownerOf. Of player 0, who watches, no row is.
func ownedBy(p sim.PlayerID) uint32 {
	if p == 0 {
		return ^uint32(0)
	}
	return aliveBit | uint32(p)<<16
}

// ownerOf returns the part of a row's meta to be compared with ownedBy.
func ownerOf(meta uint32) uint32 { return meta & (aliveBit | ownerBits) }

// NewSnapshot returns the snapshot of the empty world.
func (s *schema) NewSnapshot() *Snapshot {
	n := &Snapshot{tables: make([]lanes, len(s.tables))}
	for i := range s.tables {
		n.tables[i].stride = s.tables[i].stride()
	}
	g := &n.tables[0]
	g.resize(1)
	g.rows[0] = packMeta(globalMeta)
	for i := range s.tables[0].ops {
		g.rows[1+i] = s.tables[0].ops[i].zero
	}
	return n
}

// Partial reports whether some rows of s may be older than its tick.
func (s *Snapshot) Partial() bool {
	for i := range s.tables {
		if len(s.tables[i].ages) > 0 {
			return true
		}
	}
	return false
}

// CopyFrom makes s equal to o, which must be of the same Plan.
func (s *Snapshot) CopyFrom(o *Snapshot) {
	s.Tick = o.Tick
	s.copyRows(o)
}

func (s *Snapshot) copyRows(o *Snapshot) {
	if s == o {
		return
	}
	for i := range o.tables {
		to, from := &s.tables[i], &o.tables[i]
		to.rows, to.slots = append(to.rows[:0], from.rows...), from.slots
		to.ages = append(to.ages[:0], from.ages...)
	}
}

// Hash returns a hash of every row and free slot, but not of the tick. Equal worlds have equal hashes on
// every machine.
func (s *Snapshot) Hash() uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range s.tables {
		l := &s.tables[i]
		for slot := range l.slots {
			if row := l.row(slot); !allZero(row) {
				h = mix(h, uint64(i)<<32|uint64(slot))
				for _, v := range row {
					h = mix(h, uint64(v))
				}
			}
		}
	}
	return h
}

// mix folds v into h: the step of splitmix64.
func mix(h, v uint64) uint64 {
	h = (h ^ v) + 0x9e3779b97f4a7c15
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	return h ^ h>>27
}

func (l *lanes) row(slot int) []uint32 { return l.rows[slot*l.stride:][:l.stride:l.stride] }

// span returns the rows from a slot on up to the one before end.
func (l *lanes) span(slot, end int) []uint32 { return l.rows[slot*l.stride : end*l.stride] }

// alive counts the living among n rows from a slot on.
func (l *lanes) alive(slot, n int) (alive int) {
	for i := slot * l.stride; n > 0; i, n = i+l.stride, n-1 {
		if l.rows[i]&aliveBit != 0 {
			alive++
		}
	}
	return alive
}

// meta returns the meta of any slot, also one beyond the end.
func (l *lanes) meta(slot int) uint32 {
	if slot >= l.slots {
		return 0
	}
	return l.rows[slot*l.stride]
}

// resize makes the table n slots long. New ones hold what was there before: see grow.
func (l *lanes) resize(n int) {
	l.rows, l.slots = slices.Grow(l.rows[:0], n*l.stride)[:n*l.stride], n
}

// grow makes the table at least n slots long; new ones are free and were never used.
func (l *lanes) grow(n int) {
	if n > l.slots {
		old := len(l.rows)
		l.rows, l.slots = slices.Grow(l.rows, n*l.stride-old)[:n*l.stride], n
		clear(l.rows[old:])
	}
}

// equalLanes compares memory, much faster than number by number.
func equalLanes(a, b []uint32) bool { return bytes.Equal(asBytes(a), asBytes(b)) }

func asBytes(a []uint32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(a))), len(a)*4)
}

func allZero(a []uint32) bool {
	for _, v := range a {
		if v != 0 {
			return false
		}
	}
	return true
}

// ageless is the age of rows that are not known. Ages that would become higher become ageless.
const ageless = 255

// later returns an age some ticks later.
func later(age uint8, span int) uint8 { return uint8(min(int(age)+span, ageless)) }

// Slots returns the number of slots of a table, the place of which in Tables is given.
func (s *Snapshot) Slots(table int) int { return s.tables[table].slots }
