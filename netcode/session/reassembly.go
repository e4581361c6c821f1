package session

import (
	"math/bits"
	"time"
)

// assembly is a message of which some fragments have arrived. It holds memory for what arrived, never
// for what was declared.
type assembly struct {
	channel   int
	id        uint16
	count     uint8 // 0 while unused
	have      uint64
	fragments [maxFragments][]byte
	bytes     int
	startedAt time.Duration
}

// add takes a fragment, copying its data. It reports whether the message is now complete. A repeated
// fragment, and one whose count contradicts the first, is ignored.
func (a *assembly) add(p *buffers, f *messageFrame) (complete bool) {
	bit := uint64(1) << f.index
	if a.have&bit != 0 || f.count != a.count {
		return false
	}
	a.have |= bit
	a.fragments[f.index] = p.copyOf(f.data)
	a.bytes += len(f.data)
	return bits.OnesCount64(a.have) == int(a.count)
}

// join returns the whole message in a buffer of its own and empties the assembly.
func (a *assembly) join(p *buffers) []byte {
	msg := p.get(a.bytes)
	n := 0
	for _, f := range a.fragments[:a.count] {
		n += copy(msg[n:], f)
	}
	a.reset(p)
	return msg
}

// reset gives the fragments back.
func (a *assembly) reset(p *buffers) {
	for i := range a.fragments[:a.count] {
		if a.fragments[i] != nil {
			p.put(a.fragments[i])
			a.fragments[i] = nil
		}
	}
	a.count, a.have, a.bytes = 0, 0, 0
}

// partials are the unreliable messages of a session that are being reassembled: at most maxPartial of
// maxPartialBytes together, none older than partialAge. The oldest makes room. The zero value is empty.
type partials struct {
	list [maxPartial]*assembly // oldest first; nil at the end
}

// add takes a fragment and returns the message when it is complete. dropped counts what had to make room.
func (ps *partials) add(now time.Duration, p *buffers, f *messageFrame, drops *Drops) (msg []byte, complete bool) {
	a := ps.find(now, p, f, drops)
	for ps.bytes()+len(f.data) > maxPartialBytes && ps.list[0] != a {
		ps.drop(p, 0)
		drops[DropPartial]++
	}
	if !a.add(p, f) {
		return nil, false
	}
	msg = a.join(p)
	for i := range ps.list {
		if ps.list[i] == a {
			ps.drop(p, i)
			break
		}
	}
	return msg, true
}

// find returns the assembly that f belongs to, starting one when there is none.
func (ps *partials) find(now time.Duration, p *buffers, f *messageFrame, drops *Drops) *assembly {
	n := 0
	for ; n < maxPartial && ps.list[n] != nil && ps.list[n].count > 0; n++ {
		if a := ps.list[n]; a.channel == f.channel && a.id == f.id && a.count == f.count {
			return a
		}
	}
	for n > 0 && (n == maxPartial || now-ps.list[0].startedAt > partialAge) {
		ps.drop(p, 0)
		drops[DropPartial]++
		n--
	}
	if ps.list[n] == nil {
		ps.list[n] = new(assembly)
	}
	a := ps.list[n]
	a.channel, a.id, a.count, a.startedAt = f.channel, f.id, f.count, now
	return a
}

// drop empties the i-th assembly and moves it behind those in use.
func (ps *partials) drop(p *buffers, i int) {
	a := ps.list[i]
	a.reset(p)
	copy(ps.list[i:], ps.list[i+1:])
	ps.list[maxPartial-1] = nil
	for j := range ps.list {
		if ps.list[j] == nil {
			ps.list[j] = a
			return
		}
	}
}

func (ps *partials) bytes() (n int) {
	for _, a := range ps.list {
		if a != nil {
			n += a.bytes
		}
	}
	return n
}

// reset gives all buffers back.
func (ps *partials) reset(p *buffers) {
	for _, a := range ps.list {
		if a != nil {
			a.reset(p)
		}
	}
}
