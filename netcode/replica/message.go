package replica

import (
	"time"

	"github.com/halftick/halftick/netcode/sim"
)

// SnapshotHeader stands before the delta of a snapshot.
type SnapshotHeader struct {
	Tick      sim.Tick      // of the snapshot
	Base      sim.Tick      // of the snapshot it is a delta against, when HasBase
	HasBase   bool          // false: against the empty world
	InputTick sim.Tick      // newest input that the server has from this client; 0 before the first
	Margin    int16         // how long before its use the newest executed input arrived, in 1/32 tick; negative: late
	Flags     SnapshotFlags // what happened to this client's input at Tick
}

// SnapshotFlags are facts about one client's input at the snapshot's tick.
type SnapshotFlags uint8

// FlagMissed says that the server had no input from this client for this tick and made one up.
const FlagMissed SnapshotFlags = 1 << iota

// Control is a message of the control channel: one of Hello, Welcome, Joined, Left, Probe, ProbeEcho,
// Say and Said, as a value.
type Control interface{ appendTo(dst []byte) []byte }

// Hello is the client's first message.
type Hello struct{ Name string }

// Welcome is the server's answer to Hello: who the client is, and what the match is like.
type Welcome struct {
	Player    sim.PlayerID  // 1 and up
	TickRate  int           // Hz, 1 to 240
	SendEvery int           // ticks from one snapshot to the next, 1 to 255
	Seed      uint64        // of the match
	Tick      sim.Tick      // of the server now
	RewindCap time.Duration // how far back shots are judged at most; whole milliseconds, up to 65 s
}

// Joined tells that a player is in the match: sent for everyone who is there, and for every newcomer.
type Joined struct {
	Player sim.PlayerID
	Name   string
	Bot    bool
}

// Left tells that a player has gone.
type Left struct {
	Player sim.PlayerID
	Reason string
}

// Probe asks the server to answer ProbeEcho with the same N.
type Probe struct{ N uint32 }

// ProbeEcho answers a Probe.
type ProbeEcho struct{ N uint32 }

// Say asks the server to show a line of text to all players.
type Say struct{ Text string }

// Said is a line of text of a player, or of the server when Player is 0.
type Said struct {
	Player sim.PlayerID
	Text   string
}
