package simnet

import "time"

// Fate is what becomes of one datagram.
type Fate struct {
	Copies int              // how many arrive: 0 (lost), 1 or 2
	At     [2]time.Duration // when they do, the first Copies of them; in no order
	Flip   int              // the bit flipped in all copies, counted from bit 0 of byte 0; -1 is none
}

// lost is the Fate of a datagram that does not arrive.
var lost = Fate{Flip: -1}

// Shaper decides the fate of each datagram of one direction. Same seed, same calls: same fates. It
// reads no clock and allocates nothing. It is not safe for concurrent use. See NewShaper.
type Shaper struct {
	conditions Conditions // as given
	c          Conditions // the same, effective
	chance     chance
	weather    weather
	bottleneck bottleneck
	now        time.Duration // of the newest call
	last       time.Duration // the latest arrival so far
	stats      Stats
}

// The ends that random streams serve.
const (
	endDatagrams = iota
	endWeather
)

// NewShaper returns a Shaper for conditions and a seed. Values out of range count as the nearest in
// range; see Conditions.Validate.
func NewShaper(c Conditions, seed uint64) *Shaper {
	s := &Shaper{chance: newChance(seed, endDatagrams)}
	s.weather.chance = newChance(seed, endWeather)
	s.Set(c)
	return s
}

// Set changes the conditions from the next datagram on. The random streams go on where they are, and
// what waits for the bottleneck keeps its place.
func (s *Shaper) Set(c Conditions) { s.setAt(s.now, c) }

func (s *Shaper) setAt(now time.Duration, c Conditions) {
	s.now = max(s.now, now)
	s.conditions, s.c = c, c.effective()
	s.weather.set(s.now, s.c.Burst)
}

// Conditions returns the conditions in force, as they were given.
func (s *Shaper) Conditions() Conditions { return s.conditions }

// Outage makes all datagrams be lost that are sent from one time up to, not including, another.
func (s *Shaper) Outage(from, to time.Duration) { s.weather.outage(from, to) }

// Stats returns the counters.
func (s *Shaper) Stats() Stats { return s.stats }

// Admit decides the fate of a datagram of size bytes, without headers, sent at now. Times may not go
// back: an earlier now counts as the newest.
func (s *Shaper) Admit(now time.Duration, size int) Fate {
	s.now = max(s.now, now)
	s.stats.Sent++
	s.stats.Bytes += uint64(size)
	d := s.chance.datagram()
	sent, ok := s.enter(size)
	if !ok {
		return lost
	}
	if hits(d.loss, s.c.Loss) {
		s.stats.Lost++
		return lost
	}
	return s.carry(sent, size, d)
}

// enter takes a datagram past what depends on time and size: outages, bursts, the MTU and the queue.
func (s *Shaper) enter(size int) (sent time.Duration, ok bool) {
	burst := s.weather.inBurst(s.now) // it goes on during an outage
	switch {
	case s.weather.inOutage(s.now):
		s.stats.Outage++
		return 0, false
	case burst:
		s.stats.Burst++
		return 0, false
	case s.c.MTU > 0 && size > s.c.MTU:
		s.stats.Oversize++
		return 0, false
	}
	sent, ok = s.bottleneck.pass(s.now, size+HeaderSize, s.c.Rate, s.c.Queue)
	if !ok {
		s.stats.Overflow++
	}
	return sent, ok
}

// carry decides when a datagram that is not lost arrives, how often and how.
func (s *Shaper) carry(sent time.Duration, size int, d draws) Fate {
	at := sent + s.c.Delay + upTo(d.jitter, s.c.Jitter)
	if hits(d.reorder, s.c.Reorder) {
		at += s.c.ReorderBy
		s.stats.Held++
	}
	f := Fate{Copies: 1, At: [2]time.Duration{at}, Flip: -1}
	if hits(d.duplicate, s.c.Duplicate) {
		f.Copies, f.At[1] = 2, sent+s.c.Delay+upTo(d.jitter2, s.c.Jitter)
		s.stats.Duplicated++
	}
	if size > 0 && hits(d.corrupt, s.c.Corrupt) {
		f.Flip = int(below(d.bit, uint64(size)*8))
		s.stats.Corrupted++
	}
	if at < s.last {
		s.stats.Overtook++
	}
	s.last = max(s.last, at)
	s.stats.Delivered += uint64(f.Copies)
	return f
}
