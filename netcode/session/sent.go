package session

import "time"

// packetFate is what became of a packet number. Every one has one fate.
//
//	inFlight ---> acked
//	    |           ↑ (it was late, not lost: spurious)
//	    +-----> lost
type packetFate uint8

const (
	inFlight packetFate = iota
	acked
	lost
	skipped // it was never sent
)

// sentPacket is a packet we sent. Its messages are sentState.refs[firstRef:firstRef+refs].
type sentPacket struct {
	at        time.Duration
	ackedUpTo uint64 // the largest number it acknowledged, plus one; 0 if it held no ack
	firstRef  uint64
	refs      uint16
	size      uint16
	fate      packetFate
	eliciting bool  // the peer owes an acknowledgement
	hold      uint8 // the round of HOLD that it told; 0: none
	sizing    bool  // a probe of the path's size (mtu.go): no loss, nothing in flight
}

// sentRef names one message, or fragment of one, in a packet.
type sentRef struct {
	channel  uint8
	fragment uint8
	id       uint16 // of a reliable message, the low half
	of       int32  // of a reliable message: its cutting; of an unreliable one: index plus one into receipts, 0 for none
}

// sentState is what we sent and have not settled: packets base to next-1 in a ring, each with the
// messages it carried in a second ring. The zero value has sent nothing.
type sentState struct {
	packets    []sentPacket // index pn % len
	base, next uint64
	skips      uint64 // numbers that were left out

	refs             []sentRef // index ref % len
	refBase, refNext uint64
	carried          int // packets with messages since the rings were small, at most playsAfter

	beat         cadence // of the packets that elicit an ack
	eliciting    int     // of them in flight
	bytes        int     // in flight
	largestAcked uint64

	largestAckedAt time.Duration // when that was sent
	anyAcked       bool
	lossOut        float64 // smoothed share of packets lost
	lost           uint64
	spurious       uint64
}

// packet returns the packet numbered pn, which must be in base to next-1.
func (s *sentState) packet(pn uint64) *sentPacket { return &s.packets[pn%uint64(len(s.packets))] }

// acknowledged notes the newest packet that the peer has.
func (s *sentState) acknowledged(pn uint64) {
	if at, ok := s.sentAt(pn); ok {
		s.largestAckedAt = at
	}
	s.largestAcked, s.anyAcked = pn, true
}

// sentAt returns when the packet numbered pn was sent, unless that is forgotten: the newest that was acknowledged is not.
func (s *sentState) sentAt(pn uint64) (at time.Duration, ok bool) {
	switch {
	case pn >= s.base && pn < s.next:
		return s.packet(pn).at, true
	case s.anyAcked && pn == s.largestAcked:
		return s.largestAckedAt, true
	}
	return 0, false
}

// full reports whether the ring is at its limit, in which case the caller settles the oldest packet
// as lost first.
func (s *sentState) full() bool { return s.next-s.base >= maxSent }

// push records the packet numbered s.next. A packet that elicits no acknowledgement is settled from the start.
func (s *sentState) push(p sentPacket, refs []sentRef) {
	if s.next-s.base == uint64(len(s.packets)) {
		s.movePackets(max(firstPackets, 2*len(s.packets)))
	}
	for s.refNext+uint64(len(refs))-s.refBase > uint64(len(s.refs)) {
		s.moveRefs(max(firstRefs, 2*len(s.refs)))
	}
	if len(refs) > 0 && s.carried < playsAfter {
		s.play()
	}
	p.firstRef, p.refs = s.refNext, uint16(len(refs))
	for _, r := range refs {
		s.refs[s.refNext%uint64(len(s.refs))] = r
		s.refNext++
	}
	switch {
	case !p.eliciting:
		p.fate = acked
	case !p.sizing:
		s.beat.hear(p.at, true)
		s.eliciting++
		s.bytes += int(p.size)
	}
	*s.packet(s.next) = p
	s.next++
}

