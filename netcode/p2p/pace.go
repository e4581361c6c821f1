package p2p

import "time"

// pace turns time into ticks, a little slower for whoever is ahead of the others, a little faster for whoever is behind.
//
// Each player tells how far it seems to be ahead: its own tick less the newest one it has heard of. That is too much by the time a
// message takes, for both alike, so that half of the difference of the two is how far one is ahead of the other:
//
//	        true lead of A     one way     A sees          B sees         (A's - B's) / 2
//	ticks          2              3        2 + 3 = 5     -2 + 3 = 1             2
type pace struct {
	rate  float64 // ticks per second
	pos   float64 // ticks that are due
	last  time.Duration
	awake bool
}

const (
	paceGain = 0.02 // change of speed per tick of lead: half of it is gone after 35 ticks
	maxPace  = 0.05 // of the speed, either way: nobody sees 5 %
)

// advance lets time pass, at the speed for a lead in ticks.
func (p *pace) advance(now time.Duration, lead float64) {
	if p.awake {
		speed := 1 - min(max(paceGain*lead, -maxPace), maxPace)
		p.pos += min(now-p.last, stallAfter).Seconds() * p.rate * speed
	}
	p.awake, p.last = true, now
}

// take reports whether a tick is due, and takes it.
func (p *pace) take() bool {
	if p.pos < 1 {
		return false
	}
	p.pos--
	return true
}

// hold gives up the time of which no use can be made: the next tick is due as soon as it may be computed.
func (p *pace) hold() { p.pos = min(p.pos, 1) }
