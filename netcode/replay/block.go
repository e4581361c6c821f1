package replay

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// A file is its magic and then blocks, each
//
//	length    4   of kind and payload, little-endian like all that follows
//	checksum  4   CRC-32C of kind and payload
//	kind      1   H head, K keyframe, T ticks
//	payload
//
//	K   tick 4 | the state of the world after that tick
//	T   tick of the first 4 | number 2 | frames (see frame.go) | hash of the last world 8
const (
	magic      = "halftick replay 2\n"
	blockHead  = 8
	kindHead   = 'H'
	kindKey    = 'K'
	kindTicks  = 'T'
	tickHeader = 6
	hashSize   = 8
)

// What is wrong with a file.
var (
	ErrFormat = errors.New("replay: this is not a replay file of this version")
	ErrBlock  = errors.New("replay: a block does not hold what it should")
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// beginBlock appends the head of a block, to be filled in by endBlock.
func beginBlock(dst []byte, kind byte) []byte {
	return append(append(dst, make([]byte, blockHead)...), kind)
}

// endBlock fills in the head of the block that is all of b.
func endBlock(b []byte) {
	binary.LittleEndian.PutUint32(b, uint32(len(b)-blockHead))
	binary.LittleEndian.PutUint32(b[4:], crc32.Checksum(b[blockHead:], castagnoli))
}

// entry is one block of a file: where it lies and what it holds.
type entry struct {
	at    int64 // of kind and payload
	size  int
	kind  byte
	first uint32 // tick of K; first tick of T
	ticks int    // of T
	sum   uint32
}

// scan goes through the blocks without reading what is in them, and returns where the whole ones end.
func scan(f io.ReaderAt, size int64) (index []entry, end int64, err error) {
	var head [blockHead + 1 + tickHeader]byte
	begin := make([]byte, len(magic))
	if n, _ := f.ReadAt(begin, 0); n < len(magic) || string(begin) != magic {
		return nil, 0, ErrFormat
	}
	end = int64(len(magic))
	for len(index) < maxIndex {
		n, err := f.ReadAt(head[:], end)
		if err != nil && err != io.EOF {
			return index, end, err
		}
		if n < len(head) {
			break
		}
		e := entry{at: end + blockHead, size: int(binary.LittleEndian.Uint32(head[:])), sum: binary.LittleEndian.Uint32(head[4:]), kind: head[8]}
		if e.size <= tickHeader || e.size > maxBlock || e.at+int64(e.size) > size {
			break
		}
		if e.kind != kindHead {
			e.first = binary.LittleEndian.Uint32(head[9:])
		}
		if e.kind == kindTicks {
			e.ticks = int(binary.LittleEndian.Uint16(head[13:]))
		}
		index, end = append(index, e), e.at+int64(e.size)
	}
	return index, end, nil
}

// load reads the payload of a block into buf, which grows.
func (e *entry) load(f io.ReaderAt, buf []byte) ([]byte, error) {
	if cap(buf) < e.size {
		buf = make([]byte, e.size)
	}
	buf = buf[:e.size]
	if _, err := f.ReadAt(buf, e.at); err != nil {
		return buf, err
	}
	if crc32.Checksum(buf, castagnoli) != e.sum {
		return buf, ErrBlock
	}
	return buf[1:], nil
}
