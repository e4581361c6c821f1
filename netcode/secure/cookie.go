package secure

import (
	"crypto/subtle"
	"encoding/binary"
	"time"

	"golang.org/x/crypto/blake2s"
)

// cookieLife is how long cookies are made with a key; they are valid as long again.
const cookieLife = 60 * time.Second

// Cookies makes and checks what a server under load asks a client to bring back, to show that it receives at the
// address it sends from. Its keys are drawn when they are needed.
type Cookies struct {
	random *Random
	keys   [2]cookieKey // the newest first
	epoch  uint32
}

type cookieKey struct {
	key   [32]byte
	epoch uint32 // 0 when there is none
	made  time.Duration
}

// NewCookies returns cookies whose keys are drawn from random.
func NewCookies(random *Random) *Cookies { return &Cookies{random: random} }

// Make returns the cookie for whoever sent init from address.
func (c *Cookies) Make(now time.Duration, init, address []byte) (cookie [cookieSize]byte) {
	k := &c.keys[0]
	if k.epoch == 0 || now-k.made >= cookieLife {
		c.keys[1] = *k
		c.epoch++
		*k = cookieKey{c.random.Key(), c.epoch, now}
	}
	return k.cookie(init, address)
}

// cookie is the key's epoch and a MAC over the client id and the address.
func (k *cookieKey) cookie(init, address []byte) (cookie [cookieSize]byte) {
	binary.LittleEndian.PutUint32(cookie[:], k.epoch)
	h, _ := blake2s.New128(k.key[:]) // fails for longer keys only
	h.Write(init[8:16])
	h.Write(address)
	h.Sum(cookie[:4])
	return cookie
}

// Check reports whether the cookie in init was made for it and for address, within the last 60 to 120 s.
func (c *Cookies) Check(now time.Duration, init, address []byte) bool {
	got := init[offCookie:offNoise]
	epoch := binary.LittleEndian.Uint32(got)
	for i := range c.keys {
		k := &c.keys[i]
		if k.epoch == 0 || k.epoch != epoch || now-k.made >= 2*cookieLife {
			continue
		}
		want := k.cookie(init, address)
		return subtle.ConstantTimeCompare(want[:], got) == 1
	}
	return false
}
