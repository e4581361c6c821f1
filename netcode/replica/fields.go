package replica

import (
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/halftick/halftick/netcode/sim"
)

// fields takes the fields of a control message from the front of b. After the first error, which stays,
// all are zero.
type fields struct {
	b   []byte
	err error
}

func (r *fields) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.b = nil
}

// take returns the next n bytes, zeros when they are not there.
func (r *fields) take(n int) []byte {
	if len(r.b) < n {
		r.fail(ErrShort)
		return make([]byte, n)
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *fields) u8() uint8   { return r.take(1)[0] }
func (r *fields) u16() uint16 { return binary.LittleEndian.Uint16(r.take(2)) }
func (r *fields) u32() uint32 { return binary.LittleEndian.Uint32(r.take(4)) }
func (r *fields) u64() uint64 { return binary.LittleEndian.Uint64(r.take(8)) }

// bounded takes a byte that is at most top.
func (r *fields) bounded(top uint8) uint8 {
	v := r.u8()
	if v > top {
		r.fail(ErrRange)
		return 0
	}
	return v
}

// player takes the id of somebody.
func (r *fields) player() sim.PlayerID {
	p := sim.PlayerID(r.u8())
	if p == 0 {
		r.fail(ErrRange)
	}
	return p
}

// bytes takes a length of at most top and so many bytes, which are borrowed.
func (r *fields) bytes(top uint8) []byte {
	n := int(r.bounded(top))
	if len(r.b) < n {
		r.fail(ErrShort)
		return nil
	}
	return r.take(n)
}

// text takes a length of at most top and so many bytes.
func (r *fields) text(top uint8) string {
	n := int(r.bounded(top))
	if len(r.b) < n {
		r.fail(ErrShort)
		return ""
	}
	return CleanText(string(r.take(n)), int(top))
}

// appendText appends the length of a cleaned text in a byte, and the text.
func appendText(dst []byte, s string, top int) []byte {
	s = CleanText(s, top)
	return append(append(dst, byte(len(s))), s...)
}

// CleanText makes text that came from anywhere fit to be shown on one line: valid UTF-8 of at most max
// bytes, every white space a blank, nothing that is not printable (control and direction characters
// among them), no blank at either end.
func CleanText(s string, max int) string {
	s = strings.TrimSpace(strings.Map(cleanRune, strings.ToValidUTF8(s, "")))
	if len(s) > max {
		for max > 0 && !utf8.RuneStart(s[max]) {
			max--
		}
		s = strings.TrimSpace(s[:max])
	}
	return s
}

func cleanRune(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsPrint(r):
		return r
	}
	return -1
}
