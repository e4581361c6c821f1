package session

import (
	"math/bits"
	"time"
)

// reliableOut is the sending half of a reliable channel. The unit of retransmission is the message (or
// the fragment of a large one), repacked into whatever record leaves next. A message gets its id when the
// first of it is sent, so that one that is dropped unsent leaves no hole.
//
//	base                  next
//	 |  sent, at least in   |  waiting, without ids
//	 |  part; by id         |
//	 +----------------------+--------------------------
type reliableOut struct {
	ring    []reliableMessage // index id % len, a power of two
	base    uint64            // the oldest message not acknowledged
	next    uint64            // the id of the next message to be sent for the first time
	plays   uint64            // the id from which on the ring has room for a game
	again   fifo[uint64]      // ids of messages that, or parts of which, must be sent again
	encores fifo[uint64]      // ids of messages that were sent again and go out once more with the next record
	waiting fifo[waitingMessage]
	bytes   int    // of all messages that are not acknowledged
	total   uint64 // bytes of all messages ever sent
	latest  *latestOut
	refused bool // a Send found the queue full: see relieve
}

// waitingMessage is a message of which nothing was sent.
type waitingMessage struct {
	data     []byte
	key      uint64
	token    uint64
	queuedAt time.Duration
	receipt  bool
}

// reliableMessage is one message from the first time it is sent until it is acknowledged. Bit i of the masks
// stands for fragment i; a whole message has bit 0 alone.
type reliableMessage struct {
	data    []byte
	need    uint64        // waits to be sent
	missing uint64        // not acknowledged; 0 when the message is done
	lastPN  uint64        // of the newest record that carried it (whole messages)
	firstAt time.Duration // when it was sent for the first time
	end     uint64        // bytes of all messages up to this one
	key     uint64
	token   uint64
	cut     uint16 // bytes of every fragment but the last; 0 when it travels whole
	cutting uint8  // how often it was cut again
	copies  uint8  // records that carried it, up to maxRepeats, coded frames included
	missed  bool   // one of them is known to be lost
	receipt bool
	sent    bool // all of it, once
	again   bool // is in reliableOut.again
}

// pieces returns the number of fragments of a message of n bytes that is cut at each cut bytes; 1 when
// it travels whole, with cut 0.
func pieces(n, cut int) int {
	if cut == 0 {
		return 1
	}
	return (n + cut - 1) / cut
}

// fragment returns fragment i of data that is cut at each cut bytes.
func fragment(data []byte, cut, i int) []byte {
	if cut == 0 {
		return data
	}
	return data[i*cut : min(len(data), (i+1)*cut)]
}

// window returns how far ahead of the oldest unacknowledged message a reliable channel may be: in messages
// and in bytes. Sender and receiver hold the same limits.
func (ch *Channel) window() (messages uint64, bytes int) {
	switch ch.Kind {
	case Bulk:
		return bulkWindow, ch.MaxQueue
	case ReliableLatest:
		return latestWindow, maxEarlyBytes
	}
	return messageWindow, maxEarlyBytes
}

func (r *reliableOut) message(id uint64) *reliableMessage { return &r.ring[id&uint64(len(r.ring)-1)] }

// queued returns the number of messages that are waiting or unacknowledged, or acknowledged out of order.
func (r *reliableOut) queued() int { return int(r.next-r.base) + r.waiting.len() }

func (r *reliableOut) pending() bool { return r.base < r.next || r.waiting.len() > 0 }

// push queues a message, which must fit the channel's limits. It owns m.data from then on.
func (r *reliableOut) push(m waitingMessage) (place uint64) {
	r.bytes += len(m.data)
	return r.waiting.push(m)
}

// toSend returns the message that has something to send next: a lost one before a new one, and r.next for
// the first of those that wait. Only what the receiver can keep behind the oldest message is sent: it would
// refuse the whole record, and whatever shares it. While the channel is held nothing new is begun.
func (r *reliableOut) toSend(ch *Channel, held bool) (id uint64, ok bool) {
	for r.again.len() > 0 {
		if id = *r.again.front(); id >= r.base {
			m := r.message(id)
			if m.need != 0 {
				return id, true
			}
			m.again = false
		}
		r.again.pop()
	}
	if r.base < r.next && r.message(r.next-1).need != 0 {
		return r.next - 1, true // a large one of which some fragments were sent
	}
	return r.next, !held && r.mayStart(ch)
}

// mayStart reports whether the first message that waits lies within the window.
func (r *reliableOut) mayStart(ch *Channel) bool {
	if r.waiting.len() == 0 {
		return false
	}
	messages, limit := ch.window()
	w := r.waiting.front()
	if r.next-r.base >= messages {
		return false
	}
	if r.latest != nil {
		return r.latest.mayStart(w)
	}
	if r.base == r.next {
		return true
	}
	oldest := r.message(r.base)
	return r.total-oldest.end+uint64(len(oldest.data)+len(w.data)) <= uint64(limit)
}

// cutFor returns where a message of n bytes is cut when fragments may have cut bytes: 0 when it travels whole.
func cutFor(n, cut int) int {
	if n <= max(MaxUnfragmented, cut) {
		return 0
	}
	return cut
}

