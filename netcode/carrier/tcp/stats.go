package tcp

import "sync/atomic"

// Stats counts what became of a listener's peers since it was opened.
type Stats struct {
	Accepted      uint64 // given out by Accept
	RefusedAddr   uint64 // reset: Limits.PendingPerAddr
	RefusedTotal  uint64 // reset: Limits.Pending
	AcceptErrors  uint64 // the system had no socket for a peer, or the peer was gone already
	Silent        uint64 // closed with ErrSilent
	Unopened      uint64 // closed with ErrUnauthenticated
	Slow          uint64 // closed with ErrSlow
	Stalled       uint64 // closed with ErrStalled
	Oversize      uint64 // closed with ErrOversize
	Empty         uint64 // closed with ErrEmpty
	Truncated     uint64 // ended with ErrTruncated
	Pending, Open int    // now: unauthenticated, all
}

// counters are the ends of streams by reason, shared by the streams of a listener.
type counters struct {
	silent, unopened, slow, stalled, oversize, empty, truncated atomic.Uint64
}

// count counts one end by its reason.
func (c *counters) count(reason error) {
	switch reason {
	case ErrSilent:
		c.silent.Add(1)
	case ErrUnauthenticated:
		c.unopened.Add(1)
	case ErrSlow:
		c.slow.Add(1)
	case ErrStalled:
		c.stalled.Add(1)
	case ErrOversize:
		c.oversize.Add(1)
	case ErrEmpty:
		c.empty.Add(1)
	case ErrTruncated:
		c.truncated.Add(1)
	}
}

// addTo writes the counts to s.
func (c *counters) addTo(s *Stats) {
	s.Silent, s.Unopened = c.silent.Load(), c.unopened.Load()
	s.Slow, s.Stalled = c.slow.Load(), c.stalled.Load()
	s.Oversize, s.Empty, s.Truncated = c.oversize.Load(), c.empty.Load(), c.truncated.Load()
}
