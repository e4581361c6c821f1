package replica

import (
	"errors"
	"fmt"

	"github.com/halftick/halftick/netcode/sim"
)

// Peers that each simulate the whole world find out whether theirs are still the same, and where they parted:
//
//	A                                             B
//	TableHashes of a tick  --- every second --->  compares with its own: equal, or OtherTable says which
//	                       <--- "table 1" ------
//	RowHashes of table 1   -------------------->  OtherRow says which slot
//	                       <--- "slot 3" -------
//	Row of slot 3          -------------------->  DiffRow names the field and both values
//
// Only the first line costs anything while all is well: 8 bytes for each table. What comes from a peer is any slice of numbers;
// none of these functions trusts its length.

// ErrRowShape says that a row from a peer is not of the table's length: it has another schema.
var ErrRowShape = errors.New("replica: the row has another number of lanes than the table")

// TableHashes appends a hash for each table of a snapshot, in the order of Tables, to dst. Equal tables have equal
// hashes on every machine; free slots count, ticks do not.
func (s *schema) TableHashes(dst []uint64, of *Snapshot) []uint64 {
	for i := range of.tables {
		dst = append(dst, of.tables[i].hash())
	}
	return dst
}

// OtherTable returns the index of the first table in which two sets of hashes differ, or false. Sets of different length
// differ where the shorter one ends.
func OtherTable(a, b []uint64) (table int, differ bool) {
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			return i, true
		}
	}
	return 0, false
}

// RowHashes appends a hash for each slot of a table to dst. A table that is not in the world has no slots.
func (s *schema) RowHashes(dst []uint32, of *Snapshot, table int) []uint32 {
	if table < 0 || table >= len(of.tables) {
		return dst
	}
	l := &of.tables[table]
	for slot := range l.slots {
		dst = append(dst, hashRow(l.row(slot)))
	}
	return dst
}

// OtherRow returns the first slot in which two tables differ by the hashes of their rows, or false. Slots beyond the end
// count as never used.
func OtherRow(a, b []uint32) (slot int, differ bool) {
	for slot := range max(len(a), len(b)) {
		var ha, hb uint32
		if slot < len(a) {
			ha = a[slot]
		}
		if slot < len(b) {
			hb = b[slot]
		}
		if ha != hb {
			return slot, true
		}
	}
	return 0, false
}

// Row returns the lanes of one row, its meta first, to be sent to a peer; nil when there is no such table or slot. It is borrowed
// from the snapshot.
func (s *schema) Row(of *Snapshot, table, slot int) []uint32 {
	if table < 0 || table >= len(of.tables) || slot < 0 || slot >= of.tables[table].slots {
		return nil
	}
	return of.tables[table].row(slot)
}

// DiffRow compares a row of a snapshot with that of a peer, which may be empty for a slot that the peer never used. ErrRowShape
// says that the peer's has another length; sim.MaxRows bounds slot.
func (s *schema) DiffRow(of *Snapshot, table, slot int, peer []uint32) (d Difference, differ bool, err error) {
	if table < 0 || table >= len(s.tables) || slot < 0 || slot >= sim.MaxRows {
		return d, false, fmt.Errorf("replica: no slot %d of table %d", slot, table)
	}
	zeros := s.zeros[:s.tables[table].stride()]
	if len(peer) == 0 {
		peer = zeros
	}
	if len(peer) != len(zeros) {
		return d, false, ErrRowShape
	}
	own := rowOr(&of.tables[table], slot, zeros)
	if equalLanes(own, peer) {
		return d, false, nil
	}
	d = s.rowDifference(table, own, peer)
	d.Tick, d.Slot = of.Tick, slot
	return d, true, nil
}

// hash returns the hash of a table's rows, without slots that were never used.
func (l *lanes) hash() uint64 {
	h := uint64(0xcbf29ce484222325)
	for slot := range l.slots {
		if row := l.row(slot); !allZero(row) {
			h = mix(h, uint64(slot))
			for _, v := range row {
				h = mix(h, uint64(v))
			}
		}
	}
	return h
}

// hashRow returns the hash of a row; 0 stands for one that was never used, and for nothing else.
func hashRow(row []uint32) uint32 {
	if allZero(row) {
		return 0
	}
	h := uint64(0xcbf29ce484222325)
	for _, v := range row {
		h = mix(h, uint64(v))
	}
	return max(uint32(h^h>>32), 1)
}
