package replica

// slotBits is a set of slots of each table of a world. The zero slotBits is empty; once grown, it allocates
// nothing more.
type slotBits [][]uint64

func newSlotBits(s *schema) slotBits { return make(slotBits, len(s.tables)) }

// reset makes the set of a table's slots empty, with room for n.
func (b slotBits) reset(table, n int) {
	words := (n + 63) / 64
	for cap(b[table]) < words {
		b[table] = append(b[table][:cap(b[table])], 0)
	}
	b[table] = b[table][:words]
	clear(b[table])
}

func (b slotBits) add(table, slot int) { b[table][slot/64] |= 1 << (slot % 64) }

// has reports whether a slot, which may lie beyond the end, is in the set.
func (b slotBits) has(table, slot int) bool { return hasBit(b[table], slot) }

func hasBit(words []uint64, slot int) bool {
	return slot/64 < len(words) && words[slot/64]>>(slot%64)&1 != 0
}