// firstFrame returns the first message that waits, or its first fragment, as it would travel.
func (r *reliableOut) firstFrame(channel, cut int) messageFrame {
	w := r.waiting.front()
	cut = cutFor(len(w.data), cut)
	f := messageFrame{channel: channel, id: r.next, key: w.key, data: fragment(w.data, cut, 0)}
	if cut > 0 {
		f.count = uint8(pieces(len(w.data), cut))
	}
	return f
}

// The ring's first size, and that of a channel that has sent playsAfter messages, enough for most. Then it doubles.
const (
	firstMessages = 8
	playMessages  = 32
)

// move gives the messages a ring of n places, a power of two.
func (r *reliableOut) move(n int) {
	grown := make([]reliableMessage, n)
	for id := r.base; id < r.next; id++ {
		grown[id&uint64(n-1)] = *r.message(id)
	}
	r.ring = grown
}

// start gives the first message that waits its id and returns it. It is cut at each cut bytes unless it is small.
func (r *reliableOut) start(cut int) *reliableMessage {
	switch {
	case r.ring == nil:
		r.move(firstMessages)
		r.again.reserve()
		r.encores.reserve()
		r.plays = r.next + playsAfter
	case r.next-r.base == uint64(len(r.ring)):
		r.move(2 * len(r.ring))
	case r.next == r.plays:
		r.move(max(playMessages, len(r.ring)))
	}
	w := r.waiting.pop()
	cut = cutFor(len(w.data), cut)
	r.total += uint64(len(w.data))
	m := r.message(r.next)
	*m = reliableMessage{data: w.data, end: r.total, key: w.key, token: w.token, cut: uint16(cut), receipt: w.receipt}
	m.need = 1<<pieces(len(w.data), cut) - 1
	m.missing = m.need
	if r.latest != nil {
		r.latest.started(m, r.next)
	}
	r.next++
	return m
}

// recut cuts a message anew when the path carries less than before. What arrived of it is sent again.
func (m *reliableMessage) recut(cut int) {
	if m.cut > 0 && int(m.cut) <= cut || m.cut == 0 && cutFor(len(m.data), cut) == 0 {
		return
	}
	if m.cutting++; m.cutting >= maxCuttings {
		cut = minFragment
	}
	m.cut = uint16(cut)
	m.need = 1<<pieces(len(m.data), cut) - 1
	m.missing = m.need
}

// frame returns the message, or the first of its fragments that waits to be sent, as it travels.
func (m *reliableMessage) frame(channel int, id uint64) messageFrame {
	f := messageFrame{channel: channel, id: id, key: m.key, data: m.data}
	if m.cut > 0 {
		f.cutting = m.cutting
		f.index, f.count = uint8(bits.TrailingZeros64(m.need)), uint8(pieces(len(m.data), int(m.cut)))
		f.data = fragment(m.data, int(m.cut), int(f.index))
	}
	return f
}

// find returns the message that a record carried, unless that is done or was cut anew since.
func (r *reliableOut) find(ref sentRef) (id uint64, m *reliableMessage) {
	id = extend(uint32(ref.id), 16, r.base)
	if id < r.base || id >= r.next {
		return 0, nil
	}
	if m = r.message(id); m.missing == 0 || int32(m.cutting) != ref.of {
		return 0, nil
	}
	return id, m
}

// acked takes the acknowledgement of a record with ref. It returns the message when that completes it; its
// data is then the caller's.
func (r *reliableOut) acked(ref sentRef) (done reliableMessage, ok bool) {
	id, m := r.find(ref)
	bit := uint64(1) << ref.fragment
	if m == nil || m.missing&bit == 0 {
		return done, false
	}
	m.missing &^= bit
	m.need &^= bit
	if m.missing != 0 {
		return done, false
	}
	done = *m
	if r.latest != nil {
		r.latest.acked(done.key, id)
	}
	r.settle(m)
	return done, true
}

// settle takes a message out that needs nothing more; its data is the caller's.
func (r *reliableOut) settle(m *reliableMessage) {
	r.bytes -= len(m.data)
	m.data, m.need, m.missing = nil, 0, 0
	for r.base < r.next && r.message(r.base).missing == 0 {
		r.base++
	}
}

// lost takes the loss of record pn with ref and reports whether that must be sent again: not when it has
// arrived, nor when a newer record carries it.
func (r *reliableOut) lost(ref sentRef, pn uint64) bool {
	id, m := r.find(ref)
	bit := uint64(1) << ref.fragment
	if m != nil {
		m.missed = true
	}
	if m == nil || m.missing&bit == 0 || m.need&bit != 0 || m.cut == 0 && m.lastPN != pn {
		return false
	}
	r.repeat(id, m, bit)
	return true
}

// repeat marks parts of a message to be sent again.
func (r *reliableOut) repeat(id uint64, m *reliableMessage, parts uint64) {
	m.need |= parts
	if !m.again {
		m.again = true
		r.again.push(id)
	}
}

// probe marks what is unacknowledged to be sent again, oldest first, up to one record's worth, and
// reports whether there was any.
func (r *reliableOut) probe() (any bool) {
	budget := MaxUnfragmented
	for id := r.base; id < r.next && budget > 0; id++ {
		m := r.message(id)
		if !m.sent || m.missing == 0 {
			continue
		}
		again := m.missing
		if m.cut > 0 {
			again &= -again // its first missing fragment
		}
		r.repeat(id, m, again)
		budget -= min(len(m.data), minFragment)
		any = true
	}
	return any
}
