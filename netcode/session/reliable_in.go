package session

// reliableIn is the receiving half of a ReliableOrdered, ReliableUnordered or Bulk channel: messages that
// came early, or in part, wait in a ring, those of an unordered channel only to be known again.
type reliableIn struct {
	ring  []earlyMessage // index id % len, a power of two; grows up to the window
	next  uint64         // the oldest message that is not whole
	bytes int            // that are held
	open  int            // messages held in part
}

// earlyMessage is a message at or behind reliableIn.next.
type earlyMessage struct {
	data    []byte
	partial *assembly
	have    bool
}

func (m *earlyMessage) empty() bool { return !m.have && m.partial == nil }

func (r *reliableIn) slot(id uint64) *earlyMessage { return &r.ring[id&uint64(len(r.ring)-1)] }

// accepts reports whether a frame lies within the window: not too far ahead, not too much. What is there already
// needs no room: a repetition is accepted, to be ignored, and cannot keep back what shares its record.
func (r *reliableIn) accepts(ch *Channel, f *messageFrame) bool {
	id := extend(uint32(f.id), 16, r.next)
	messages, limit := ch.window()
	switch {
	case id < r.next:
		return true
	case id-r.next >= messages:
		return false
	}
	var s earlyMessage
	if id-r.next < uint64(len(r.ring)) {
		s = *r.slot(id)
	}
	switch {
	case s.have:
		return true
	case s.partial != nil:
		return r.bytes+s.partial.growth(f) <= limit
	case f.count > 0:
		return r.bytes+len(f.data) <= limit && r.open < limit/minFragment
	}
	return id == r.next || ch.Kind == ReliableUnordered || r.bytes+len(f.data) <= limit
}

// take stores a frame that is accepted and reports whether its message is now there, for the first time.
func (r *reliableIn) take(p *buffers, ch *Channel, f *messageFrame) (data []byte, whole bool) {
	id := extend(uint32(f.id), 16, r.next)
	if id < r.next {
		return nil, false
	}
	r.grow(id - r.next)
	s := r.slot(id)
	if s.have {
		return nil, false
	}
	if f.count == 0 {
		data = p.copyOf(f.data)
	} else {
		if s.partial == nil {
			s.partial = p.assembly(f)
			r.open++
		}
		before := s.partial.bytes
		data = s.partial.add(p, f, ch.MaxMessage)
		r.bytes += s.partial.bytes - before
		if data == nil {
			return nil, false
		}
	}
	r.close(p, s)
	s.have = true
	return data, true
}

// close gives back what is held of a message in part.
func (r *reliableIn) close(p *buffers, s *earlyMessage) {
	if s.partial != nil {
		r.bytes -= s.partial.bytes
		r.open--
		p.release(s.partial)
		s.partial = nil
	}
}

// keep holds a whole message until those before it are there.
func (r *reliableIn) keep(f *messageFrame, data []byte) {
	r.slot(extend(uint32(f.id), 16, r.next)).data = data
	r.bytes += len(data)
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
		grown[(r.next+i)&(n-1)] = *r.slot(r.next + i)
	}
	r.ring = grown
}

// pop returns the next message in order, once it is there. Its data is the caller's.
func (r *reliableIn) pop() (data []byte, ok bool) {
	if len(r.ring) == 0 {
		return nil, false
	}
	s := r.slot(r.next)
	if !s.have {
		return nil, false
	}
	data = s.data
	*s = earlyMessage{}
	r.next++
	r.bytes -= len(data)
	return data, true
}

// reset gives all buffers back.
func (r *reliableIn) reset(p *buffers) {
	for i := range r.ring {
		s := &r.ring[i]
		r.close(p, s)
		if s.data != nil {
			p.put(s.data)
		}
		*s = earlyMessage{}
	}
}
