package replica

// Row names a row of a world for EncodeRows.
type Row struct {
	Table  uint16 // place in Tables
	Slot   uint16
	Hidden bool // the receiver is to have no such row, whatever the world says
}

// EncodeRows is Encode for a part of the world: it appends the globals and as many of rows, from the first on, as
// fit into limit bytes, and returns how many it took. What it did not take stays with the receiver as it is in base.
//
// base and older may be older in parts, as what a client holds after EncodeRows is. rows may name any rows of to, each once; naming a row that
// the receiver has as it is costs little, but makes it as of now. The bytes are more than limit only when the globals alone are.
//
// It finds the number by trying, as a row may cost anything from none to all of its bits. Where that takes too many
// attempts it misses the most that would fit, by a few per cent.
func (e *Encoder) EncodeRows(dst []byte, to, base, older *Snapshot, rows []Row, limit int) (msg []byte, taken int) {
	fits, tooMany := 0, len(rows)+1
	n := e.firstGuess(len(rows), limit)
	for range maxTries {
		msg = e.encodeRows(dst, to, base, older, rows[:n])
		size := len(msg) - len(dst)
		e.bitsPerRow = float64(8*size) / float64(max(n, 1))
		if size > limit {
			tooMany = n
		} else {
			fits = n
			if n == tooMany-1 || size > limit-limit/32 {
				return msg, n
			}
		}
		if tooMany <= fits+1 { // the globals alone may be too many
			break
		}
		n = max(fits+1, min(n*limit/max(size, 1), tooMany-1))
	}
	return e.encodeRows(dst, to, base, older, rows[:fits]), fits
}

// firstGuess returns how many of so many rows may fit, going by the latest.
func (e *Encoder) firstGuess(rows, limit int) int {
	if e.bitsPerRow == 0 || float64(rows)*e.bitsPerRow <= float64(8*limit) {
		return rows
	}
	return max(1, int(float64(8*limit)/e.bitsPerRow))
}

// maxTries is the number of encodings after which EncodeRows takes what fitted so far.
const maxTries = 5

func (e *Encoder) encodeRows(dst []byte, to, base, older *Snapshot, rows []Row) []byte {
	for i := range e.wanted {
		e.wanted[i], e.hidden[i] = slotSet{}, slotSet{}
	}
	e.wanted[0].add(0)
	for _, r := range rows {
		e.wanted[r.Table].add(int(r.Slot))
		if r.Hidden {
			e.hidden[r.Table].add(int(r.Slot))
		}
	}
	e.partial = true
	return e.encode(dst, to, base, older)
}
