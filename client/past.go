package client

import (
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// past shows Step the world as the player saw it when it made an input, exactly as the server will:
// same snapshots, same fraction, same blending, same cap. The answer differs from the server's only
// where a snapshot was lost or is not here yet: then the nearest ones are used.
type past[W any] struct {
	plan  *replica.Plan[W]
	snaps *snapshots
	world *replica.World[W]

	me     sim.PlayerID
	cap    int     // of a rewind, in units of Command.View
	joined int64   // the server does not look further back
	beyond float64 // ticks of extrapolation, as on the screen

	// Of the Step that is running:
	tick    int64
	view    uint16
	present *W
	memo    sim.Past[W] // World is nil until it is asked for
}

// rewindUnits converts the server's cap to units of Command.View.
func rewindUnits(d time.Duration, tickRate int) int {
	return int(int64(d) * int64(tickRate) * viewUnits / int64(time.Second))
}

func (p *past[W]) begin(tick int64, view uint16, present *W) {
	p.tick, p.view, p.present, p.memo.World = tick, view, present, nil
}

// of is what sim.Frame.Past asks.
func (p *past[W]) of(q sim.PlayerID) sim.Past[W] {
	if q != p.me {
		return sim.Past[W]{World: p.present}
	}
	if p.memo.World == nil {
		p.memo = p.rewind(p.lag())
	}
	return p.memo
}

// lag applies the server's limits. The world between the newest tick and the one being computed does
// not exist, so less than a tick becomes one.
func (p *past[W]) lag() int {
	most := min(p.cap, int(min(p.tick-p.joined, historySnapshots))*viewUnits)
	if p.view == 0 || most < viewUnits || p.snaps.count == 0 {
		return 0
	}
	return min(max(int(p.view), viewUnits), most)
}

func (p *past[W]) rewind(lag int) sim.Past[W] {
	if lag == 0 {
		return sim.Past[W]{World: p.present}
	}
	_, newest := p.snaps.newest()
	pos := min(float64(p.tick)-float64(lag)/viewUnits, float64(newest)+p.beyond)
	show(p.plan, p.world, p.snaps, pos, float32(p.beyond))
	return sim.Past[W]{World: p.world.V, Lag: float32(lag) / viewUnits}
}
