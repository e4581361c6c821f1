package secure

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// Overhead is what sealing adds to a record, in bytes.
const Overhead = tagSize

// MaxHeader is the longest header of a record, in bytes.
const MaxHeader = 7

// FlagPhase is the bit of a record's first byte that says which of two successive keys it was sealed with.
const FlagPhase = 0x20

const (
	nonceSize = 12
	// updatePackets and updateAge are how much a key is used: far below the 2^23 packets that RFC 9001 section 6.6
	// allows with AES-GCM.
	updatePackets = 1 << 20
	updateAge     = 600 * time.Second
	// oldKeyAge is how long a key is kept for records that were overtaken by the next key's.
	oldKeyAge = 3 * time.Second
)

// generation is one key of one direction.
type generation struct {
	aead cipher.AEAD
	iv   [nonceSize]byte
}

// newGeneration makes the key that follows from secret, and the secret of the one after it.
func newGeneration(suite Suite, secret [32]byte) (g generation, next [32]byte) {
	var key [32]byte
	var err error
	expand(g.iv[:], secret[:], "halftick iv")
	switch suite {
	case AES128GCM:
		expand(key[:16], secret[:], "halftick key")
		block, blockErr := aes.NewCipher(key[:16])
		if blockErr != nil {
			panic("secure: " + blockErr.Error()) // only for keys of another size
		}
		g.aead, err = cipher.NewGCM(block)
	default:
		expand(key[:], secret[:], "halftick key")
		g.aead, err = chacha20poly1305.New(key[:])
	}
	if err != nil {
		panic("secure: " + err.Error()) // only for keys of another size
	}
	return g, Derive(secret, "halftick next")
}

// scratch holds what goes into the cipher beside the record, where handing it over allocates nothing.
type scratch struct {
	nonce [nonceSize]byte
	aad   [MaxHeader + 8]byte
}

// prepare returns the nonce, the IV XORed with the packet number, and the associated data, the record's header
// and the whole packet number.
func (s *scratch) prepare(iv *[nonceSize]byte, header []byte, pn uint64) (nonce, aad []byte) {
	s.nonce = *iv
	low := s.nonce[nonceSize-8:]
	binary.BigEndian.PutUint64(low, binary.BigEndian.Uint64(low)^pn)
	n := copy(s.aad[:MaxHeader], header)
	binary.LittleEndian.PutUint64(s.aad[n:], pn)
	return s.nonce[:], s.aad[:n+8]
}
