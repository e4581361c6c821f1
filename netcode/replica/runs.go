package replica

import "github.com/halftick/halftick/netcode/wire"

// runs is a set of some rows among others, row by row, as the lengths of runs: rows not in the set, rows in it, and
// so on by turns. The first may be 0, the rows after the last run are not in the set. In bits:
//
//	Rice   number of runs of rows in the set      k = 3, raw 13; then for each of them
//	Rice   rows not in the set before it          k adapts, raw 12; less 1 but for the first
//	Rice   rows in it, less 1                     k adapts, raw 12
type runs struct {
	lengths []uint16
	in      bool
	rows    int // in all
}

func (r *runs) reset() { r.lengths, r.in, r.rows = append(r.lengths[:0], 0), false, 0 }

// add appends a row.
func (r *runs) add(in bool) {
	r.rows++
	if in != r.in {
		r.in = in
		r.lengths = append(r.lengths, 0)
	}
	r.lengths[len(r.lengths)-1]++
}

// addMany appends n rows that are not in the set.
func (r *runs) addMany(n int) {
	if n > 0 {
		r.add(false)
		r.rows += n - 1
		r.lengths[len(r.lengths)-1] += uint16(n - 1)
	}
}

// count returns the number of runs of rows in the set.
func (r *runs) count() int { return len(r.lengths) / 2 }

// guess returns what the lengths may be, for a set with so many runs among so many rows. In a dense set most rows
// are expected in it.
func guess(rows, count int, dense bool) (out, in mean) {
	each := uint32(rows / (count + 1))
	if dense {
		return meanOf(0), meanOf(each / 2)
	}
	return meanOf(each), meanOf(0)
}

func (r *runs) write(w *wire.BitWriter, dense bool) {
	if r.rows == 0 {
		return
	}
	n := r.count()
	w.RiceN(uint32(n), runsK, slotRaw+1)
	out, in := guess(r.rows, n, dense)
	for i := range n {
		gap, run := uint32(r.lengths[2*i]), uint32(r.lengths[2*i+1])-1
		if i > 0 {
			gap--
		}
		w.RiceN(gap, out.k(), slotRaw)
		w.RiceN(run, in.k(), slotRaw)
		out.learn(gap)
		in.learn(run)
	}
}

// read reads a set of so many rows. When that is an error, what was read so far stands.
func (r *runs) read(d *wire.BitReader, rows int, dense bool) error {
	r.reset()
	if rows == 0 {
		return nil
	}
	n := int(d.RiceN(runsK, slotRaw+1))
	if n > rows {
		return ErrRange
	}
	out, in := guess(rows, n, dense)
	for i := range n {
		gap := d.RiceN(out.k(), slotRaw)
		run := d.RiceN(in.k(), slotRaw)
		out.learn(gap)
		in.learn(run)
		if i > 0 {
			gap++
		}
		if rows -= int(gap + run + 1); rows < 0 || d.Err() != nil {
			return ErrRange
		}
		r.lengths = append(r.lengths[:2*i], uint16(gap), uint16(run+1))
	}
	return nil
}

// size returns the number of rows in a set that was read.
func (r *runs) size() (n int) {
	for i := 1; i < len(r.lengths); i += 2 {
		n += int(r.lengths[i])
	}
	return n
}

// next reports whether the next row of a set that was read is in it.
func (r *runs) next() bool {
	for r.rows < len(r.lengths) && r.lengths[r.rows] == 0 {
		r.rows++
	}
	if r.rows >= len(r.lengths) {
		return false
	}
	r.lengths[r.rows]--
	return r.rows%2 == 1
}
