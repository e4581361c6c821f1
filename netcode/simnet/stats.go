package simnet

// Stats counts what became of the datagrams of one direction. At all times
//
//	Sent + Duplicated = Delivered + Dropped()
//
// where Delivered counts from the moment that the delivery is certain; it may still be on its way.
type Stats struct {
	Sent      uint64 // datagrams given to the path
	Bytes     uint64 // in them, without headers
	Delivered uint64 // copies that arrive

	Lost     uint64 // by Conditions.Loss
	Burst    uint64 // by Conditions.Burst
	Outage   uint64 // in a scheduled outage
	Oversize uint64 // larger than Conditions.MTU
	Overflow uint64 // found the bottleneck's queue full
	Full     uint64 // found the simulator's own queue full: see Impaired

	Duplicated uint64 // arrive twice
	Corrupted  uint64 // arrive with a flipped bit
	Held       uint64 // held back by Conditions.Reorder
	Overtook   uint64 // arrive before one that was sent earlier, for whatever reason
}

// Dropped returns the number of datagrams, and of second copies, that never arrive.
func (s Stats) Dropped() uint64 {
	return s.Lost + s.Burst + s.Outage + s.Oversize + s.Overflow + s.Full
}

// add adds the counts of o.
func (s *Stats) add(o Stats) {
	s.Sent += o.Sent
	s.Bytes += o.Bytes
	s.Delivered += o.Delivered
	s.Lost += o.Lost
	s.Burst += o.Burst
	s.Outage += o.Outage
	s.Oversize += o.Oversize
	s.Overflow += o.Overflow
	s.Full += o.Full
	s.Duplicated += o.Duplicated
	s.Corrupted += o.Corrupted
	s.Held += o.Held
	s.Overtook += o.Overtook
}
