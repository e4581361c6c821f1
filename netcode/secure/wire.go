package secure

import "encoding/binary"

// The packets of the handshake. Bit 6 of the first byte is 0 in all of them, so that a port can be shared with
// QUIC, whose packets have it set (RFC 9000 section 17).
const (
	TypeInit    = 0x80 // client to server: may I?
	TypeRetry   = 0x81 // server to client: say that again, with this cookie
	TypeAccept  = 0x82 // server to client: you may, with this ticket; or why not
	TypeConfirm = 0x83 // client to server: the ticket back, and a record
	TypeRefuse  = 0x84 // server to client: you may not after all
	TypeVersion = 0x85 // server to client: I speak other versions
	TypeQuery   = 0x86 // client to server: who are you?
	TypeInfo    = 0x87 // server to client: the answer
	TypeAsk     = 0x88 // client to server: what do your messages look like?
	TypeAbout   = 0x89 // server to client: a piece of the answer

	// Version is the version of the protocol that is spoken here, the lowest and the highest.
	Version = 2
)

// Sizes in bytes.
const (
	InitSize    = 1200 // so that no answer can be larger than half of it
	RetrySize   = 48
	RefuseSize  = 24
	VersionSize = 16
	QuerySize   = 1200
	// MaxReply is the largest answer to INIT or QUERY: less than half of what was asked with.
	MaxReply = acceptFixed + MaxTicket
	// MaxToken is the longest token that fits into an INIT beside a Resume.
	MaxToken = payloadSize - helloSize - ResumeSize
	// MaxClaims is the longest claims that fit into a ticket.
	MaxClaims = 256

	keySize    = 32
	tagSize    = 16
	macSize    = 16
	headSize   = 16 // of an INIT: the part that the Noise prologue covers
	cookieSize = 4 + macSize

	// INIT: head 16 | cookie 20 | e 32 | s 32+16 | payload 1052+16 | MAC1 16
	offCookie   = headSize
	offNoise    = offCookie + cookieSize
	offPayload  = offNoise + keySize + keySize + tagSize
	offMAC1     = InitSize - macSize
	payloadSize = offMAC1 - offPayload - tagSize

	// ACCEPT: head 12 | e 32 | params 32+16 | ticket 178+n+16
	acceptHead  = 12
	paramsSize  = 32
	offTicket   = acceptHead + keySize + paramsSize + tagSize
	acceptFixed = offTicket + tagSize
	confirmHead = 4
)

// ClientID returns the number by which a client knows its handshake, at the same place in every handshake packet
// of the server but ACCEPT, and in INIT and QUERY.
func clientID(b []byte) uint64 { return binary.LittleEndian.Uint64(b[8:]) }

// AppendVersion writes the answer to an INIT of another version.
func AppendVersion(b []byte, init []byte) []byte {
	b = append(b, TypeVersion, Version, Version, 0, 0, 0, 0, 0)
	return append(b, init[8:16]...)
}

// ParseVersion reads a VERSION: the lowest and highest version of the server, and the client's id. Nothing
// proves who wrote it.
func ParseVersion(b []byte) (lowest, highest uint8, id uint64, ok bool) {
	if len(b) != VersionSize || b[0] != TypeVersion || b[1] > b[2] || [5]byte(b[3:8]) != [5]byte{} {
		return 0, 0, 0, false
	}
	return b[1], b[2], clientID(b), true
}

// AppendConfirm writes what goes in front of a record until the server has answered one.
//
//	0 0x83 | 1 version | 2 length of the ticket u16 | 4 ticket | a record to the server
func AppendConfirm(b []byte, ticket []byte) []byte {
	b = append(b, TypeConfirm, Version)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(ticket)))
	return append(b, ticket...)
}

// ParseConfirm splits a CONFIRM into its ticket and the record behind it. Both are borrowed from b.
func ParseConfirm(b []byte) (ticket, record []byte, ok bool) {
	if len(b) < confirmHead || b[0] != TypeConfirm || b[1] != Version {
		return nil, nil, false
	}
	n := int(binary.LittleEndian.Uint16(b[2:]))
	if n < minTicket || n > MaxTicket || n > len(b)-confirmHead {
		return nil, nil, false
	}
	return b[confirmHead : confirmHead+n], b[confirmHead+n:], true
}
