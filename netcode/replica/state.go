package replica

import (
	"encoding/binary"
	"unsafe"

	"github.com/halftick/halftick/netcode/wire"
)

// A state is a world with everything that Step knows of it, for files: the delta against nothing, and what never travels.
//
//	delta     varint   its length, then as Encode writes it against no baseline
//	          then per table, per living row, by slot:
//	server    the memory of its server fields, as it lies there
//
// Server fields may be of any plain type, float64 and int among them, so that the second half is of one kind of machine: little-endian,
// 64 bits. (All that Go is commonly run on, and js/wasm, are.)

// States writes and reads states. It owns scratch memory: keep one per goroutine. Make one with NewStates.
type States[W any] struct {
	p    *Plan[W]
	enc  *Encoder
	dec  *Decoder
	snap *Snapshot
	buf  []byte
}

// NewStates returns a States for worlds of the Plan.
func (p *Plan[W]) NewStates() *States[W] {
	return &States[W]{p: p, enc: p.NewEncoder(), dec: p.NewDecoder(), snap: p.NewSnapshot()}
}

// Append appends the state of w to dst. As Capture does, it snaps the world to its lanes; after a Capture nothing changes.
func (s *States[W]) Append(dst []byte, w *World[W]) []byte {
	s.p.Capture(s.snap, w)
	s.buf = s.enc.Encode(s.buf[:0], s.snap, nil, nil)
	dst = append(wire.AppendVarint(dst, uint32(len(s.buf))), s.buf...)
	for i := range s.p.tables {
		s.p.tables[i].eachHidden(s.snap, i, w.rows[i].Row, func(b []byte) bool {
			dst = append(dst, b...)
			return true
		})
	}
	return dst
}

// Read makes w the world whose state b is. Any b is safe: the error is one of Decode's. Then w is undefined.
func (s *States[W]) Read(w *World[W], b []byte) error {
	n, rest, err := wire.Varint(b)
	if err != nil || int64(n) > int64(len(rest)) {
		return ErrShort
	}
	if err := s.dec.Decode(s.snap, s.snap.Tick, nil, nil, rest[:n]); err != nil {
		return err
	}
	s.p.Restore(w, s.snap)
	rest = rest[n:]
	for i := range s.p.tables {
		whole := s.p.tables[i].eachHidden(s.snap, i, w.rows[i].Row, func(b []byte) bool {
			n := copy(b, rest)
			rest = rest[n:]
			return n == len(b)
		})
		if !whole {
			return ErrShort
		}
		s.p.tables[i].straighten(s.snap, i, w.rows[i].Row)
	}
	if len(rest) > 0 {
		return ErrTrailing
	}
	return nil
}

// eachHidden visits the memory of the server fields of every living row until visit returns false, and reports whether it never did.
func (t *table) eachHidden(of *Snapshot, index int, row func(int) unsafe.Pointer, visit func([]byte) bool) bool {
	l := &of.tables[index]
	for slot := range l.slots {
		if l.meta(slot)&aliveBit == 0 {
			continue
		}
		for _, h := range t.hidden {
			if !visit(unsafe.Slice((*byte)(unsafe.Add(row(slot), h.off)), h.size)) {
				return false
			}
		}
	}
	return true
}

// straighten makes every bool of the server fields one that Go knows: a byte from a file may be neither 0 nor 1.
func (t *table) straighten(of *Snapshot, index int, row func(int) unsafe.Pointer) {
	l := &of.tables[index]
	for slot := range l.slots {
		if l.meta(slot)&aliveBit == 0 {
			continue
		}
		for _, off := range t.bools {
			p := (*byte)(unsafe.Add(row(slot), off))
			*p = min(*p, 1)
		}
	}
}

// littleEndian says whether the memory of numbers here is as a state has it.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// StatesPortable reports whether states of this machine can be read on others of the common kind, and theirs here: see States.
func StatesPortable() bool { return littleEndian && unsafe.Sizeof(int(0)) == 8 }
