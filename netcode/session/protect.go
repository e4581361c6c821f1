package session

import (
	"encoding/binary"
	"hash/crc32"
)

// Protection of records. This is the place of the cipher: seal and open see every record, with its
// session's key, its direction, its full packet number, its header and its payload. In this state of
// the protocol they append and check a keyed CRC-32C: damage and strays are found, an attacker who can
// read the packets is not stopped.
const tagSize = 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// direction keeps a record from being accepted by the side that sent it.
type direction uint8

const (
	toServer direction = iota
	toClient
)

func tagOf(key uint64, dir direction, pn uint64, record []byte) uint32 {
	var k [17]byte
	binary.LittleEndian.PutUint64(k[0:], key)
	binary.LittleEndian.PutUint64(k[8:], pn)
	k[16] = byte(dir)
	return crc32.Update(crc32.Update(0, castagnoli, k[:]), castagnoli, record)
}

// seal returns record with its tag appended.
func seal(key uint64, dir direction, pn uint64, record []byte) []byte {
	return binary.LittleEndian.AppendUint32(record, tagOf(key, dir, pn, record))
}

// open checks the tag at the end of record, and returns the payload that follows the header of the given length.
func open(key uint64, dir direction, pn uint64, record []byte, header int) (payload []byte, ok bool) {
	n := len(record) - tagSize
	if n < header || binary.LittleEndian.Uint32(record[n:]) != tagOf(key, dir, pn, record[:n]) {
		return nil, false
	}
	return record[header:n], true
}
