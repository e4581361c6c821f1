package server

// add adds what another match did. What cannot be added up stays as it is: ticks, how long they took, the age of rows, and what is of
// the whole process.
func (s *Stats) add(o Stats) {
	s.Players += o.Players
	s.Bots += o.Bots
	s.Watching += o.Watching
	s.Sessions += o.Sessions
	s.Overruns += o.Overruns
	s.OverrunTime += o.OverrunTime
	s.Joins += o.Joins
	s.Leaves += o.Leaves
	s.Kicks += o.Kicks
	s.TurnedAway += o.TurnedAway
	s.Away += o.Away
	s.Returns += o.Returns
	s.Inputs.add(o.Inputs)
	s.Rewinds += o.Rewinds
	s.Capped += o.Capped
	s.Snapshots.add(&o.Snapshots)
	s.Shows.add(&o.Shows)
	for why, n := range o.Dropped {
		s.Dropped[why] += n
	}
	s.Events.add(&o.Events)
	s.Calls.add(&o.Calls)
	s.Recording.Ticks += o.Recording.Ticks
	s.Recording.Bytes += o.Recording.Bytes
	s.Recording.Gaps += o.Recording.Gaps
}

func (c *SnapshotCounters) add(o *SnapshotCounters) {
	c.Sent += o.Sent
	c.Full += o.Full
	c.Bytes += o.Bytes
	c.BaseAge += o.BaseAge
	c.Encoded += o.Encoded
	c.NoBudget += o.NoBudget
	c.Held += o.Held
	c.Refused += o.Refused
	c.Composed += o.Composed
	c.Partial += o.Partial
	c.RowsSent += o.RowsSent
	c.RowsStale += o.RowsStale
	c.RowsHidden += o.RowsHidden
}

func (c *EventCounters) add(o *EventCounters) {
	c.Emitted += o.Emitted
	c.Flood += o.Flood
	c.Refused += o.Refused
	c.Unknown += o.Unknown
	c.Copies += o.Copies
	c.Withheld += o.Withheld
	c.Bytes += o.Bytes
	c.Unsent += o.Unsent
}

func (c *CallCounters) add(o *CallCounters) {
	c.Answered += o.Answered
	c.Refused += o.Refused
	c.Failed += o.Failed
	c.Busy += o.Busy
	c.NoHandler += o.NoHandler
	c.Unread += o.Unread
	c.Stale += o.Stale
}
