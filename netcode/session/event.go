package session

import "time"

// EventKind says what happened.
type EventKind uint8

// The events.
const (
	Opened  EventKind = iota + 1 // the session is established
	Message                      // a message arrived: Channel, Data
	Acked                        // the message sent with Token reached the peer
	Lost                         // the message sent with Token was declared lost or dropped unsent; it may still arrive
	Closed                       // the session is over: Err, a *CloseError; nothing follows for this Conn
	Stalled                      // the peer does not answer: Silence so far. The session goes on, and ends after IdleTimeout
	Resumed                      // it answers again, after Silence
	Moved                        // the session travels over another path: Conn.Path
	Room                         // a reliable Channel that refused a message with ErrQueueFull has half of its queue free
	Info                         // what became of a Query: Path; Info or Err. It has no Conn
)

// Event is something that the application should know.
type Event struct {
	Kind    EventKind
	Conn    *Conn
	Channel int
	Data    []byte        // of a Message; borrowed until the next call of Endpoint.Event
	Key     uint64        // of a Message on a ReliableLatest channel
	Token   uint64        // of Acked and Lost
	Err     error         // of Closed, and of an Info without an answer
	Path    Path          // of Info
	Info    *ServerInfo   // of Info
	Silence time.Duration // of Stalled and Resumed

	// At is when it happened: for a Message, when the datagram that completed it was received. An
	// application that looks once per frame learns the arrival times all the same.
	At time.Duration
}

// eventQueue is a first-in first-out ring that grows to what it once had to hold.
type eventQueue struct {
	ring       []Event
	head, size int
	most       int // there were at once since tidy ran
}

func (q *eventQueue) push(ev Event) {
	if q.size == len(q.ring) {
		grown := make([]Event, max(16, 2*len(q.ring)))
		for i := range q.size {
			grown[i] = q.ring[(q.head+i)%len(q.ring)]
		}
		q.ring, q.head = grown, 0
	}
	q.ring[(q.head+q.size)%len(q.ring)] = ev
	q.size++
	q.most = max(q.most, q.size)
}

func (q *eventQueue) pop() (ev Event, ok bool) {
	if q.size == 0 {
		return ev, false
	}
	ev = q.ring[q.head]
	q.ring[q.head] = Event{}
	q.head = (q.head + 1) % len(q.ring)
	q.size--
	return ev, true
}
