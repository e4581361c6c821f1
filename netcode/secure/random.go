package secure

import "golang.org/x/crypto/chacha20"

// Random is a stream of unpredictable bytes that follows from its seed. What was drawn cannot be computed from
// the state that remains: each Read replaces the key by the first bytes it makes ("fast key erasure").
type Random struct{ key [32]byte }

// NewRandom returns the stream of a seed.
func NewRandom(seed [32]byte) *Random { return &Random{key: seed} }

// Read fills b. It never fails.
func (r *Random) Read(b []byte) (int, error) {
	var nonce [chacha20.NonceSize]byte
	c, err := chacha20.NewUnauthenticatedCipher(r.key[:], nonce[:])
	if err != nil {
		panic("secure: " + err.Error()) // only for keys of another size
	}
	clear(r.key[:])
	c.XORKeyStream(r.key[:], r.key[:])
	clear(b)
	c.XORKeyStream(b, b)
	return len(b), nil
}

// Key draws 32 bytes.
func (r *Random) Key() (k [32]byte) {
	r.Read(k[:])
	return k
}
