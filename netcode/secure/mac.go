package secure

import (
	"crypto/subtle"
	"hash"

	"golang.org/x/crypto/blake2s"
)

// mac is keyed BLAKE2s-128. It is kept for reuse, so that a flood of packets allocates nothing.
type mac struct {
	h   hash.Hash
	sum [macSize]byte
}

func newMAC(key []byte) *mac {
	h, err := blake2s.New128(key)
	if err != nil {
		panic("secure: " + err.Error()) // only for keys of more than 32 bytes
	}
	return &mac{h: h}
}

// of returns the MAC of a and b together, valid until the next call.
func (m *mac) of(a, b []byte) []byte {
	m.h.Reset()
	m.h.Write(a)
	m.h.Write(b)
	return m.h.Sum(m.sum[:0])
}

// same compares MACs in a time that does not depend on them.
func same(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
