package netcode

import (
	"sync"

	"github.com/halftick/halftick/netcode/carrier"
)

// doors count those who come in to a host by other ways than its own sockets, under a lock of their own: whoever
// asks may hold a lock that is taken under the host's. The zero doors are none.
type doors struct {
	mu      sync.Mutex
	counts  []func() carrier.Stats
	overrun uint64 // records dropped for streams that took no more
}

func (d *doors) add(stats func() carrier.Stats) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counts = append(d.counts, stats)
}

func (d *doors) dropped() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.overrun++
}

func (d *doors) stats() (s carrier.Stats) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s.Overrun = d.overrun
	for _, stats := range d.counts {
		s.Add(stats())
	}
	return s
}
