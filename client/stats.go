package client

import (
	"time"

	"github.com/halftick/halftick/netcode/sim"
)

// Stats is what a client can say about itself, for people. Counters never fall.
type Stats struct {
	Transport string   // that carries the session: "udp" or "tcp"
	Tick      sim.Tick // newest predicted
	AuthTick  sim.Tick // of the newest snapshot

	// The path.
	RTT, Jitter            time.Duration // Jitter: smoothed difference of successive round trips
	LossOut, LossIn        float64       // share of packets lost, 0 to 1
	BytesUp, BytesDown     uint64        // of datagrams, without the headers of IP and UDP or TCP
	PacketsUp, PacketsDown uint64

	// The clocks.
	InputMargin  float64       // ticks between the arrival of an input and its use; negative: late
	Lead         float64       // ticks that the prediction is ahead of the newest snapshot
	Dilation     float64       // speed of the own clock, 0.95 to 1.05
	InterpDelay  time.Duration // how far others are shown behind what typically has arrived
	ViewTick     float64       // moment of the server's past that others are shown at
	ServerPace   float64       // ticks that the server makes, as a share of its rate; 1 unless it is clearly too slow
	ClockJumps   uint64        // the clock was set rather than steered
	TicksSkipped uint64        // never run, since the caller or the clock jumped over them

	// The prediction.
	Corrections    uint64  // snapshots that disagreed with the prediction
	LastCorrection float64 // largest move of a smooth field by the latest one, in world units
	Resimulated    uint64  // ticks stepped again after corrections
	ReplayCapped   uint64  // ticks left out of replays that were too long
	ReplaysSpread  uint64  // corrections that took more than one frame, see Config.ReplayBudget
	ReplayDue      int     // ticks that the one under way has still to compute
	MissedInputs   uint64  // snapshots whose tick the server had to make up the input for
	LateInputs     uint64  // snapshots that told of an input that came too late
	EarlyInputs    uint64  // snapshots that told of inputs that were dropped, being for ticks too far ahead
	InputTrouble   Trouble // whether more than a tenth of the latest 32 snapshots told of any of these: to be shown to the player

	// The snapshots.
	Snapshots          uint64        // decoded
	SnapshotsLost      uint64        // that never came, by the gaps between the others
	SnapshotsStale     uint64        // that came after a newer one
	SnapshotsUnusable  uint64        // deltas against a snapshot that is not here, and those that came before the Welcome
	SnapshotsMalformed uint64        // also every other message that could not be read
	SnapshotGap        time.Duration // between the arrivals of the newest two
	SnapshotGapMax     time.Duration

	Events EventCounters

	// Reliable probes: sent, and echoed exactly once and in order. Those under way are neither
	// delivered nor lost.
	ReliableSent      uint64
	ReliableDelivered uint64
	ReliableLost      uint64        // skipped by a later echo: never, if the channel keeps its promise
	ReliableSurplus   uint64        // echoed again: likewise
	ReliableRTT       time.Duration // smoothed, retransmissions included
	ReliableRTTMax    time.Duration
}

// counters are those of the client itself; the others lie with the state they count.
type counters struct {
	malformed, uninvited uint64
	corrections, missed  uint64
	late, early          uint64
	lastCorrection       float32
}

// Stats returns the state of the client at its latest call.
func (c *Client[W, I]) Stats() (s Stats) {
	c.locked(func(time.Duration) { s = c.stats() })
	return s
}

func (c *Client[W, I]) stats() Stats {
	path := c.conn.Stats()
	_, auth := c.snaps.newest()
	s := Stats{
		Transport: c.conn.Path().Carrier.String(),
		Tick:      sim.Tick(c.clock.done), AuthTick: sim.Tick(auth),
		RTT: path.RTT, Jitter: path.Jitter, LossOut: path.LossOut, LossIn: path.LossIn,
		BytesUp: path.BytesSent, BytesDown: path.BytesReceived,
		PacketsUp: path.PacketsSent, PacketsDown: path.PacketsReceived,

		InputMargin: c.clock.margin, Lead: c.clock.lead(auth), Dilation: c.clock.dilation,
		InterpDelay: c.view.delay(), ViewTick: c.shownAt(),
		ServerPace: c.pace.share(), ClockJumps: c.clock.jumps, TicksSkipped: c.clock.skipped,

		Corrections: c.count.corrections, LastCorrection: float64(c.count.lastCorrection),
		Resimulated: c.pred.resimulated, ReplayCapped: c.pred.capped,
		ReplaysSpread: c.pred.spread, ReplayDue: c.pred.due(),
		MissedInputs: c.count.missed, LateInputs: c.count.late,
		EarlyInputs: c.count.early, InputTrouble: c.troubles.now(),

		Snapshots: c.snaps.count, SnapshotsLost: c.view.missing, SnapshotsStale: c.snaps.stale,
		SnapshotsUnusable: c.snaps.unknownBase + c.count.uninvited, SnapshotsMalformed: c.snaps.malformed + c.count.malformed,
		SnapshotGap: c.view.span(c.view.gap), SnapshotGapMax: c.view.span(c.view.maxGap),

		Events: c.events.counts,

		ReliableSent: uint64(c.probes.sent), ReliableDelivered: uint64(c.probes.delivered) - c.probes.lost,
		ReliableLost: c.probes.lost, ReliableSurplus: c.probes.surplus,
		ReliableRTT: c.probes.rtt, ReliableRTTMax: c.probes.maxRTT,
	}
	s.add(&c.before)
	return s
}
