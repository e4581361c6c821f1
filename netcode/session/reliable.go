package session

import "math/bits"

// reliableOut is the sending half of a ReliableOrdered channel. The unit of retransmission is the
// message (or the fragment of a large one), repacked into whatever record leaves next.
//
//	base            scan          next
//	 |  in flight    |  to be sent  |
//	 +---------------+--------------+      ids, one per message, at most messageWindow in flight
//
// A message above MaxUnfragmented is sent once it is the oldest, so that the receiver never holds
// fragments of more than one message per channel.
type reliableOut struct {
	ring  []reliableMessage // index id % len
	base  uint64            // the oldest message not acknowledged
	next  uint64            // the next message to be queued
	scan  uint64            // no message below has anything to send
	bytes int               // of the messages from base to next-1 that are not acknowledged
	total uint64            // bytes of all messages ever queued
}

// reliableMessage is one message until it is acknowledged. Bit i of the masks stands for fragment i;
// a whole message has bit 0 alone.
type reliableMessage struct {
	data    []byte
	need    uint64 // waits to be sent
	missing uint64 // not acknowledged; 0 when the message is done
	lastPN  uint64 // of the newest record that carried it (whole messages)
	end     uint64 // bytes of all messages up to this one
	token   uint64
	receipt bool
	sent    bool
}

// fragmentsOf returns the number of fragments of a message of n bytes: 1 when it travels whole.
func fragmentsOf(n int) int {
	if n <= MaxUnfragmented {
		return 1
	}
	return (n + fragmentSize - 1) / fragmentSize
}

// fragment returns fragment i of data.
func fragment(data []byte, i int) []byte {
	return data[i*fragmentSize : min(len(data), (i+1)*fragmentSize)]
}

func (r *reliableOut) message(id uint64) *reliableMessage { return &r.ring[id%uint64(len(r.ring))] }

func (r *reliableOut) pending() bool { return r.base < r.next }

// push queues a message, which must fit the channel's limits. It owns data from then on.
func (r *reliableOut) push(data []byte, receipt bool, token uint64) {
	if r.next-r.base == uint64(len(r.ring)) {
		grown := make([]reliableMessage, max(8, 2*len(r.ring)))
		for id := r.base; id < r.next; id++ {
			grown[id%uint64(len(grown))] = *r.message(id)
		}
		r.ring = grown
	}
	all := uint64(1)<<fragmentsOf(len(data)) - 1
	r.total += uint64(len(data))
	*r.message(r.next) = reliableMessage{data: data, need: all, missing: all, end: r.total, receipt: receipt, token: token}
	r.next++
	r.bytes += len(data)
}

// toSend returns the first message at or after id that has something to send now. Only what the receiver
// can keep behind the oldest message is sent: it would refuse the whole record, and whatever shares it.
func (r *reliableOut) toSend(id uint64) (uint64, bool) {
	for id = max(id, r.scan); id < r.next && id-r.base < messageWindow; id++ {
		m := r.message(id)
		if m.end-r.message(r.base).end > maxEarlyBytes {
			break
		}
		if m.need != 0 && (len(m.data) <= MaxUnfragmented || id == r.base) {
			return id, true
		}
		if m.need == 0 && id == r.scan {
			r.scan++
		}
	}
	return 0, false
}

// acked takes the acknowledgement of a record that carried fragment frag of message id16. It returns the message
// when that completes it; its data is then the caller's.
func (r *reliableOut) acked(id16 uint16, frag uint8) (m reliableMessage, done bool) {
	id := extend(uint32(id16), 16, r.base)
	if id < r.base || id >= r.next {
		return m, false
	}
	p := r.message(id)
	bit := uint64(1) << frag
	if p.missing&bit == 0 {
		return m, false
	}
	p.missing &^= bit
	p.need &^= bit
	if p.missing != 0 {
		return m, false
	}
	m = *p
	p.data = nil
	r.bytes -= len(m.data)
	for r.base < r.next && r.message(r.base).missing == 0 {
		r.base++
	}
	r.scan = max(r.scan, r.base)
	return m, true
}

