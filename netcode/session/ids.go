package session

import (
	"encoding/binary"
	"math/bits"
)

// lastID is the id of the frame before among those of a record that have one, against which the next one is written.
// The zero value is the start of a record.
type lastID struct {
	channel int // plus one; 0 at the start
	id      uint64
}

// step returns the difference of an id to the last one, if that is on the same channel and near.
func (l *lastID) step(kind ChannelKind, channel int, id uint64) (d int, near, same bool) {
	if l.channel != channel+1 {
		return 0, false, false
	}
	diff := int64(id - l.id)
	if kind != ReliableLatest {
		diff = int64(int16(diff))
	}
	return int(diff), diff >= -127 && diff <= 127, true
}

// size is the number of bytes that an id takes after l.
func (l *lastID) size(kind ChannelKind, channel int, id uint64) int {
	n := 2
	if kind == ReliableLatest {
		n = uvarintSize(id)
	}
	switch _, near, same := l.step(kind, channel, id); {
	case near:
		return 1
	case same:
		return n + 1
	}
	return n
}

// append writes an id after l, which becomes it.
func (l *lastID) append(b []byte, kind ChannelKind, channel int, id uint64) []byte {
	d, near, same := l.step(kind, channel, id)
	l.channel, l.id = channel+1, id
	if near {
		return append(b, byte(d))
	}
	if same {
		b = append(b, farID)
	}
	if kind == ReliableLatest {
		return binary.AppendUvarint(b, id)
	}
	return binary.LittleEndian.AppendUint16(b, uint16(id))
}

// parse reads an id that was written after l, which becomes it. It returns the bytes it takes, 0 when it is malformed.
func (l *lastID) parse(b []byte, kind ChannelKind, channel int) (n int) {
	if l.channel == channel+1 {
		if len(b) < 1 {
			return 0
		}
		n = 1
		if b[0] != farID {
			l.id += uint64(int64(int8(b[0])))
			if kind != ReliableLatest {
				l.id &= 0xffff
			}
			return n
		}
	}
	l.channel = channel + 1
	if kind == ReliableLatest {
		id, k := binary.Uvarint(b[n:])
		if l.id = id; k <= 0 {
			return 0
		}
		return n + k
	}
	if len(b) < n+2 {
		return 0
	}
	l.id = uint64(binary.LittleEndian.Uint16(b[n:]))
	return n + 2
}

// uvarintSize returns the number of bytes of a varint.
func uvarintSize(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }
