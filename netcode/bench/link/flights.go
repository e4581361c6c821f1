package link

import (
	"container/heap"
	"time"
)

// A flight is a packet on its way.
type flight struct {
	due   time.Duration
	order int // of two that are due at once the earlier goes first
	to    int // which end it comes out at
	bytes []byte
}

// flights holds what is on its way, the next to come out first, and the buffers that are free.
type flights struct {
	heap  flightHeap
	order int
	free  [][]byte
}

func (f *flights) add(due time.Duration, to int, packet []byte) {
	var b []byte
	if n := len(f.free); n > 0 {
		b, f.free = f.free[n-1], f.free[:n-1]
	}
	f.order++
	heap.Push(&f.heap, flight{due, f.order, to, append(b[:0], packet...)})
}

// next returns when the next packet is due.
func (f *flights) next() (due time.Duration, ok bool) {
	if len(f.heap) == 0 {
		return 0, false
	}
	return f.heap[0].due, true
}

// land removes the next packet. Give its bytes back with recycle.
func (f *flights) land() flight { return heap.Pop(&f.heap).(flight) }

func (f *flights) recycle(b []byte) { f.free = append(f.free, b) }

type flightHeap []flight

func (h flightHeap) Len() int { return len(h) }
func (h flightHeap) Less(i, j int) bool {
	return h[i].due < h[j].due || h[i].due == h[j].due && h[i].order < h[j].order
}
func (h flightHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *flightHeap) Push(x any)   { *h = append(*h, x.(flight)) }
func (h *flightHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
