package wire

import "errors"

// ErrVarint is returned for a varint that is cut off, longer than five bytes or above 2^32-1.
var ErrVarint = errors.New("wire: bad varint")

// AppendVarint appends v in one to five bytes, seven bits each, low bits first; the top bit means that another byte follows.
func AppendVarint(dst []byte, v uint32) []byte {
	for ; v >= 0x80; v >>= 7 {
		dst = append(dst, byte(v)|0x80)
	}
	return append(dst, byte(v))
}

// Varint reads a number at the start of b and returns it with what follows.
func Varint(b []byte) (v uint32, rest []byte, err error) {
	for i := 0; i < 5 && i < len(b); i++ {
		if i == 4 && b[i] > 0x0f {
			break
		}
		v |= uint32(b[i]&0x7f) << (7 * i)
		if b[i] < 0x80 {
			return v, b[i+1:], nil
		}
	}
	return 0, b, ErrVarint
}
