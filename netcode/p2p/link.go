package p2p

import (
	"time"

	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// seat is one player of the match, oneself included:
//
//	awaited --hello--> here --silent, left, or another says so--> lost --all who remain agree on its last tick--> out
//
// A session that ends before the match has begun leads back to awaited.
type seat[I any] struct {
	id    sim.PlayerID
	state seatState
	path  session.Path  // where it is dialled; zero: it dials
	again time.Duration // when it may be dialled again
	why   error         // what became of the last dial
	track track[I]
	left  int64 // of out: its last tick
	link  link
}

type seatState uint8

const (
	awaited seatState = iota
	here
	lost
	out
)

func (s seatState) String() string { return [...]string{"awaited", "here", "lost", "out"}[s] }

// link is the session with another player, and what is known from it.
type link struct {
	conn    *session.Conn // nil while there is none, and of the own seat
	greeted bool          // our hello was sent
	delay   int           // its InputDelay
	acked   int64         // the newest own input that it has
	lead    float64       // how far we seem to be ahead of it, in ticks, on average
	theirs  float64       // how far it seems to be ahead of us, as it says
	has     [MaxPlayers + 1]int64
	hashes  [keptHashes]tableHashes
}

// unsaid stands in link.has for a player of whom the other has not said that it is gone.
const unsaid = -1

func newLink(c *session.Conn) link {
	l := link{conn: c}
	for i := range l.has {
		l.has[i] = unsaid
	}
	return l
}

// leadShare is the weight of one message in the average of a lead.
const leadShare = 1.0 / 16

// noteLead takes in how far ahead the own tick is of the newest that the other has told of.
func (l *link) noteLead(own, other int64, theirs int8) {
	l.lead += leadShare * (float64(own-other) - l.lead)
	l.theirs = float64(theirs) / 4
}

// stranger is a session that has not said whose it is.
type stranger struct {
	conn  *session.Conn
	since time.Duration
}
