package cell

import (
	"sync"
	"time"

	"github.com/halftick/halftick/netcode/bench/peer"
)

// inbox takes down what arrives over one connection.
type inbox struct {
	mu       sync.Mutex
	conn     peer.Conn
	latency  [][]int32 // per stream, microseconds
	expect   []uint32  // per stream, the number that comes next if it is reliable
	order    int
	received int64 // bytes of bulk
	part     int   // bytes of the transfer under way
	whole    []int32
}

// inboxes has one for each connection, by its number.
func newInboxes(conns int, streams []Stream, run time.Duration) []inbox {
	boxes := make([]inbox, conns)
	for i := range boxes {
		boxes[i].latency = make([][]int32, len(streams))
		boxes[i].expect = make([]uint32, len(streams))
		for s, stream := range streams {
			boxes[i].latency[s] = make([]int32, 0, int(stream.Hz*run.Seconds())+8)
		}
	}
	return boxes
}

// take notes a message of a stream. It reports whether that completed a transfer.
func (b *inbox) take(streams []Stream, m message, size int) (complete bool) {
	now := clock()
	if int(m.stream) >= len(streams) {
		return false
	}
	s := streams[m.stream]
	b.mu.Lock()
	defer b.mu.Unlock()
	late := int32((now - m.at) / time.Microsecond)
	if s.Hz == 0 {
		b.received += int64(size)
		if b.part += size; s.Transfer == 0 || b.part < s.Transfer {
			return false
		}
		b.part = 0
		if m.kind == counted {
			b.whole = append(b.whole, late)
		}
		return true
	}
	if s.Lane == peer.Reliable {
		if m.seq != b.expect[m.stream] {
			b.order++
		}
		b.expect[m.stream] = m.seq + 1
	}
	if m.kind == counted {
		b.latency[m.stream] = append(b.latency[m.stream], late)
	}
	return false
}

// arrived reports whether every steady stream has brought what is expected of it, over all connections. Unreliable ones
// are looked at only if told so.
func arrived(boxes []inbox, streams []Stream, expect []int, unreliable bool) bool {
	for s, stream := range streams {
		if stream.Hz == 0 || stream.Lane == peer.Unreliable && !unreliable || s >= len(expect) {
			continue
		}
		got := 0
		for i := range boxes {
			boxes[i].mu.Lock()
			got += len(boxes[i].latency[s])
			boxes[i].mu.Unlock()
		}
		if got < expect[s] {
			return false
		}
	}
	return true
}

// collect adds what all connections took down to r.
func collect(boxes []inbox, streams []Stream, r *report) {
	r.Latency = make([][]int32, len(streams))
	for i := range boxes {
		b := &boxes[i]
		b.mu.Lock()
		for s := range streams {
			r.Latency[s] = append(r.Latency[s], b.latency[s]...)
		}
		r.Whole = append(r.Whole, b.whole...)
		r.Order += b.order
		b.mu.Unlock()
	}
}

// bulk returns how many bytes of bulk have arrived.
func bulk(boxes []inbox) (n int64) {
	for i := range boxes {
		boxes[i].mu.Lock()
		n += boxes[i].received
		boxes[i].mu.Unlock()
	}
	return n
}
