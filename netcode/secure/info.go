package secure

import (
	"encoding/binary"
)

// MaxInfoName is the longest name of a server in bytes.
const MaxInfoName = 64

// Info is what a server says of itself to anybody. Nothing proves that it is true.
type Info struct {
	Lowest, Highest uint8    // versions of the protocol
	Key             [32]byte // the server's public key
	App, Schema     uint64
	Players, Max    uint32
	Closing         bool // it takes nobody in any more
	Tokens          bool // it takes nobody in without a token
	Name            string
}

// infoFixed is the size of an INFO without its name.
const infoFixed = 16 + 32 + 16 + 8 + 2 + macSize

// AppendQuery writes a QUERY: 0x86, version, zeros, the client's id at 8, zeros up to 1200 bytes.
func AppendQuery(b []byte, id uint64) []byte {
	start := len(b)
	b = b[:start+QuerySize]
	q := b[start:]
	clear(q)
	q[0], q[1] = TypeQuery, Version
	binary.LittleEndian.PutUint64(q[8:], id)
	return b
}

// CheckQuery reports whether b is a QUERY, of any version: size, type and client id stay where they are.
func CheckQuery(b []byte) bool { return len(b) == QuerySize && b[0] == TypeQuery }

// AppendInfo writes the answer to a QUERY.
//
//	0 0x87 | 1 lowest version | 2 highest | 3 flags: bit 0 closing, bit 1 tokens | 4 zeros | 8 client id u64 | 16 public key 32 |
//	48 app u64 | 56 schema u64 | 64 players u32 | 68 most players u32 | 72 length of name u16 | 74 name | checksum 16
func AppendInfo(b []byte, query []byte, i Info) []byte {
	start := len(b)
	b = append(b, TypeInfo, i.Lowest, i.Highest, flag(i.Closing, 1)|flag(i.Tokens, 2), 0, 0, 0, 0)
	b = append(b, query[8:16]...)
	b = append(b, i.Key[:]...)
	b = binary.LittleEndian.AppendUint64(b, i.App)
	b = binary.LittleEndian.AppendUint64(b, i.Schema)
	b = binary.LittleEndian.AppendUint32(b, i.Players)
	b = binary.LittleEndian.AppendUint32(b, i.Max)
	name := i.Name[:min(len(i.Name), MaxInfoName)]
	b = binary.LittleEndian.AppendUint16(b, uint16(len(name)))
	b = append(b, name...)
	sum := infoSum(b[start:])
	return append(b, sum[:]...)
}

func flag(set bool, bit byte) byte {
	if set {
		return bit
	}
	return 0
}

// infoSum finds damage: a client that took a damaged key for the server's would talk to nobody. It is not a secret.
func infoSum(b []byte) [macSize]byte {
	return [macSize]byte(newMAC([]byte("halftick info")).of(b, nil))
}

// ParseInfo reads an INFO and the client's id in it.
func ParseInfo(b []byte) (i Info, id uint64, ok bool) {
	if len(b) < infoFixed || len(b) > infoFixed+MaxInfoName || b[0] != TypeInfo || b[3] > 3 {
		return i, 0, false
	}
	sum := infoSum(b[:len(b)-macSize])
	n := int(binary.LittleEndian.Uint16(b[72:]))
	if n != len(b)-infoFixed || !same(sum[:], b[len(b)-macSize:]) {
		return i, 0, false
	}
	return Info{
		Lowest: b[1], Highest: b[2], Closing: b[3]&1 != 0, Tokens: b[3]&2 != 0, Key: [32]byte(b[16:48]),
		App: binary.LittleEndian.Uint64(b[48:]), Schema: binary.LittleEndian.Uint64(b[56:]),
		Players: binary.LittleEndian.Uint32(b[64:]), Max: binary.LittleEndian.Uint32(b[68:]),
		Name: string(b[74 : 74+n]),
	}, clientID(b), true
}
