package session

import "time"

// latestOut is what the sending half of a ReliableLatest channel knows besides its messages: of each key the
// value that waits or is in flight. Values carry ids that count up over all keys and travel in full, so
// that the receiver can compare any two of them.
//
// What the receiver holds of a value in part stays there until a newer one of its key is whole, and a value may be
// replaced by a larger one. So that there is a way out of every state, the last room is for one key at a time:
//
//	0                                    free            maxEarlyBytes
//	+-------------------------------------+--------------------+
//	| held: any key may start a value     | over: one key may  |
//	+-------------------------------------+--------------------+
//	                                        MaxMessage
//
// The value that leads into the last room is that key's, and so is each that replaces it, ahead of all that wait: however large,
// it fits, and when it is acknowledged there is room again.
type latestOut struct {
	keys keyTable[outKey]
	held int    // bytes of large values that the receiver may hold in part
	free int    // up to which any key may start one
	over uint64 // the key that may while held is more
}

// outKey is what there is of a key. At most one of waiting and flying is not 0.
type outKey struct {
	waiting uint64 // place plus one of the value that waits
	flying  uint64 // id plus one of the value in flight
	held    int    // the largest of the large values sent since one was acknowledged
}

// room returns the entry of a key, a new one if there is room: when all keys are in use, or were while packets
// may still be on their way, there is none.
func (l *latestOut) room(key, nextPN uint64) (v *outKey, ok bool) {
	if e, ok := l.keys.find(key); ok {
		return &e.value, true
	}
	if l.keys.full() {
		// The receiver keeps a key for as long as it may see records of that age, counted from
		// when it came; it may come as much later as that.
		old := &l.keys.entries[l.keys.oldest]
		if old.value != (outKey{}) || old.pn+2*replayWindow > nextPN {
			return nil, false
		}
	}
	return &l.keys.add(key, nextPN).value, true
}

// mayStart reports whether the receiver has room for a value: for what it may hold in part already, as each
// large value counts until a newer one of its key is acknowledged.
func (l *latestOut) mayStart(w *waitingMessage) bool {
	if len(w.data) <= MaxUnfragmented || l.held <= l.free || l.over == w.key {
		return true
	}
	e, _ := l.keys.find(w.key)
	return len(w.data) <= e.value.held
}

// started notes that the first of a value is sent as id.
func (l *latestOut) started(m *reliableMessage, id uint64) {
	e, _ := l.keys.find(m.key)
	v := &e.value
	v.waiting, v.flying = 0, id+1
	if len(m.data) <= max(MaxUnfragmented, v.held) { // the first is never cut, be the path what it may
		return
	}
	if l.held <= l.free {
		l.over = m.key
	}
	l.held += len(m.data) - v.held
	v.held = len(m.data)
}

// written notes that a record carries a value of a key.
func (l *latestOut) written(key, pn uint64) {
	e, _ := l.keys.find(key)
	l.keys.used(e, pn)
}

// acked notes that the peer has value id of a key.
func (l *latestOut) acked(key, id uint64) {
	if e, _ := l.keys.find(key); e.value.flying == id+1 {
		l.held -= e.value.held
		e.value = outKey{}
	}
}

// dropped notes that the value of a key that waited is gone.
func (l *latestOut) dropped(key uint64) {
	e, _ := l.keys.find(key)
	e.value.waiting = 0
}

// sendLatest queues a value in place of the one that its key has, if that is not acknowledged.
func (c *Conn) sendLatest(r *reliableOut, ch *Channel, m waitingMessage) error {
	if r.latest == nil {
		r.latest = &latestOut{free: maxEarlyBytes - ch.MaxMessage}
	}
	v, ok := r.latest.room(m.key, c.sent.next)
	if !ok {
		return ErrQueueFull
	}
	var old []byte
	switch {
	case v.waiting > 0:
		old = r.waiting.at(v.waiting - 1).data
	case v.flying > 0:
		old = r.message(v.flying - 1).data
	}
	if r.bytes-len(old)+len(m.data) > ch.MaxQueue || v.waiting == 0 && r.queued() >= maxQueued {
		return ErrQueueFull
	}
	m.data = c.ep.buffers.copyOf(m.data)
	switch {
	case v.waiting > 0:
		w := r.waiting.at(v.waiting - 1)
		c.stats.Unsent++
		c.giveUp(w.data, w.receipt, w.token)
		r.bytes += len(m.data) - len(old)
		*w = m
		return nil
	case v.flying > 0:
		f := r.message(v.flying - 1)
		c.stats.Superseded++
		c.giveUp(f.data, f.receipt, f.token)
		r.settle(f)
		v.flying = 0
	}
	v.waiting = r.push(m) + 1
	if r.latest.held > r.latest.free && r.latest.over == m.key {
		r.goesFirst(v)
	}
	return nil
}

