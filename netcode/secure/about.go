package secure

import "encoding/binary"

// AboutPiece is how many bytes of a description an ABOUT carries, but for the last one.
const AboutPiece = 480

const aboutHead = 16

// AppendAsk writes an ASK for one piece of the server's description.
//
//	0 0x88 | 1 version | 2 zeros | 4 piece u16 | 6 zeros | 8 client id u64 | zeros up to 1200
func AppendAsk(b []byte, id uint64, piece uint16) []byte {
	start := len(b)
	b = AppendQuery(b, id)
	b[start] = TypeAsk
	binary.LittleEndian.PutUint16(b[start+4:], piece)
	return b
}

// ParseAsk reads which piece an ASK of this version is for.
func ParseAsk(b []byte) (piece int, ok bool) {
	if len(b) != QuerySize || b[0] != TypeAsk || b[1] != Version {
		return 0, false
	}
	return int(binary.LittleEndian.Uint16(b[4:])), true
}

// AppendAbout writes the answer to an ASK: a piece of a packed description, which is empty beyond its end.
//
//	0 0x89 | 1 version | 2 zeros | 4 piece u16 | 6 pieces u16 | 8 client id u64 | 16 bytes of the piece | checksum 16
func AppendAbout(b []byte, ask, packed []byte) []byte {
	start := len(b)
	piece := int(binary.LittleEndian.Uint16(ask[4:]))
	from := min(piece*AboutPiece, len(packed))
	b = append(b, TypeAbout, Version, 0, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(piece))
	b = binary.LittleEndian.AppendUint16(b, uint16((len(packed)+AboutPiece-1)/AboutPiece))
	b = append(b, ask[8:16]...)
	b = append(b, packed[from:min(from+AboutPiece, len(packed))]...)
	sum := aboutSum(b[start:])
	return append(b, sum[:]...)
}

// About is a piece of a server's packed description. Nothing proves that it is true.
type About struct {
	ID            uint64
	Piece, Pieces int
	Data          []byte // borrowed from what was parsed
}

// ParseAbout reads an ABOUT.
func ParseAbout(b []byte) (a About, ok bool) {
	if len(b) < aboutHead+macSize || len(b) > aboutHead+AboutPiece+macSize || b[0] != TypeAbout || b[1] != Version || b[2]|b[3] != 0 {
		return a, false
	}
	end := len(b) - macSize
	sum := aboutSum(b[:end])
	if !same(sum[:], b[end:]) {
		return a, false
	}
	return About{clientID(b), int(binary.LittleEndian.Uint16(b[4:])), int(binary.LittleEndian.Uint16(b[6:])), b[aboutHead:end]}, true
}

// aboutSum finds damage, as infoSum does.
func aboutSum(b []byte) [macSize]byte {
	return [macSize]byte(newMAC([]byte("halftick about")).of(b, nil))
}
