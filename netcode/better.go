package netcode

import (
	"time"

	"github.com/halftick/halftick/netcode/session"
)

// The part of the pilot that looks for a better carrier while the session is well.

// rank orders carriers: the lower, the better for a game.
func rank(c session.Carrier) int {
	switch {
	case c == session.UDP:
		return 0
	case !c.Reliable():
		return 1
	}
	return 2
}

// probe asks whether UDP works, when it is time to.
func (p *pilot) probe(now time.Duration, udp session.Path, hurry bool) {
	if hurry {
		p.probeAt = min(p.probeAt, now+probeHurry)
	}
	if now < p.probeAt {
		return
	}
	_ = p.host.client.Probe(now, udp)
	p.probeAt = now + p.probeEvery
	if hurry {
		p.probeAt = now + probeHurry
	}
}

// failedAgain notes that UDP failed; when it had worked for a moment only, it is asked less often from now on.
func (p *pilot) failedAgain(now time.Duration) {
	if p.movedAt > 0 && now-p.movedAt < flapTime {
		p.probeEvery = min(2*p.probeEvery, maxProbeEvery)
	}
	p.probeAt = now + p.probeEvery
}

// seekBetter opens WebTransport for a session on a reliable stream, when it is time to, and returns when to look again. UDP,
// which takes no connection, is asked by probe.
func (p *pilot) seekBetter(now time.Duration) (wait time.Duration) {
	if p.connecting || rank(p.host.client.Path().Carrier) <= rank(session.WT) || !p.may(session.WT) || !p.holdsWT() {
		return probeEvery
	}
	if p.betterAt == 0 {
		p.betterAt = now + p.betterEvery
	}
	if now < p.betterAt {
		return p.betterAt - now
	}
	p.betterAt = now + p.betterEvery
	p.open(p.pathFor(session.WT))
	return probeEvery
}

// spare reports whether there is a stream that the session does not travel on.
func (p *pilot) spare() bool {
	for path := range p.host.streams {
		if path != p.host.client.Path() {
			return true
		}
	}
	return false
}

func (p *pilot) closeSpare() {
	for path, s := range p.host.streams {
		if path != p.host.client.Path() {
			s.close()
		}
	}
}
