package replica

import "fmt"

// Equal reports whether a and b are the same world to the last lane, free slots included. Ticks do not count.
func (s *schema) Equal(a, b *Snapshot) bool {
	_, _, differ := s.firstDifference(a, b)
	return !differ
}

// firstDifference finds the first row in which two snapshots differ.
func (s *schema) firstDifference(a, b *Snapshot) (index, slot int, differ bool) {
	for i := range s.tables {
		la, lb := &a.tables[i], &b.tables[i]
		zeros := s.zeros[:la.stride]
		for slot := range max(la.slots, lb.slots) {
			if !equalLanes(rowOr(la, slot, zeros), rowOr(lb, slot, zeros)) {
				return i, slot, true
			}
		}
	}
	return 0, 0, false
}

// Diff names the first difference of a and b: table, row, field and both values. It returns "" when they are equal.
func (s *schema) Diff(a, b *Snapshot) string {
	i, slot, differ := s.firstDifference(a, b)
	if !differ {
		return ""
	}
	t, zeros := &s.tables[i], s.zeros[:s.tables[i].stride()]
	ra, rb := rowOr(&a.tables[i], slot, zeros), rowOr(&b.tables[i], slot, zeros)
	if ra[0] != rb[0] {
		return fmt.Sprintf("%s slot %d: %s != %s", t.name, slot, describeMeta(ra[0]), describeMeta(rb[0]))
	}
	lane := 1
	for ra[lane] == rb[lane] {
		lane++
	}
	o := &t.ops[lane-1]
	return fmt.Sprintf("%s slot %d (%s) %s: %s != %s", t.name, slot, describeMeta(ra[0]), t.paths[lane-1],
		o.describe(ra[lane]), o.describe(rb[lane]))
}

func describeMeta(m uint32) string {
	r := unpackMeta(m)
	if !r.Alive {
		return fmt.Sprintf("free, generation %d", r.Gen)
	}
	return fmt.Sprintf("generation %d, owner %d", r.Gen, r.Owner)
}

// describe returns the value of a lane for people.
func (o *op) describe(lane uint32) string {
	switch o.kind {
	case kindQuant, kindAngle, kindFloat:
		return fmt.Sprintf("%v (lane %d)", o.float(lane), lane)
	case kindBool:
		return fmt.Sprint(lane != 0)
	case kindLow, kindHigh:
		return fmt.Sprintf("%#x", lane)
	}
	return fmt.Sprint(int64(lane) + o.lo)
}
