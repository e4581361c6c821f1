// Package peer puts transports behind one interface, so that the same workload runs over each: halftick and those it
// is compared with. Each has a file; registry.go lists the rows of the tables.
package peer

import (
	"context"
	"errors"
	"io"
	"slices"
)

// Lane is how a message is to be delivered.
type Lane uint8

// The lanes.
const (
	Unreliable Lane = iota // at most once
	Reliable               // once and in order
	Bulk                   // once and in order, and out of the way of the others where the transport can do that
	Lanes                  // how many there are
)

func (l Lane) String() string { return [...]string{"unreliable", "reliable", "bulk"}[l] }

// MaxMessage is the largest message a transport is given, in bytes.
const MaxMessage = 16 << 10

// ErrLane is what Send returns for a lane the transport does not have.
var ErrLane = errors.New("peer: the transport has no such lane")

// Conn is a connection. Its methods may be called from several goroutines.
type Conn interface {
	// Send queues a message; the caller keeps b. It waits while the transport takes no more.
	Send(lane Lane, b []byte) error
	Close() error
}

// Handler takes what arrives, in the goroutine that the transport reads in. b is valid during the call.
type Handler func(c Conn, lane Lane, b []byte)

// Transport makes connections.
type Transport interface {
	// Listen accepts connections until it is closed. Messages go to on.
	Listen(addr string, on Handler) (io.Closer, error)
	// Dial connects. Some transports send nothing before the first message.
	Dial(ctx context.Context, addr string, on Handler) (Conn, error)
}

// Row is a transport as it stands in the tables.
type Row struct {
	Name      string
	What      string // library and settings
	Encrypted bool
	OverTCP   bool
	Lanes     []Lane // what it can do
	Transport Transport
}

// Can reports whether the transport has all of the lanes.
func (r Row) Can(lanes ...Lane) bool {
	return !slices.ContainsFunc(lanes, func(l Lane) bool { return !slices.Contains(r.Lanes, l) })
}

// Teller is a Conn that can say in a line what it met: packets lost, sent again and the like.
type Teller interface{ Tell() string }

// Fanout is a Transport that can send to many connections at once, with a message of its own to each. Errors are
// counted.
type Fanout interface {
	SendEach(conns []Conn, lane Lane, message func(i int) []byte) (failed int)
}
