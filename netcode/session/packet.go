package session

import (
	"encoding/binary"

	"github.com/halftick/halftick/netcode/secure"
)

// A record, the datagram of an established session:
//
//	 0        1              5 (or 1)        +2
//	+--------+--------------+---------------+------------------+-----------+
//	| flags  | session id   | packet number | frames           | tag       |
//	|        | u32, only to | low 16 bits   | encrypted        | 16 bytes  |
//	|        | the server   |               |                  |           |
//	+--------+--------------+---------------+------------------+-----------+
//	 flags: 0 0 K 1 0 S 0 0   K key phase, S session id present
const (
	flagSession = 0x04
	flagsFixed  = 0x10
	flagsMask   = 0xff &^ (flagSession | secure.FlagPhase)

	headerToServer = 7
	headerToClient = 3
	tagSize        = secure.Overhead
)

// direction keeps a record from being accepted by the side that sent it.
type direction uint8

const (
	toServer direction = iota
	toClient
)

// appendHeader starts a record. Its key phase is set when it is sealed.
func appendHeader(b []byte, dir direction, id uint32, pn uint64) []byte {
	if dir == toServer {
		b = append(b, flagsFixed|flagSession)
		b = binary.LittleEndian.AppendUint32(b, id)
	} else {
		b = append(b, flagsFixed)
	}
	return append(b, byte(pn), byte(pn>>8))
}

// recordHeader is the parsed start of a record.
type recordHeader struct {
	dir  direction
	id   uint32 // to the server only
	pn16 uint32
	size int // bytes of the header
}

// parseHeader reads the start of a record and reports whether it has one, with room for a tag after it.
func parseHeader(b []byte) (h recordHeader, ok bool) {
	if len(b) < 1 || b[0]&flagsMask != flagsFixed {
		return h, false
	}
	h.dir, h.size = toClient, headerToClient
	if b[0]&flagSession != 0 {
		h.dir, h.size = toServer, headerToServer
	}
	if len(b) < h.size+tagSize {
		return h, false
	}
	if h.dir == toServer {
		h.id = binary.LittleEndian.Uint32(b[1:])
	}
	h.pn16 = uint32(binary.LittleEndian.Uint16(b[h.size-2:]))
	return h, true
}
