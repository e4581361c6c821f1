package secure

import "time"

// Opener opens the records of one direction. It follows the sender from key to key: the next one is computed
// when a record first says that it was sealed with it, once whoever wrote that record, and the last one is kept for
// a while for late records.
type Opener struct {
	suite          Suite
	old, cur, next generation // the aead of old and next is nil while there is none
	secret         [32]byte   // the one that next follows from, or the one after it
	scratch        scratch

	updates  uint64
	first    uint64        // the lowest packet opened with cur
	oldUntil time.Duration // when old is dropped
}

// NewOpener returns an opener whose first key follows from secret.
func NewOpener(suite Suite, secret [32]byte) *Opener {
	o := &Opener{suite: suite}
	o.cur, o.secret = newGeneration(suite, secret)
	return o
}

// Open decrypts what follows the header of a record into dst, which must not overlap it, and returns dst with
// the payload appended. A record that was altered, or sealed by somebody else or under another number, changes
// nothing. It tries one key: which one follows from phase and number.
func (o *Opener) Open(now time.Duration, dst, record []byte, header int, pn uint64) ([]byte, bool) {
	if o.old.aead != nil && now >= o.oldUntil {
		o.old = generation{}
	}
	gen, update := &o.cur, false
	if odd := record[0]&FlagPhase != 0; odd != (o.updates&1 != 0) {
		// "packets with a lower packet number than any packet number from the current key phase" are of the
		// phase before (RFC 9001 section 6.5).
		if gen = &o.old; pn >= o.first {
			gen, update = &o.next, true
			if o.next.aead == nil {
				o.next, o.secret = newGeneration(o.suite, o.secret)
			}
		}
	}
	if gen.aead == nil {
		return nil, false
	}
	nonce, aad := o.scratch.prepare(&gen.iv, record[:header], pn)
	payload, err := gen.aead.Open(dst, nonce, record[header:], aad)
	if err != nil {
		return nil, false
	}
	switch {
	case update:
		o.old, o.cur, o.oldUntil = o.cur, o.next, now+oldKeyAge
		o.next = generation{}
		o.updates++
		o.first = pn
	case gen == &o.cur:
		o.first = min(o.first, pn)
	}
	return payload, true
}

// Updates returns how often the sender's key has changed.
func (o *Opener) Updates() uint64 { return o.updates }
