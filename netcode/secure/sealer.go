package secure

import "time"

// Sealer seals the records of one direction.
type Sealer struct {
	suite   Suite
	gen     generation
	next    [32]byte // the secret that the next key follows from
	scratch scratch

	updates uint64        // keys used before this one
	first   uint64        // the first packet sealed with this key
	used    uint64        // packets sealed with it
	since   time.Duration // when it was first used
	acked   bool          // a packet sealed with it reached the peer

	updatePackets uint64
}

// NewSealer returns a sealer whose first key follows from secret.
func NewSealer(suite Suite, secret [32]byte, now time.Duration) *Sealer {
	s := &Sealer{suite: suite, since: now, updatePackets: updatePackets}
	s.gen, s.next = newGeneration(suite, secret)
	return s
}

// UpdateEvery makes the key change after every n packets instead of 2^20, for tests.
func (s *Sealer) UpdateEvery(n uint64) { s.updatePackets = n }

// Seal encrypts in place what follows the header of record, which has room for Overhead more bytes, and
// returns it with the tag. It sets the key phase in the first byte. A packet number is never used twice;
// numbers only grow.
func (s *Sealer) Seal(now time.Duration, record []byte, header int, pn uint64) []byte {
	// "An endpoint MUST NOT initiate a subsequent key update unless it has received an acknowledgment for a
	// packet that was sent protected with keys from the current key phase." (RFC 9001 section 6.1)
	if s.acked && (s.used >= s.updatePackets || now-s.since >= updateAge) {
		s.gen, s.next = newGeneration(s.suite, s.next)
		s.updates++
		s.first, s.used, s.since, s.acked = pn, 0, now, false
	}
	s.used++
	if s.updates&1 != 0 {
		record[0] |= FlagPhase
	}
	nonce, aad := s.scratch.prepare(&s.gen.iv, record[:header], pn)
	return s.gen.aead.Seal(record[:header], nonce, record[header:], aad)
}

// Acked tells that the peer has packet pn.
func (s *Sealer) Acked(pn uint64) { s.acked = s.acked || pn >= s.first }

// Suite returns what the records are sealed with.
func (s *Sealer) Suite() Suite { return s.suite }

// Updates returns how often the key was changed.
func (s *Sealer) Updates() uint64 { return s.updates }
