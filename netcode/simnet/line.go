package simnet

import (
	"net/netip"
	"sync"
	"time"
)

// lineLimit is how many datagrams a line holds. A second of 64 players at 60 Hz is 3840; one more is
// dropped and counted in Stats.Full.
const lineLimit = 4096

// line is one direction of an Impaired: datagrams enter it, wait in flights, and leave when their time
// has come.
type line struct {
	clock   clock
	taking  sync.Mutex // one taker at a time
	sleeper sleeper    // of the taker
	mu      sync.Mutex
	shaper  *Shaper
	flights flights
}

func newLine(c clock, conditions Conditions, seed uint64) *line {
	return &line{clock: c, sleeper: newSleeper(), shaper: NewShaper(conditions, seed)}
}

// put takes a datagram that came from, or goes to, a peer. b is copied.
func (l *line) put(peer netip.AddrPort, b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fate := l.shaper.Admit(l.clock.now(), len(b))
	for i := range fate.Copies {
		if len(l.flights.heap) >= lineLimit {
			l.shaper.stats.Delivered--
			l.shaper.stats.Full++
			continue
		}
		l.flights.give(fate.At[i], peer, peer, nil, b, fate.Flip)
	}
	l.sleeper.wake()
}

// take waits until a datagram is due and copies it to b; false when done was closed first.
func (l *line) take(b []byte, done <-chan struct{}) (n int, peer netip.AddrPort, ok bool) {
	l.taking.Lock()
	defer l.taking.Unlock()
	for !closed(done) {
		n, peer, wait := l.due(b)
		if wait == 0 {
			return n, peer, true
		}
		l.sleeper.sleep(wait, done)
	}
	return 0, netip.AddrPort{}, false
}

// due copies the next datagram to b when its time has come; else it returns how long that takes.
func (l *line) due(b []byte) (n int, peer netip.AddrPort, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, ok := l.flights.next()
	if !ok {
		return 0, peer, forever
	}
	if wait = at - l.clock.now(); wait > 0 {
		return 0, peer, wait
	}
	i := l.flights.take()
	defer l.flights.done(i)
	p := &l.flights.parcels[i]
	return copy(b, p.data), p.from, 0
}

func (l *line) set(c Conditions) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shaper.setAt(l.clock.now(), c)
}

func (l *line) conditions() Conditions {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.shaper.Conditions()
}

// outage begins an outage that lasts for d.
func (l *line) outage(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.now()
	l.shaper.Outage(now, now+d)
}

func (l *line) stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.shaper.Stats()
}
