package session

import (
	"math/bits"
	"time"
)

// assembly is a message of which some fragments have arrived. It holds memory for what arrived, never
// for what was declared.
type assembly struct {
	channel   int
	id        uint64
	count     uint8
	cutting   uint8
	have      uint64
	parts     []part
	bytes     int
	startedAt time.Duration
}

// part is a fragment in a buffer of its own.
type part struct {
	index uint8
	data  []byte
}

// assembly returns an empty assembly for the message of a fragment.
func (p *buffers) assembly(f *messageFrame) *assembly {
	var a *assembly
	if n := len(p.assemblies); n > 0 {
		a, p.assemblies = p.assemblies[n-1], p.assemblies[:n-1]
	} else {
		a = new(assembly)
	}
	a.channel, a.id, a.count, a.cutting = f.channel, f.id, f.count, f.cutting
	return a
}

// release takes back an assembly with all it holds. The caller must not use it any more.
func (p *buffers) release(a *assembly) {
	a.reset(p)
	if len(p.assemblies) < maxIdleAssemblies {
		p.assemblies = append(p.assemblies, a)
	}
}

// growth returns how many bytes more are held once a frame of the same message was taken; it may be negative.
func (a *assembly) growth(f *messageFrame) int {
	switch {
	case f.cutting > a.cutting:
		return len(f.data) - a.bytes
	case f.cutting < a.cutting || f.count != a.count || a.have&(1<<f.index) != 0:
		return 0
	}
	return len(f.data)
}

// add takes a fragment, copying its data, and returns the message once it is complete, in a buffer of its
// own. A repeated fragment is ignored, and so is what would make the message larger than most bytes. With the
// first fragment of a message that was cut again those of the earlier cutting are dropped.
func (a *assembly) add(p *buffers, f *messageFrame, most int) (msg []byte) {
	if f.cutting > a.cutting {
		a.reset(p)
		a.count, a.cutting = f.count, f.cutting
	}
	bit := uint64(1) << f.index
	if f.cutting != a.cutting || f.count != a.count || a.have&bit != 0 || a.bytes+len(f.data) > most {
		return nil
	}
	a.have |= bit
	a.parts = append(a.parts, part{f.index, p.copyOf(f.data)})
	a.bytes += len(f.data)
	if bits.OnesCount64(a.have) < int(a.count) {
		return nil
	}
	return a.join(p)
}

// join returns the whole message in a buffer of its own.
func (a *assembly) join(p *buffers) []byte {
	var at [maxFragments]uint8
	for i := range a.parts {
		at[a.parts[i].index] = uint8(i)
	}
	msg := p.get(a.bytes)
	n := 0
	for _, i := range at[:a.count] {
		n += copy(msg[n:], a.parts[i].data)
	}
	return msg
}

// reset gives the fragments back.
func (a *assembly) reset(p *buffers) {
	for i := range a.parts {
		p.put(a.parts[i].data)
		a.parts[i] = part{}
	}
	a.parts, a.have, a.bytes = a.parts[:0], 0, 0
}

// partials are the unreliable messages of a session that are being reassembled: at most maxPartial of
// maxPartialBytes together, none older than partialAge. The oldest makes room. The zero value is empty.
type partials struct {
	list [maxPartial]*assembly // oldest first; nil at the end
}

// add takes a fragment and returns the message when it is complete. drops counts what had to make room.
func (ps *partials) add(now time.Duration, p *buffers, f *messageFrame, most int, drops *Drops) (msg []byte, complete bool) {
	i := ps.find(f)
	if i < 0 {
		i = ps.start(now, p, f, drops)
	}
	a := ps.list[i]
	for ps.bytes()+len(f.data) > maxPartialBytes && ps.list[0] != a {
		ps.drop(p, 0)
		drops[DropPartial]++
		i--
	}
	if msg = a.add(p, f, most); msg == nil {
		return nil, false
	}
	ps.drop(p, i)
	return msg, true
}

// find returns the place of the assembly that f belongs to, -1 when there is none.
func (ps *partials) find(f *messageFrame) int {
	for i, a := range ps.list {
		if a != nil && a.channel == f.channel && a.id == f.id && a.count == f.count {
			return i
		}
	}
	return -1
}

// start makes an assembly for f and returns its place.
func (ps *partials) start(now time.Duration, p *buffers, f *messageFrame, drops *Drops) int {
	n := 0
	for n < maxPartial && ps.list[n] != nil {
		n++
	}
	for n > 0 && (n == maxPartial || now-ps.list[0].startedAt > partialAge) {
		ps.drop(p, 0)
		drops[DropPartial]++
		n--
	}
	ps.list[n] = p.assembly(f)
	ps.list[n].startedAt = now
	return n
}

// drop releases the i-th assembly.
func (ps *partials) drop(p *buffers, i int) {
	p.release(ps.list[i])
	copy(ps.list[i:], ps.list[i+1:])
	ps.list[maxPartial-1] = nil
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
	for ps.list[0] != nil {
		ps.drop(p, 0)
	}
}