// lost takes the loss of record pn, which carried fragment frag of message id16, and reports whether
// that must be sent again: not when it has arrived, nor when a newer record carries it.
func (r *reliableOut) lost(id16 uint16, frag uint8, pn uint64) bool {
	id := extend(uint32(id16), 16, r.base)
	if id < r.base || id >= r.next {
		return false
	}
	m := r.message(id)
	bit := uint64(1) << frag
	if m.missing&bit == 0 || m.need&bit != 0 || len(m.data) <= MaxUnfragmented && m.lastPN != pn {
		return false
	}
	m.need |= bit
	r.scan = min(r.scan, id)
	return true
}

// probe marks what is unacknowledged to be sent again, oldest first, up to one record's worth, and
// reports whether there was any.
func (r *reliableOut) probe() (any bool) {
	budget := MaxUnfragmented
	for id := r.base; id < r.next && id-r.base < messageWindow && budget > 0; id++ {
		m := r.message(id)
		if !m.sent || m.missing == 0 {
			continue
		}
		again := m.missing
		if len(m.data) > MaxUnfragmented {
			again = m.missing & -m.missing // its first missing fragment
		}
		m.need |= again
		budget -= min(len(m.data), fragmentSize)
		r.scan = min(r.scan, id)
		any = true
	}
	return any
}

// reliableIn is the receiving half: messages that came early wait in a ring for those before them.
type reliableIn struct {
	ring    []earlyMessage // index id % len; grows up to messageWindow
	next    uint64         // the next message to be delivered
	early   int            // bytes in the ring
	partial *assembly      // of message next
}

type earlyMessage struct {
	data []byte
	have bool
}

// accepts reports whether a frame lies within the window: not too far ahead, not too much, and a
// fragment only of the next message. What lies behind is a repetition and is accepted, to be ignored.
func (r *reliableIn) accepts(f *messageFrame) bool {
	id := extend(uint32(f.id), 16, r.next)
	if f.count > 0 {
		return id <= r.next
	}
	return id <= r.next || id < r.next+messageWindow && r.early+len(f.data) <= maxEarlyBytes
}

// take stores a frame that is accepted. Messages that can be delivered are then read with pop.
func (r *reliableIn) take(p *buffers, f *messageFrame) {
	id := extend(uint32(f.id), 16, r.next)
	if id < r.next {
		return
	}
	r.grow(id - r.next)
	slot := &r.ring[id%uint64(len(r.ring))]
	switch {
	case slot.have:
	case f.count == 0:
		slot.data, slot.have = p.copyOf(f.data), true
		r.early += len(slot.data)
	case r.assemble(p, f):
		slot.data, slot.have = r.partial.join(p), true
		r.early += len(slot.data)
	}
}

func (r *reliableIn) assemble(p *buffers, f *messageFrame) (complete bool) {
	if r.partial == nil {
		r.partial = new(assembly)
	}
	if r.partial.count == 0 {
		r.partial.id, r.partial.count = f.id, f.count
	}
	return r.partial.add(p, f)
}

func (r *reliableIn) grow(ahead uint64) {
	n := uint64(max(8, len(r.ring)))
	for n <= ahead {
		n *= 2
	}
	if n == uint64(len(r.ring)) {
		return
	}
	grown := make([]earlyMessage, n)
	for i := range uint64(len(r.ring)) {
		id := r.next + i
		grown[id%n] = r.ring[id%uint64(len(r.ring))]
	}
	r.ring = grown
}

// pop returns the next message in order, once it is there. Its data is the caller's.
func (r *reliableIn) pop() (data []byte, ok bool) {
	if len(r.ring) == 0 {
		return nil, false
	}
	slot := &r.ring[r.next%uint64(len(r.ring))]
	if !slot.have {
		return nil, false
	}
	data = slot.data
	*slot = earlyMessage{}
	r.next++
	r.early -= len(data)
	return data, true
}

// reset gives all buffers back.
func (r *reliableIn) reset(p *buffers) {
	for i := range r.ring {
		if r.ring[i].have {
			p.put(r.ring[i].data)
			r.ring[i] = earlyMessage{}
		}
	}
	if r.partial != nil {
		r.partial.reset(p)
	}
}

// lowestBit returns the index of the lowest bit set in mask, which is not zero.
func lowestBit(mask uint64) uint8 { return uint8(bits.TrailingZeros64(mask)) }