// goesFirst lets the value of a key that waits change places with the first that does. There is no order among keys.
func (r *reliableOut) goesFirst(v *outKey) {
	first, mine := r.waiting.front(), r.waiting.at(v.waiting-1)
	e, _ := r.latest.keys.find(first.key)
	e.value.waiting = v.waiting
	v.waiting = r.waiting.head + 1
	*first, *mine = *mine, *first
}

// expired reports whether the first message that waits may be dropped at its deadline: not when the receiver
// may hold a part of an older value, which only a newer one takes away.
func (r *reliableOut) expired(now, deadline time.Duration) bool {
	if deadline <= 0 || r.waiting.len() == 0 {
		return false
	}
	w := r.waiting.front()
	if now-w.queuedAt <= deadline {
		return false
	}
	if r.latest != nil {
		e, _ := r.latest.keys.find(w.key)
		return e.value.held == 0
	}
	return true
}

// latestIn is the receiving half of a ReliableLatest channel: of each key which value was delivered last,
// and what has come of a newer one.
type latestIn struct {
	keys  keyTable[inKey]
	bytes int // held in part
	open  int
}

type inKey struct {
	newest  uint64 // id plus one of the value delivered last
	partial *assembly
}

// accepts reports whether there is room for a frame; fresh counts the frames of its record whose keys are new.
func (l *latestIn) accepts(f *messageFrame, largest uint64, fresh *int) bool {
	e, known := l.keys.find(f.key)
	if !known {
		if *fresh++; !l.room(*fresh, largest) {
			return false
		}
	}
	switch {
	case f.count == 0 || known && f.id < e.value.newest:
		return true
	case known && e.value.partial != nil:
		return l.bytes+e.value.growth(f) <= maxEarlyBytes
	}
	return l.bytes+len(f.data) <= maxEarlyBytes && l.open < maxEarlyBytes/minFragment
}

// growth returns how many bytes more are held of a key, of which there is a part, once a fragment was taken; it may be negative.
func (v *inKey) growth(f *messageFrame) int {
	switch p := v.partial; {
	case f.id < p.id:
		return 0
	case f.id > p.id:
		return len(f.data) - p.bytes
	default:
		return p.growth(f)
	}
}

// room reports whether n new keys fit, for which others may have to be forgotten: ones of which every older
// value has left the replay window.
func (l *latestIn) room(n int, largest uint64) bool {
	n -= maxKeys - len(l.keys.entries)
	for i := l.keys.oldest; n > 0; n-- {
		if i < 0 || l.keys.entries[i].pn+replayWindow > largest {
			return false
		}
		i = l.keys.entries[i].newer
	}
	return true
}

// take takes a frame that is accepted and returns the value that it completes, if no newer one of its key was delivered.
func (l *latestIn) take(p *buffers, ch *Channel, f *messageFrame, largest uint64) (data []byte, ok bool) {
	e, known := l.keys.find(f.key)
	if !known {
		if l.keys.full() {
			l.close(p, &l.keys.entries[l.keys.oldest].value)
		}
		e = l.keys.add(f.key, largest)
	}
	l.keys.used(e, largest)
	v := &e.value
	if f.id < v.newest {
		return nil, false
	}
	if v.partial != nil && v.partial.id < f.id {
		l.close(p, v)
	}
	if f.count == 0 {
		data = p.copyOf(f.data)
	} else if data = l.assemble(p, ch, v, f); data == nil {
		return nil, false
	}
	if v.partial != nil && v.partial.id == f.id {
		l.close(p, v)
	}
	v.newest = f.id + 1
	return data, true
}

// assemble adds a fragment to the value of a key and returns the value once it is whole.
func (l *latestIn) assemble(p *buffers, ch *Channel, v *inKey, f *messageFrame) []byte {
	if v.partial == nil {
		v.partial = p.assembly(f)
		l.open++
	}
	if v.partial.id != f.id {
		return nil // of an older one
	}
	before := v.partial.bytes
	data := v.partial.add(p, f, ch.MaxMessage)
	l.bytes += v.partial.bytes - before
	return data
}

// close gives back what has come of a value.
func (l *latestIn) close(p *buffers, v *inKey) {
	if v.partial != nil {
		l.bytes -= v.partial.bytes
		l.open--
		p.release(v.partial)
		v.partial = nil
	}
}

// reset gives all buffers back.
func (l *latestIn) reset(p *buffers) {
	for i := range l.keys.entries {
		l.close(p, &l.keys.entries[i].value)
	}
	*l = latestIn{}
}
