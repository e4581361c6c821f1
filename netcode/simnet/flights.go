package simnet

import (
	"net/netip"
	"time"
)

// flights are the datagrams on their way, by time of arrival and, at the same time, in the order in
// which they were given. Buffers are used again: once it has grown, flights allocates nothing.
type flights struct {
	heap    []due // the earliest first
	parcels []parcel
	free    []int32 // indices of unused parcels
	given   uint64
}

// due is an entry of the heap.
type due struct {
	at  time.Duration
	seq uint64
	i   int32 // of the parcel
}

func (a due) before(b due) bool { return a.at < b.at || a.at == b.at && a.seq < b.seq }

// parcel is a datagram on its way.
type parcel struct {
	from, to netip.AddrPort
	link     *link // nil outside a Net
	data     []byte
}

// give adds a parcel that arrives at a time; data is copied, with one bit flipped unless flip is -1.
func (f *flights) give(at time.Duration, from, to netip.AddrPort, l *link, data []byte, flip int) {
	i := f.unused()
	p := &f.parcels[i]
	p.from, p.to, p.link = from, to, l
	p.data = append(p.data[:0], data...)
	if flip >= 0 {
		p.data[flip/8] ^= 1 << (flip % 8)
	}
	f.heap = append(f.heap, due{at, f.given, i})
	f.given++
	f.up(len(f.heap) - 1)
}

func (f *flights) unused() int32 {
	if n := len(f.free); n > 0 {
		i := f.free[n-1]
		f.free = f.free[:n-1]
		return i
	}
	f.parcels = append(f.parcels, parcel{})
	return int32(len(f.parcels) - 1)
}

// next returns when the earliest parcel arrives.
func (f *flights) next() (at time.Duration, ok bool) {
	if len(f.heap) == 0 {
		return 0, false
	}
	return f.heap[0].at, true
}

// take removes the earliest parcel, which must exist. The caller gives its index back to done when its
// data has been used.
func (f *flights) take() (i int32) {
	i = f.heap[0].i
	end := len(f.heap) - 1
	f.heap[0] = f.heap[end]
	f.heap = f.heap[:end]
	f.down()
	return i
}

// done lets parcel i be used again.
func (f *flights) done(i int32) { f.free = append(f.free, i) }

func (f *flights) up(i int) {
	h := f.heap
	for i > 0 {
		parent := (i - 1) / 2
		if !h[i].before(h[parent]) {
			return
		}
		h[i], h[parent] = h[parent], h[i]
		i = parent
	}
}

func (f *flights) down() {
	h := f.heap
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(h) {
			return
		}
		if child+1 < len(h) && h[child+1].before(h[child]) {
			child++
		}
		if !h[child].before(h[i]) {
			return
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
}
