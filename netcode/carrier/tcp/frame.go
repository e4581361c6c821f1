package tcp

import (
	"encoding/binary"

	"github.com/halftick/halftick/netcode/carrier"
)

const (
	headerSize = 2 // the length
	frameSize  = headerSize + carrier.MaxRecord
)

// parseFrame takes the first record from what has arrived of a stream. It returns the record, which
// aliases b, and the number of bytes it took with its length. While the record is incomplete that
// number is 0. A length that no record has is an error at once: ErrEmpty or ErrOversize; nothing is
// ever allocated by a length.
func parseFrame(b []byte) (record []byte, n int, err error) {
	if len(b) < headerSize {
		return nil, 0, nil
	}
	length := int(binary.LittleEndian.Uint16(b))
	switch {
	case length == 0:
		return nil, 0, carrier.ErrEmpty
	case length > carrier.MaxRecord:
		return nil, 0, carrier.ErrOversize
	case len(b) < headerSize+length:
		return nil, 0, nil
	}
	return b[headerSize : headerSize+length], headerSize + length, nil
}

// appendFrame appends a record of 1 to carrier.MaxRecord bytes, its length in front, to dst.
func appendFrame(dst, record []byte) []byte {
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(record)))
	return append(dst, record...)
}
