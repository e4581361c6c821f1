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

// tagOf is the CRC-32C of the record, started from and masked with bits that depend on key, direction and number.
func tagOf(key uint64, dir direction, pn uint64, record []byte) uint32 {
	h := mix(mix(key+uint64(dir)) ^ pn)
	return crc32.Update(uint32(h), castagnoli, record) ^ uint32(h>>32)
}

// mix is the finalizer of splitmix64.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
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
