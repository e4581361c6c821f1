package replica

import "github.com/halftick/halftick/netcode/sim"

// Filter returns, by table in the order of Tables, whether there are players who may not know all of it: tables with an aoi tag
// or, when the game decides, all but the globals.
func (s *schema) Filter(decides bool) []bool {
	f := make([]bool, len(s.tables))
	for i := range f {
		f[i] = i > 0 && (decides || s.tables[i].area.side > 0)
	}
	return f
}

// Uniform reports whether all players who hold a row hold the same of it, as soon as it changes: there are no owner and no rate tags.
func (s *schema) Uniform() bool {
	for i := range s.tables {
		if t := &s.tables[i]; len(t.private) > 0 || t.rate > 0 {
			return false
		}
	}
	return true
}

// Cell returns the side of a cell of a table's aoi tag, 0 without one. Tables are in the order of Tables.
func (s *schema) Cell(table int) float32 { return s.tables[table].area.side }

// Place returns where the row in a slot is, by the table's aoi tag, and who owns it; false when there is none.
func (s *schema) Place(w *Snapshot, table, slot int) (x, y float32, owner sim.PlayerID, ok bool) {
	t, l := &s.tables[table], &w.tables[table]
	meta := l.meta(slot)
	if meta&aliveBit == 0 {
		return 0, 0, 0, false
	}
	row := l.row(slot)[1:]
	return t.ops[t.area.x].float(row[t.area.x]), t.ops[t.area.y].float(row[t.area.y]), sim.PlayerID(meta >> 16), true
}