// skip leaves out the packet numbered s.next. Who acknowledges it acknowledges what it has not received.
func (s *sentState) skip() {
	if s.next-s.base == uint64(len(s.packets)) {
		s.movePackets(max(firstPackets, 2*len(s.packets)))
	}
	*s.packet(s.next) = sentPacket{fate: skipped, firstRef: s.refNext}
	s.next++
	s.skips++
}

// before returns the number of the packet before pn that asked for an acknowledgement, as far as that is remembered.
func (s *sentState) before(pn uint64) uint64 {
	for pn > s.base {
		pn--
		if p := s.packet(pn); p.eliciting && !p.sizing {
			return pn
		}
	}
	return pn - 1
}

// farAhead reports whether so many numbers are not acknowledged that the peer may soon misread them: it knows the low 16
// bits, and takes the number nearest to its newest.
func (s *sentState) farAhead() bool {
	first := uint64(0)
	if s.anyAcked {
		first = s.largestAcked
	}
	return s.next-first >= maxAhead
}

// The rings' first sizes, enough for a session that only says that it lives, and those of one that plays, which has sent so many packets
// with messages: enough for most, so that they do not grow at each coincidence. Then they double.
const (
	firstPackets = 8
	firstRefs    = 16
	playPackets  = 64
	playRefs     = 128
	playsAfter   = 16
)

// play makes the rings as large as a session needs that plays.
func (s *sentState) play() {
	if s.carried++; s.carried == playsAfter {
		s.movePackets(max(playPackets, len(s.packets)))
		s.moveRefs(max(playRefs, len(s.refs)))
	}
}

// movePackets gives the packets a ring of n places.
func (s *sentState) movePackets(n int) {
	grown := make([]sentPacket, n)
	for pn := s.base; pn < s.next; pn++ {
		grown[pn%uint64(len(grown))] = *s.packet(pn)
	}
	s.packets = grown
}

// moveRefs gives the messages a ring of n places.
func (s *sentState) moveRefs(n int) {
	grown := make([]sentRef, n)
	for i := s.refBase; i < s.refNext; i++ {
		grown[i%uint64(len(grown))] = s.refs[i%uint64(len(s.refs))]
	}
	s.refs = grown
}

// settle gives packet p its fate and takes it out of flight.
func (s *sentState) settle(p *sentPacket, fate packetFate) {
	if p.fate == inFlight && !p.sizing {
		s.bytes -= int(p.size)
		s.eliciting--
		if fate == lost {
			s.lost++
			s.lossOut += (1 - s.lossOut) * lossGain
		} else {
			s.lossOut -= s.lossOut * lossGain
		}
	}
	p.fate = fate
}

// trim forgets settled packets at the old end. Lost ones are kept until before, so that one that was
// merely late is recognised.
func (s *sentState) trim(before time.Duration) {
	for s.base < s.next {
		p := s.packet(s.base)
		if p.fate == inFlight || p.fate == lost && p.at > before && !s.full() {
			break
		}
		s.refBase = p.firstRef + uint64(p.refs)
		s.base++
	}
}

// largerThan reports whether a packet of more than n bytes is in flight.
func (s *sentState) largerThan(n int) bool {
	for pn := s.base; pn < s.next; pn++ {
		if p := s.packet(pn); p.fate == inFlight && !p.sizing && int(p.size) > n {
			return true
		}
	}
	return false
}

// unheardSince returns when the second packet in flight was sent that is newer than all that were
// acknowledged, or the first when it is alone: one lost acknowledgement is no silence yet, when the
// next is due at once. (For older packets loss detection has a timer.)
func (s *sentState) unheardSince() (at time.Duration, ok bool) {
	if s.eliciting == 0 {
		return 0, false
	}
	first := s.base
	if s.anyAcked {
		first = max(first, s.largestAcked+1)
	}
	for pn := first; pn < s.next; pn++ {
		if p := s.packet(pn); p.fate == inFlight && !p.sizing {
			if at = p.at; ok {
				break
			}
			ok = true
		}
	}
	return at, ok
}
