package wire

import "encoding/binary"

// maxQuotient ends the unary part of a Rice code: this many ones announce that the number follows raw.
const maxQuotient = 16

// BitWriter appends bits to a byte slice. The zero value appends to nil. It is not safe for concurrent use.
type BitWriter struct {
	dst   []byte
	start int    // len(dst) at Reset
	acc   uint64 // bits not yet in dst, from the low end
	n     uint   // number of bits in acc, below 32 between calls
}

// Reset makes the following bits be appended to dst, which the writer owns until Bytes returns it.
func (w *BitWriter) Reset(dst []byte) { *w = BitWriter{dst: dst, start: len(dst)} }

// Bits appends the low n bits of v; n is 0 to 32.
func (w *BitWriter) Bits(v uint32, n uint) {
	w.acc |= uint64(v) & (1<<(n&63) - 1) << (w.n & 63)
	w.n += n
	if w.n >= 32 {
		w.flush()
	}
}

func (w *BitWriter) flush() {
	w.dst = binary.LittleEndian.AppendUint32(w.dst, uint32(w.acc))
	w.acc >>= 32
	w.n -= 32
}

// Bool appends one bit.
func (w *BitWriter) Bool(b bool) {
	var v uint32
	if b {
		v = 1
	}
	w.Bits(v, 1)
}

// Rice appends v as a Rice code with parameter k (0 to 31): good when v is mostly below 2^(k+1).
// It is RiceN with n = 32.
func (w *BitWriter) Rice(v uint32, k uint) { w.RiceN(v, k, 32) }

// RiceN appends v, a number of at most n bits, as a Rice code with parameter k (0 to 31):
//
//	v>>k ones, a zero, the low k bits of v      when v>>k < 16
//	16 ones, v in n bits                        otherwise
func (w *BitWriter) RiceN(v uint32, k, n uint) {
	q := uint(v >> (k & 31))
	if q < maxQuotient && q+1+k <= 32 { // &31 spares the compiler's checks of shifts
		w.Bits(v<<((q+1)&31)|(1<<(q&31)-1), q+1+k) // Bits drops the part of v above its low k bits
		return
	}
	w.longRice(v, q, k, n)
}

// longRice is RiceN for codes of quotient q that do not fit 32 bits, or are raw.
func (w *BitWriter) longRice(v uint32, q, k, n uint) {
	if q >= maxQuotient {
		w.Bits(1<<maxQuotient-1, maxQuotient)
		w.Bits(v, n)
		return
	}
	w.Bits(1<<q-1, q+1)
	w.Bits(v, k)
}

// Len returns the number of bits written since Reset.
func (w *BitWriter) Len() int { return (len(w.dst)-w.start)*8 + int(w.n) }

// Bytes pads the last byte with zero bits and returns the whole slice, which is the caller's again.
// Nothing may be written after it until the next Reset.
func (w *BitWriter) Bytes() []byte {
	for w.n > 0 {
		w.dst = append(w.dst, byte(w.acc))
		w.acc >>= 8
		w.n -= min(w.n, 8)
	}
	return w.dst
}
