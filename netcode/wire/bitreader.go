package wire

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// ErrShort is the error of a BitReader that was asked for more bits than its bytes hold.
var ErrShort = errors.New("wire: message ends early")

// BitReader reads what a BitWriter wrote. Reading beyond the end yields zeros and sets an error that
// stays: check Err once at the end, or where work depends on what was read. The zero value is empty.
// It is not safe for concurrent use.
type BitReader struct {
	src   []byte
	pos   int    // of the next byte to load into acc
	acc   uint64 // loaded bits, from the low end; zero above n
	n     uint   // number of bits in acc
	short bool
}

// Reset makes the reader read src from its start. src is borrowed until the last read.
func (r *BitReader) Reset(src []byte) { *r = BitReader{src: src} }

// fill loads as many whole bytes as fit, so that at least 32 bits are there unless src ends.
func (r *BitReader) fill() {
	if len(r.src)-r.pos >= 8 {
		// Whole bytes that fit above the n bits present; the rest of the word is masked away.
		take := (64 - r.n) / 8
		w := binary.LittleEndian.Uint64(r.src[r.pos:])
		if take < 8 {
			w &= 1<<(take*8) - 1
		}
		r.acc |= w << r.n
		r.n += take * 8
		r.pos += int(take)
		return
	}
	for r.n <= 56 && r.pos < len(r.src) {
		r.acc |= uint64(r.src[r.pos]) << r.n
		r.pos++
		r.n += 8
	}
}

// Bits returns the next n bits; n is 0 to 32.
func (r *BitReader) Bits(n uint) uint32 {
	if r.n < n {
		r.fill()
		if r.n < n {
			return r.fail()
		}
	}
	v := uint32(r.acc & (1<<n - 1))
	r.acc >>= n
	r.n -= n
	return v
}

// Peek returns the next n bits, 0 to 32, without taking them; bits beyond the end are zero.
func (r *BitReader) Peek(n uint) uint32 {
	if r.n < n {
		r.fill()
	}
	return uint32(r.acc & (1<<n - 1))
}

// fail makes this and every later read yield zero.
func (r *BitReader) fail() uint32 {
	r.short, r.pos, r.acc, r.n = true, len(r.src), 0, 0
	return 0
}

// Bool returns the next bit.
func (r *BitReader) Bool() bool { return r.Bits(1) != 0 }

// Rice returns the next Rice code of parameter k. It is RiceN with n = 32.
func (r *BitReader) Rice(k uint) uint32 { return r.RiceN(k, 32) }

// RiceN returns the next Rice code of parameter k (0 to 31) whose raw form has n bits: see BitWriter.RiceN.
// A code above 2^n-1 is possible in hostile input when the raw form was not used: check the value.
func (r *BitReader) RiceN(k, n uint) uint32 {
	if r.n < maxQuotient+1 {
		r.fill()
	}
	q := uint(bits.TrailingZeros64(^r.acc))
	if q >= maxQuotient {
		r.Bits(maxQuotient)
		return r.Bits(n)
	}
	if r.n <= q {
		return r.fail()
	}
	r.acc >>= q + 1
	r.n -= q + 1
	return uint32(q)<<k | r.Bits(k)
}

// Err returns ErrShort when more was read than there was, else nil.
func (r *BitReader) Err() error {
	if r.short {
		return ErrShort
	}
	return nil
}

// Left returns the number of bits not yet read.
func (r *BitReader) Left() int { return (len(r.src)-r.pos)*8 + int(r.n) }
