package secure

import (
	"encoding/binary"
	"time"
)

// cookieLife is how long cookies are made with a key; they are valid as long again.
const cookieLife = 60 * time.Second

// Cookies makes and checks what a server under load asks a client to bring back, to show that it receives at the
// address it sends from. Its keys are drawn when they are needed.
type Cookies struct {
	random *Random
	keys   [2]cookieKey // the newest first
	epoch  uint32
	buf    [cookieSize]byte
}

type cookieKey struct {
	mac   *mac
	epoch uint32 // 0 when there is none
	made  time.Duration
}

// NewCookies returns cookies whose keys are drawn from random.
func NewCookies(random *Random) *Cookies { return &Cookies{random: random} }

// Make returns the cookie for whoever sent init from address, valid until the next call.
func (c *Cookies) Make(now time.Duration, init, address []byte) []byte {
	k := &c.keys[0]
	if k.epoch == 0 || now-k.made >= cookieLife {
		c.keys[1] = *k
		c.epoch++
		key := c.random.Key()
		*k = cookieKey{newMAC(key[:]), c.epoch, now}
	}
	return c.of(k, init, address)
}

// of returns a cookie: the key's epoch and a MAC over the client id and the address.
func (c *Cookies) of(k *cookieKey, init, address []byte) []byte {
	binary.LittleEndian.PutUint32(c.buf[:], k.epoch)
	copy(c.buf[4:], k.mac.of(init[8:16], address))
	return c.buf[:]
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
		return same(c.of(k, init, address), got)
	}
	return false
}
