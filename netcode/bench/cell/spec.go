// Package cell runs one cell of a table: a workload, over one transport, across one link. Client and server are processes of
// their own, which are this program again; the parent starts them at the ends of a link, takes what they measured, and
// counts what they offered to the link.
//
// Start reading at spec.go, then run.go (the parent), then node.go, client.go and server.go (the children).
package cell

import (
	"time"

	"github.com/halftick/halftick/netcode/bench/peer"
)

// Stream is a steady flow of messages over each connection.
type Stream struct {
	Lane peer.Lane
	Hz   float64 // messages per second; 0 means as fast as the transport takes them
	Size int     // bytes of a message, headerSize to peer.MaxMessage

	// Transfer, with Hz 0, is how many bytes make a transfer. The next one begins when the receiver says that it has all
	// of one. 0 means without end.
	Transfer int

	// Together makes all connections' messages due at the same time, as those of a server's tick; otherwise
	// they are spread over the period, as those of clients are.
	Together bool
}

// Spec is what both processes of a cell do.
type Spec struct {
	Peer     string
	Conns    int
	Up, Down []Stream // from the clients, from the server

	Warm  time.Duration // runs before anything is measured
	Run   time.Duration // what is measured
	Drain time.Duration // how long reliable messages may take to arrive after that

	Urgent  bool   // run in a real-time class while it counts
	Profile string // when not empty, profiles of CPU and heap are written to this path with -client or -server after it
}

// Sample is the state of a process at one time.
type Sample struct {
	At       time.Duration // CLOCK_MONOTONIC
	CPU      time.Duration // user and system, since the process began
	RSS      int64         // bytes
	Live     int64         // bytes of heap in use, and of stacks
	Allocs   int64         // objects allocated so far
	Bytes    int64         // of these, bytes
	Received int64         // bytes of bulk payload so far
}

// report is what a process sends its parent, one JSON object a line.
type report struct {
	Event   string // ready, begin, end, done
	Sample  Sample
	Sent    []int     // per stream: messages that count
	Failed  int       // sends that returned an error
	Latency [][]int32 // per stream of the other side: microseconds, each message that counts and arrived
	Whole   []int32   // microseconds of each transfer that counts
	Dials   []int32   // microseconds until the server answered
	Order   int       // reliable messages that came out of order or twice
	Notes   []string  // what the transport says of itself
	Err     string
}

// command is what the parent tells a process, one JSON object a line.
type command struct {
	Do     string // go, begin, end, finish, stop
	Expect []int  // with finish: messages to wait for, per stream
}
