package client

import (
	"time"

	"github.com/halftick/halftick/netcode/replica"
)

// budget is how long a frame may compute ticks again. Without a clock it has no end.
type budget struct {
	clock func() time.Duration
	most  time.Duration // 0 or less: no limit
	began time.Duration
}

func (b *budget) begin() {
	if b.clock != nil {
		b.began = b.clock()
	}
}

func (b *budget) spent() bool { return b.clock != nil && b.most > 0 && b.clock()-b.began >= b.most }

// replay is the world of a correction on its way from a snapshot to the present:
//
//	     a           at                          tick
//	-----#-----------+----------------------------+---> the line that is shown, known to be wrong, goes on
//	      \__________|........................../
//	      computed again          still due            once it is there it takes the other's place
//
// Nearly always it gets there at once.
type replay[W any] struct {
	world   *replica.World[W]
	at      int64
	running bool
	since   int64 // ticks by which the present has moved on since it was last worked on
	budget  budget
}

// restart makes the newest snapshot, of tick a, the beginning, and replays the inputs since then up to tick:
//
//	     a                                     tick
//	-----#-------+-------+-------+-------+-------+
//	the truth    the player's inputs, which the server has not executed yet
//
// It reports whether that is what the world now is. If not, catchUp is to go on with it.
func (p *predictor[W, I]) restart(tick int64, auth *replica.Snapshot, a int64) (done bool) {
	shown := p.valid && tick == p.tick && tick > a // there is a line to go on with meanwhile
	r := &p.replay
	another := !r.running
	p.plan.Restore(r.world, auth)
	p.results.hold(a).CopyFrom(auth)
	r.at, r.running, r.since = a, true, 0
	if over := tick - a - maxReplay; over > 0 {
		p.capped += uint64(over)
		r.at += over
	}
	p.tick, p.valid = tick, true
	r.budget.begin()
	if done = p.resimulate(auth, a); !done && shown {
		if another {
			p.spread++
		}
		return false
	}
	p.finish()
	return true
}

// catchUp goes on with a replay, given the newest snapshot, of tick a, and reports whether it is there.
func (p *predictor[W, I]) catchUp(auth *replica.Snapshot, a int64) (done bool) {
	if a > p.replay.at { // less is left to do from there
		return p.restart(p.tick, auth, a)
	}
	p.replay.budget.begin()
	if !p.resimulate(auth, a) {
		return false
	}
	p.finish()
	return true
}

// resimulate computes ticks of the replay again until it is at the present or the time has run out. It stops two ticks short of it at the
// latest, so that what is shown is never one tick of each line.
func (p *predictor[W, I]) resimulate(auth *replica.Snapshot, a int64) (done bool) {
	r := &p.replay
	for least := r.since + leastReplay; r.at < p.tick; least-- {
		if least <= 0 && r.at < p.tick-1 && r.budget.spent() {
			r.since = 0
			return false
		}
		r.at++
		p.step(r.world, r.at, auth, a)
		p.resimulated++
	}
	return true
}

// finish makes the replayed world the one that is shown.
func (p *predictor[W, I]) finish() {
	r := &p.replay
	p.world, r.world, r.running = r.world, p.world, false
	if r.at != p.tick {
		p.capped += uint64(max(0, p.tick-r.at)) // there was no time, and nothing to show instead
		p.plan.Capture(p.results.hold(p.tick), p.world)
	}
	p.results.newest = p.tick
}

// due returns how many ticks a replay under way has still to compute.
func (p *predictor[W, I]) due() int {
	if !p.replay.running {
		return 0
	}
	return int(p.tick - p.replay.at)
}
