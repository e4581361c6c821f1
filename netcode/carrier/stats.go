package carrier

// Stats counts what became of the peers of a listener since it was opened.
type Stats struct {
	Accepted      uint64 // let in
	RefusedAddr   uint64 // refused: Limits.PendingPerAddr
	RefusedTotal  uint64 // refused: Limits.Pending
	RefusedOrigin uint64 // refused: a web page of another origin, or no web page where only they may come
	AcceptErrors  uint64 // the system had no socket for a peer, the peer was gone already, or its request was no handshake
	Silent        uint64 // closed with ErrSilent
	Unopened      uint64 // closed with ErrUnauthenticated
	Slow          uint64 // closed with ErrSlow
	Stalled       uint64 // closed with ErrStalled
	Oversize      uint64 // closed with ErrOversize
	Empty         uint64 // closed with ErrEmpty
	Truncated     uint64 // ended with ErrTruncated
	Malformed     uint64 // closed with ErrMalformed
	Flooded       uint64 // closed with ErrFlood
	Overrun       uint64 // records to peers that were dropped, since their connection took no more
	Pending, Open int    // now: unauthenticated, all
}

// Add adds the counts of another listener.
func (s *Stats) Add(o Stats) {
	s.Accepted += o.Accepted
	s.RefusedAddr += o.RefusedAddr
	s.RefusedTotal += o.RefusedTotal
	s.RefusedOrigin += o.RefusedOrigin
	s.AcceptErrors += o.AcceptErrors
	s.Silent += o.Silent
	s.Unopened += o.Unopened
	s.Slow += o.Slow
	s.Stalled += o.Stalled
	s.Oversize += o.Oversize
	s.Empty += o.Empty
	s.Truncated += o.Truncated
	s.Malformed += o.Malformed
	s.Flooded += o.Flooded
	s.Overrun += o.Overrun
	s.Pending += o.Pending
	s.Open += o.Open
}

// ended counts one end by its reason.
func (s *Stats) ended(reason error) {
	switch reason {
	case ErrSilent:
		s.Silent++
	case ErrUnauthenticated:
		s.Unopened++
	case ErrSlow:
		s.Slow++
	case ErrStalled:
		s.Stalled++
	case ErrOversize:
		s.Oversize++
	case ErrEmpty:
		s.Empty++
	case ErrTruncated:
		s.Truncated++
	case ErrMalformed:
		s.Malformed++
	case ErrFlood:
		s.Flooded++
	}
}
