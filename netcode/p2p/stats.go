package p2p

import (
	"time"

	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// Stats is what a match has done so far, and where it stands.
type Stats struct {
	Tick      sim.Tick // newest computed; 0 until the match has begun
	Confirmed sim.Tick // newest of which every input is known
	Begun     bool
	Players   []PlayerInfo // in ascending order of ID, oneself included

	Counters
}

// Counters are the running totals of a match.
type Counters struct {
	Rollbacks   uint64 // times that a wrong guess was taken back
	Resimulated uint64 // ticks computed again
	Stalls      uint64 // frames in which a tick was due and had to wait for somebody's input
	Skipped     uint64 // ticks that were given up, since the caller was away or too slow
	Compared    uint64 // hashes of worlds held against another player's
	Malformed   uint64 // messages that make no sense, and inputs too far ahead
	Strangers   uint64 // sessions that were closed, since they were nobody's that was awaited
	Events      EventCounters
}

// PlayerInfo describes one player.
type PlayerInfo struct {
	ID    sim.PlayerID
	State string        // awaited, here, lost (the others are asked how far they heard of it), out
	Known sim.Tick      // newest input known
	Lead  float64       // by how many ticks we are ahead of it
	RTT   time.Duration // zero for oneself
	Link  session.Stats // likewise
}

// Stats returns the current figures.
func (p *Peer[W, I]) Stats() (s Stats) {
	p.locked(func(time.Duration) {
		s = Stats{Confirmed: sim.Tick(p.confirmed), Begun: p.line != nil, Counters: p.count}
		if p.line != nil {
			s.Tick = sim.Tick(p.line.tick)
		}
		s.Events = p.events.counts
		for _, q := range p.seats {
			i := PlayerInfo{ID: q.id, State: q.state.String(), Known: sim.Tick(q.track.newest), Lead: q.link.ahead()}
			if q.link.conn != nil {
				i.Link = q.link.conn.Stats()
				i.RTT = i.Link.RTT
			}
			s.Players = append(s.Players, i)
		}
	})
	return s
}

// ahead returns by how many ticks we are ahead of the other: see pace.
func (l *link) ahead() float64 { return (l.lead - l.theirs) / 2 }
