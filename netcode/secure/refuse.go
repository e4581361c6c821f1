package secure

import "encoding/binary"

// RefuseKey is what makes the answer of a server to a CONFIRM that it does not take. It follows from a session's secrets
// and is none of its record keys: a server that keeps nothing would use a nonce of those twice.
type RefuseKey [32]byte

// RefuseKey returns the key for the session that the secrets are of.
func (s Secrets) RefuseKey() RefuseKey { return Derive(s.ToClient, "halftick refuse") }

// AppendRefuse writes why a ticket lets nobody in. The same answer always has the same bytes, so that it can be given as often as
// it is asked for.
//
//	0 0x84 | 1 version | 2 reason | 3 zero | 4 session u32 | 8 BLAKE2s-128 of bytes 0 to 7, keyed
func AppendRefuse(b []byte, key RefuseKey, session uint32, reason uint8) []byte {
	b = append(b[:0], TypeRefuse, Version, reason, 0)
	b = binary.LittleEndian.AppendUint32(b, session)
	return append(b, newMAC(key[:]).of(b, nil)...)
}

// ParseRefuse reads a REFUSE for a session and reports whether the server made it.
func ParseRefuse(b []byte, key RefuseKey, session uint32) (reason uint8, ok bool) {
	if len(b) != RefuseSize || b[0] != TypeRefuse || b[1] != Version || b[3] != 0 || binary.LittleEndian.Uint32(b[4:]) != session ||
		!same(newMAC(key[:]).of(b[:RefuseSize-macSize], nil), b[RefuseSize-macSize:]) {
		return 0, false
	}
	return b[2], true
}
