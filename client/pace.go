package client

import (
	"slices"
	"time"
)

// Constants of the pace.
const (
	paceSpan   = time.Second // of one measurement; jitter of 30 ms is 1 % of it
	paceSpans  = 7           // the one in the middle counts: a single stall is in one of them, or two
	paceSteady = 0.025       // nearer to the nominal rate than that the clocks' steering does
	paceLeast  = 0.1         // a server slower than that stands still
)

// pace measures how many of its ticks the server really makes, by the snapshots that arrive. A server that does not keep its rate would
// else be overrun, and the clocks set back, again and again. The zero pace has measured nothing.
type pace struct {
	began  time.Duration // of the present span
	tick   int64         // then
	known  bool
	newest [paceSpans]float64 // ticks made, as a share of those due
	n      int
}

// arrive takes in that the snapshot of tick a came, at a nominal rate in ticks per second, and reports whether there is something new.
func (p *pace) arrive(at time.Duration, a int64, rate float64) bool {
	span := at - p.began
	if p.known && span < paceSpan {
		return false
	}
	if p.known {
		p.newest[p.n%paceSpans] = float64(a-p.tick) / (span.Seconds() * rate)
		p.n++
	}
	p.began, p.tick, p.known = at, a, true
	return p.n >= paceSpans
}

// share returns how fast the server runs, 1 for as it should.
func (p *pace) share() float64 {
	if p.n < paceSpans {
		return 1
	}
	sorted := p.newest
	slices.Sort(sorted[:])
	if m := sorted[paceSpans/2]; m < 1-paceSteady {
		return max(m, paceLeast)
	}
	return 1
}

// timeline is own time in ticks of the server. It goes on evenly when the server's pace changes. The zero timeline begins at 0, at the
// nominal rate.
type timeline struct {
	at   time.Duration // when the pace last changed
	then float64       // own time at that moment
	lack float64       // 1 less the pace
}

// own returns the own time at now, which may lie a little before the latest change.
func (t *timeline) own(now time.Duration, rate float64) float64 {
	return t.then + (now-t.at).Seconds()*rate*(1-t.lack)
}

func (t *timeline) follow(now time.Duration, rate, share float64) {
	t.at, t.then, t.lack = now, t.own(now, rate), 1-share
}
