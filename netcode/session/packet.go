package session

import "encoding/binary"

// The first byte of a datagram says what it is. Bit 6 is 0 in all of ours, so that a port can be
// shared with QUIC, whose packets have it set (RFC 9000 section 17).
const (
	typeInit    = 0x80 // client to server: may I?
	typeAccept  = 0x82 // server to client: you may, with this ticket; or a refusal
	typeConfirm = 0x83 // client to server: the ticket back, and a record
	typeVersion = 0x85 // server to client: I speak other versions

	protocolVersion = 1
)

// A record, the datagram of an established session:
//
//	 0        1              5 (or 1)        +3
//	+--------+--------------+---------------+------------------+-----------+
//	| flags  | session id   | packet number | frames           | tag       |
//	|        | u32, only to | low 24 bits   |                  | 4 bytes   |
//	|        | the server   |               |                  |           |
//	+--------+--------------+---------------+------------------+-----------+
//	 flags: 0 0 K L L S r r   K key phase (0), LL packet number length less 1 (2), S session id present, r 0
const (
	flagSession = 0x04
	flagsFixed  = 0x10 // LL = 2
	flagsMask   = 0xff &^ flagSession

	headerToServer = 8
	headerToClient = 4
)

// appendHeader starts a record.
func appendHeader(b []byte, dir direction, id uint32, pn uint64) []byte {
	if dir == toServer {
		b = append(b, flagsFixed|flagSession)
		b = binary.LittleEndian.AppendUint32(b, id)
	} else {
		b = append(b, flagsFixed)
	}
	return append(b, byte(pn), byte(pn>>8), byte(pn>>16))
}

// recordHeader is the parsed start of a record.
type recordHeader struct {
	dir  direction
	id   uint32 // to the server only
	pn24 uint32
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
	pn := b[h.size-3 : h.size]
	h.pn24 = uint32(pn[0]) | uint32(pn[1])<<8 | uint32(pn[2])<<16
	return h, true
}
