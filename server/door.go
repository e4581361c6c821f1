package server

import (
	"time"

	"github.com/halftick/halftick/netcode"
)

// door leads to the sessions, which belong to whoever drives their endpoint.
//
//	a Server with an endpoint of its own   the caller of Tick and Poll holds the endpoint already: the door stands open
//	a room of a Hall                       each word to a session takes the host's lock and gives it back at once, so that no lock
//	                                       of others is held while the game's code runs
type door struct{ host *netcode.Host } // nil: open

// enter takes the sessions for the caller and returns the time, which is now where the door is open.
func (d *door) enter(now time.Duration) time.Duration {
	if d.host == nil {
		return now
	}
	return d.host.Lock()
}

// leave gives them back. What is to be sent leaves later, with all of the tick.
func (d *door) leave() {
	if d.host != nil {
		d.host.Release()
	}
}

// send gives a message to a peer's session. The errors are those of session.Conn.Send.
func (s *Server[W, I]) send(now time.Duration, p *peer[W, I], channel int, b []byte) error {
	now = s.door.enter(now)
	defer s.door.leave()
	return p.conn.Send(now, channel, b)
}

// budget returns how many bytes a peer's session may send now.
func (s *Server[W, I]) budget(now time.Duration, p *peer[W, I]) int {
	now = s.door.enter(now)
	defer s.door.leave()
	return p.conn.SendBudget(now)
}
