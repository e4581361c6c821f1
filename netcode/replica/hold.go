package replica

import "github.com/halftick/halftick/netcode/sim"

// Holder makes of each snapshot that arrives what the client then holds: the other side of Feed. It owns scratch
// memory: keep one per goroutine.
type Holder struct {
	s   *schema
	dec *Decoder
}

// NewHolder returns a Holder for worlds of the plan.
func (s *schema) NewHolder() *Holder { return &Holder{s: s, dec: s.NewDecoder()} }

// Take makes dst what the client holds at tick t, after the delta b against base and older: those are what it held when it had
// the snapshots that b names. prev is what it held before b. All three may be nil for nothing, and dst is
// none of them. The errors are those of Decode.
//
//	row of dst     from                 when
//	as of t        the delta            b is complete, or is about the row
//	older          prev                 b says nothing about the row
func (h *Holder) Take(dst *Snapshot, t sim.Tick, base, older, prev *Snapshot, b []byte) error {
	if err := h.dec.Decode(dst, t, base, older, b); err != nil {
		return err
	}
	if base == nil {
		base = h.s.empty
	}
	span := 0
	if prev == nil {
		prev = h.s.empty
	} else {
		span = t.Sub(prev.Tick)
	}
	for i := range h.s.tables {
		h.merge(i, &dst.tables[i], &base.tables[i], &prev.tables[i], span)
	}
	return nil
}

// Partial reports whether the latest message left rows as they were.
func (h *Holder) Partial() bool { return h.dec.partial }

// merge takes from prev, which is span ticks older, what the snapshot in dst is not about.
func (h *Holder) merge(i int, dst, base, prev *lanes, span int) {
	partial := h.dec.partial
	dst.grow(prev.slots)
	for len(dst.ages) < dst.slots && partial {
		dst.ages = append(dst.ages, ageless)
	}
	nothing := h.s.tables[i].nothing
	for slot := range dst.slots {
		row, was, old := dst.row(slot), base.home(slot, nothing), prev.home(slot, nothing)
		if partial && (dst.ages[slot] != 0 || row[0] == 0) { // a slot that was never used only fills a gap
			copy(row, old)
			dst.ages[slot] = later(prev.ageOf(slot), span)
			continue
		}
		keepGen(row, was, old)
	}
}

// keepGen lets a free slot of which nothing new was said keep the newest generation known.
func keepGen(row, was, old []uint32) {
	if row[0]&aliveBit == 0 && (row[0] == 0 || row[0] == was[0]&genBits) {
		row[0] = old[0] & genBits
	}
}

// age gives each slot an age of 0.
func (l *lanes) age() {
	for cap(l.ages) < l.slots {
		l.ages = append(l.ages[:cap(l.ages)], 0)
	}
	l.ages = l.ages[:l.slots]
	clear(l.ages)
}

// ageOf returns how many ticks before the snapshot's a slot was as it is, up to ageless.
func (l *lanes) ageOf(slot int) uint8 {
	switch {
	case slot < len(l.ages):
		return l.ages[slot]
	case l.past != nil:
		return uint8(min(l.past.age(slot), ageless))
	}
	return 0
}
