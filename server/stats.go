package server

import (
	"time"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/replay"
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// Stats is what a server did and how well, since its start if not said otherwise.
type Stats struct {
	Tick     sim.Tick // the newest executed
	Players  int      // in the match, bots included
	Bots     int      // of them
	Watching int      // spectators
	Sessions int      // open, also those not yet in the match

	TickTime    TickTime      // of the last 10 s; only Run measures it
	Overruns    uint64        // times the real-time loop gave up ticks because it was too far behind
	OverrunTime time.Duration // given up

	Joins, Leaves, Kicks uint64
	TurnedAway           uint64 // clients that found the match full of players
	Away                 int    // players whose session was lost, who may come back; they count as players
	Returns              uint64 // of players who were away

	Inputs    InputCounters // of all players, also those gone
	Rewinds   uint64        // worlds rewound
	Capped    uint64        // views that a limit moved
	Snapshots SnapshotCounters
	Shows     SnapshotCounters // for spectators
	Dropped   DropCounters
	Events    EventCounters
	Calls     CallCounters
	Recording replay.RecorderCounters // of Config.Record

	Network session.EndpointStats // as of the last quarter second
	UDP     netcode.UDPStats      // the UDP socket; only of a server that listens
	Streams netcode.StreamStats   // TCP peers; only of a server that listens
}

// TickTime says how long ticks took, with the readings at most 12.5 % too high.
type TickTime struct {
	Count         uint64
	P50, P99, Max time.Duration
}

// SnapshotCounters say what became of each snapshot due to a client (Sent, NoBudget, Held, Refused:
// exactly one of them).
type SnapshotCounters struct {
	Sent     uint64
	Full     uint64 // of the sent: without a baseline
	Bytes    uint64 // of the sent
	BaseAge  uint64 // ticks from the base to the snapshot, summed over those with one
	Encoded  uint64 // worlds encoded; each serves every client with the same baseline
	NoBudget uint64 // left out: the session may not send more now
	Held     uint64 // left out: a full snapshot too soon after the last
	Refused  uint64 // the session did not take it

	// Of those that were made for one client, which may not know everything or cannot be told everything at once:
	Composed   uint64 // of the sent
	Partial    uint64 // of the composed: not all that had changed did fit, or was due
	RowsSent   uint64 // changed rows in them
	RowsStale  uint64 // changed rows left for a later one
	RowsHidden uint64 // rows that the client may not know
	OldestP99  int    // ticks: the age of the oldest row that a client held, in 99 of 100
}

// composed takes note of a snapshot made for one client.
func (c *SnapshotCounters) composed(m *replica.Composer) {
	c.Composed++
	if !m.Complete() {
		c.Partial++
	}
	c.RowsSent += uint64(m.Rows.Sent)
	c.RowsStale += uint64(m.Rows.Stale)
	c.RowsHidden += uint64(m.Rows.Hidden)
}

// oldest returns the age that 99 of 100 of the ages do not exceed.
func oldest(ages []uint64) int {
	var all, sum uint64
	for _, n := range ages {
		all += n
	}
	for age, n := range ages {
		if sum += n; n > 0 && sum*100 >= all*99 {
			return age
		}
	}
	return 0
}

// note takes note of a snapshot whose base is so many ticks old.
func (c *SnapshotCounters) note(bytes, baseAge int, full bool) {
	c.Sent++
	c.Bytes += uint64(bytes)
	if full {
		c.Full++
		return
	}
	c.BaseAge += uint64(baseAge)
}

// Drop names why something from a client was thrown away by the server, after its session had accepted it.
type Drop uint8

// The reasons. Nothing is dropped without one of them being counted.
const (
	DropMalformed  Drop = iota // a message that does not parse
	DropUnexpected             // a message that may not come now, or not from a client
	DropFlood                  // a message above its rate
	DropAck                    // an acknowledgement of a snapshot that was not sent, or too long ago
	numDrops
)

var dropNames = [numDrops]string{"malformed", "unexpected", "flood", "ack"}

func (d Drop) String() string { return dropNames[d] }

// DropCounters counts by Drop.
type DropCounters [numDrops]uint64

// counters are the server's own running totals.
type counters struct {
	ticks                recent
	overruns             uint64
	overrunTime          time.Duration
	overrunLog, log      limiter
	joins, leaves, kicks uint64
	full                 uint64        // turned away
	returns              uint64        // of players who were away
	inputs               InputCounters // of players gone
	dropped              DropCounters
	network              session.EndpointStats
}

// samplesPerSecond is how often figures are copied out of the sessions for Stats and Players, which
// may not touch a session from another goroutine.
const samplesPerSecond = 4

func (s *Server[W, I]) sample() {
	if int(s.present.tick)%max(1, s.tickRate/samplesPerSecond) != 0 {
		return
	}
	s.door.enter(0)
	defer s.door.leave()
	if s.endpoint != nil {
		s.stats.network = s.endpoint.Stats()
		s.endpoint.SetInfo(s.info())
	}
	for _, p := range s.roster.active {
		if p.peer != nil && p.peer.conn != nil {
			p.link, p.peer.path = p.peer.conn.Stats(), p.peer.conn.Path()
		}
	}
	if s.audience != nil {
		for _, p := range s.audience.members {
			p.link = p.peer.conn.Stats()
		}
	}
}

// info is what the server says of itself to anybody.
func (s *Server[W, I]) info() session.ServerInfo {
	return session.ServerInfo{Name: s.cfg.Name, Players: len(s.roster.active), Max: s.cfg.MaxPlayers}
}

// Stats returns the current figures.
func (s *Server[W, I]) Stats() Stats {
	h := s.listening()
	var udp netcode.UDPStats
	var streams netcode.StreamStats
	if h != nil { // before our lock, which is taken under the host's
		udp, streams = h.UDPStats(), h.StreamStats()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &s.stats
	st := Stats{
		UDP: udp, Streams: streams,
		Tick: s.present.tick, Players: len(s.roster.active), Sessions: len(s.peers),
		Overruns: c.overruns, OverrunTime: c.overrunTime,
		Joins: c.joins, Leaves: c.leaves, Kicks: c.kicks, TurnedAway: c.full, Returns: c.returns,
		Inputs: c.inputs, Rewinds: s.rewind.count, Capped: s.rewind.capped,
		Snapshots: s.out.counts, Events: s.emit.counts, Calls: s.answers.counts, Recording: s.recording.counters(), Dropped: c.dropped, Network: c.network,
	}
	if a := s.audience; a != nil {
		st.Watching, st.Shows = len(a.members), a.out.counts
		st.Shows.OldestP99 = oldest(a.out.ages[:])
	}
	st.Snapshots.OldestP99 = oldest(s.out.ages[:])
	for _, p := range s.roster.active {
		st.Inputs.add(p.inputs.counts)
		if p.peer == nil {
			st.Bots++
		}
		if p.away.lost != nil {
			st.Away++
		}
	}
	ticks := c.ticks.sum()
	st.TickTime = TickTime{Count: ticks.total, P50: ticks.quantile(0.5), P99: ticks.quantile(0.99), Max: ticks.max}
	return st
}

// PlayerInfo describes one player.
type PlayerInfo struct {
	ID     sim.PlayerID
	Name   string // cleaned
	Bot    bool
	Joined sim.Tick
	Path   session.Path  // as of the last quarter second; zero for a bot
	Link   session.Stats // likewise
	Inputs InputCounters
	Margin float64 // how long before its use the newest input arrived, in ticks; negative: late
}

// Players returns everybody in the match, in ascending order of ID.
func (s *Server[W, I]) Players() []PlayerInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	infos := make([]PlayerInfo, 0, len(s.roster.active))
	for _, p := range s.roster.active {
		info := PlayerInfo{ID: p.id, Name: p.name, Bot: p.peer == nil, Joined: p.joined, Link: p.link,
			Inputs: p.inputs.counts, Margin: float64(p.inputs.margin) / viewUnits}
		if p.peer != nil {
			info.Path = p.peer.path
		}
		infos = append(infos, info)
	}
	return infos
}

// log writes a line that a peer has caused, unless there were too many.
func (s *Server[W, I]) log(now time.Duration, event string, p *player[W, I], more ...any) {
	if s.stats.log.allow(now, logEvery, logBurst) {
		s.cfg.Logger.Info(event, append([]any{"player", p.id, "name", p.name, "from", p.from()}, more...)...)
	}
}
