package session

import "time"

// unreliableOut is the sending half of an Unreliable or Sequenced channel: a short queue. A Sequenced
// channel keeps the newest message alone, so that a carrier that is slow never gets stale ones.
type unreliableOut struct {
	queue  fifo[unreliableMessage]
	bytes  int
	nextID uint16 // of the oldest message; one that is dropped before any of it was sent uses none
}

// unreliableMessage waits to be sent.
type unreliableMessage struct {
	data     []byte
	receipt  int32 // index plus one into the session's receipts, 0 for none
	queuedAt time.Duration
	cut      int // bytes of every fragment but the last; 0 when it travels whole, or nothing was sent
	fragment int // the next to be sent
}

func (u *unreliableOut) pending() bool { return u.queue.len() > 0 }

// push queues a message and owns data from then on. The caller has made room.
func (u *unreliableOut) push(now time.Duration, data []byte, receipt int32) {
	u.queue.push(unreliableMessage{data: data, receipt: receipt, queuedAt: now})
	u.bytes += len(data)
}

// pop removes the oldest message; its data is the caller's.
func (u *unreliableOut) pop() unreliableMessage {
	m := u.queue.pop()
	u.bytes -= len(m.data)
	if m.fragment > 0 {
		u.nextID++
	}
	return m
}

// frame returns the message, or the next of its fragments, as it travels.
func (m *unreliableMessage) frame(channel int, id uint16) messageFrame {
	f := messageFrame{channel: channel, id: uint64(id), data: fragment(m.data, m.cut, m.fragment)}
	if m.cut > 0 {
		f.index, f.count = uint8(m.fragment), uint8(pieces(len(m.data), m.cut))
	}
	return f
}

// sequencedIn is the receiving half of a Sequenced channel: only what is newer than all before passes.
type sequencedIn struct {
	newest uint16
	any    bool
}

// pass reports whether message id is the newest so far, by 16-bit serial number arithmetic (RFC 1982).
func (s *sequencedIn) pass(id uint16) bool {
	if s.any && int16(id-s.newest) <= 0 {
		return false
	}
	s.newest, s.any = id, true
	return true
}

// receipts follow unreliable messages whose sender wants to know: each counts the records that carry a
// part. The zero value is empty.
type receipts struct {
	list []receipt
	free []int32
}

type receipt struct {
	token uint64
	parts int16 // records whose fate is open, and fragments not yet sent
	lost  bool
}

// open starts a receipt for a message of one part and returns its index plus one.
func (r *receipts) open(token uint64) int32 {
	if n := len(r.free); n > 0 {
		i := r.free[n-1]
		r.free = r.free[:n-1]
		r.list[i] = receipt{token: token, parts: 1}
		return i + 1
	}
	r.list = append(r.list, receipt{token: token, parts: 1})
	return int32(len(r.list))
}

// add notes that a message has n parts more.
func (r *receipts) add(handle int32, n int) { r.list[handle-1].parts += int16(n) }

// settle records the fate of n parts. It returns the event to tell, if any: Lost with the first part
// that is, Acked with the last.
func (r *receipts) settle(handle int32, n int, isLost bool) (kind EventKind, token uint64) {
	rec := &r.list[handle-1]
	rec.parts -= int16(n)
	if isLost && !rec.lost {
		rec.lost, kind = true, Lost
	}
	if rec.parts == 0 {
		if !rec.lost {
			kind = Acked
		}
		r.free = append(r.free, handle-1)
	}
	return kind, rec.token
}
