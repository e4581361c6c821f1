package client

import "github.com/halftick/halftick/netcode/replica"

// Misprediction is one prediction that the server did not confirm: A is what was predicted for the tick, B what the server says.
//
// With Others 0 and not Missed there is nothing that could have changed the player's rows but the player's own inputs, which both ends
// had. Then the game is to blame: its Step does other things here than there. Package netvet and matchtest.SyncTest help to find them.
type Misprediction struct {
	replica.Difference
	Missed bool // the server made up an input of ours since the last prediction that was right, or may have: snapshots were lost
	Others int  // players in the match besides this one, bots included: whatever they do may have touched our rows
}

// doubts notes what makes the next wrong prediction prove nothing.
type doubts struct {
	tell   func(Misprediction) // nil: nobody wants to know
	missed bool
	newest int64 // of the snapshots looked at
}

// arrived takes in a snapshot of a tick; missed says that the server made up an input for it, sendEvery how many ticks lie
// between two snapshots.
func (d *doubts) arrived(tick int64, missed bool, sendEvery float64) {
	d.missed = d.missed || missed || float64(tick-d.newest) > sendEvery
	d.newest = tick
}

// report tells of a wrong prediction for the tick of the newest snapshot, once it is known that the rows are to be ours.
func (c *Client[W, I]) report(auth *replica.Snapshot, tick int64) {
	if c.doubts.tell == nil || c.pred.ownsNothing(tick) {
		return
	}
	d, _ := c.plan.FirstDifferencePredicted(c.pred.results.of(tick), auth, c.me)
	d.Tick = auth.Tick
	c.doubts.tell(Misprediction{d, c.doubts.missed, c.roster.others(c.me)})
}
