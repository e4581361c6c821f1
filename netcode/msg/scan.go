package msg

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// Why a message is refused. A peer that sends one is broken or hostile; the message is dropped, nothing else.
var (
	ErrTooLarge  = errors.New("msg: larger than 4096 bytes")
	ErrTruncated = errors.New("msg: it declares more than there is")
	ErrTrailing  = errors.New("msg: something follows the value")
	ErrDepth     = errors.New("msg: nested deeper than 8")
	ErrElements  = errors.New("msg: more than 1024 values")
	ErrType      = errors.New("msg: a type that messages do not use")
	ErrNumber    = errors.New("msg: a number that is not finite")
	ErrText      = errors.New("msg: a string that is not UTF-8")
	ErrShape     = errors.New("msg: the value does not have the type's shape")
	ErrMemory    = errors.New("msg: would take more than four times its size in memory")
)

// shape is what a message is made of, counted while it is scanned.
type shape struct {
	values int // all of them
	text   int // memory for strings and binary data, each rounded up
}

// Scan reports the first thing wrong with b as one MessagePack value: truncated or followed by something, beyond
// the limits, of an extension type, a float that is NaN or infinite, a string that is not UTF-8. It
// allocates nothing, and takes time in proportion to len(b), whatever b declares.
func Scan(b []byte) error {
	_, err := scan(b)
	return err
}

// scan is Scan that returns the memory which texts take.
func scan(b []byte) (text int, err error) {
	var s shape
	if len(b) > MaxBytes {
		return 0, fmt.Errorf("%w: %d", ErrTooLarge, len(b))
	}
	rest, err := s.value(b, 0)
	if err == nil && len(rest) > 0 {
		err = ErrTrailing
	}
	return s.text, err
}

// value scans one value and returns what follows it. Its own recursion is bounded by MaxDepth.
func (s *shape) value(b []byte, depth int) (rest []byte, err error) {
	if len(b) == 0 {
		return nil, ErrTruncated
	}
	if s.values++; s.values > MaxElements {
		return nil, ErrElements
	}
	t, b := b[0], b[1:]
	switch {
	case t <= 0x7f || t >= 0xe0 || t == 0xc0 || t == 0xc2 || t == 0xc3: // fixint, nil, false, true
		return b, nil
	case t <= 0x8f:
		return s.elements(b, uint64(t&0x0f), 2, depth)
	case t <= 0x9f:
		return s.elements(b, uint64(t&0x0f), 1, depth)
	case t <= 0xbf:
		return s.str(b, uint64(t&0x1f))
	case t == 0xca || t == 0xcb:
		return float(b, t == 0xcb)
	case t >= 0xcc && t <= 0xd3: // uint8 to uint64, int8 to int64
		return skip(b, uint64(1)<<(t&3))
	}
	return s.sized(t, b, depth)
}

// sized scans a value whose length follows its type.
func (s *shape) sized(t byte, b []byte, depth int) (rest []byte, err error) {
	width, ok := lengthBytes(t)
	if !ok {
		return nil, fmt.Errorf("%w: 0x%02x", ErrType, t)
	}
	if len(b) < width {
		return nil, ErrTruncated
	}
	var n uint64
	for _, digit := range b[:width] {
		n = n<<8 | uint64(digit)
	}
	b = b[width:]
	switch {
	case t <= 0xc6:
		return s.bin(b, n)
	case t <= 0xdb:
		return s.str(b, n)
	case t <= 0xdd:
		return s.elements(b, n, 1, depth)
	}
	return s.elements(b, n, 2, depth)
}

// lengthBytes returns how many bytes of length a type has: binary data, strings, arrays, maps.
func lengthBytes(t byte) (n int, ok bool) {
	switch t {
	case 0xc4, 0xd9:
		return 1, true
	case 0xc5, 0xda, 0xdc, 0xde:
		return 2, true
	case 0xc6, 0xdb, 0xdd, 0xdf:
		return 4, true
	}
	return 0, false
}

// elements scans n elements of an array (each 1 value) or a map (each 2). It compares n with what is there
// before it looks at the first: a value has at least one byte.
func (s *shape) elements(b []byte, n uint64, each int, depth int) (rest []byte, err error) {
	switch {
	case depth == MaxDepth:
		return nil, ErrDepth
	case n*uint64(each) > uint64(len(b)):
		return nil, ErrTruncated
	}
	for range int(n) * each {
		if b, err = s.value(b, depth+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (s *shape) str(b []byte, n uint64) (rest []byte, err error) {
	if rest, err = s.bin(b, n); err == nil && !utf8.Valid(b[:n]) {
		return nil, ErrText
	}
	return rest, err
}

func (s *shape) bin(b []byte, n uint64) (rest []byte, err error) {
	if rest, err = skip(b, n); err == nil {
		s.text += int(n) + 8 // the allocator rounds up
	}
	return rest, err
}

func float(b []byte, double bool) (rest []byte, err error) {
	size, f := 4, 0.0
	if double {
		size = 8
	}
	if len(b) < size {
		return nil, ErrTruncated
	}
	if double {
		f = math.Float64frombits(binary.BigEndian.Uint64(b))
	} else {
		f = float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, ErrNumber
	}
	return b[size:], nil
}

func skip(b []byte, n uint64) (rest []byte, err error) {
	if n > uint64(len(b)) {
		return nil, ErrTruncated
	}
	return b[n:], nil
}
