package replica

import "github.com/halftick/halftick/netcode/session"

// Channels of a game session: their places in Channels.
const (
	// ChanControl carries Control messages both ways.
	ChanControl = iota
	// ChanInput carries the client's commands to the server. Each message repeats those of the
	// ticks before, so a lost one is never missed.
	ChanInput
	// ChanSnapshot carries snapshots to the client; one that would arrive after a newer one is of no use.
	ChanSnapshot
	// ChanEvent carries Reliable and Predicted events to the client, tick by tick.
	ChanEvent
	// ChanEffect carries Unreliable events to the client.
	ChanEffect
	// ChanCall carries a client's questions, and the answers. They have a channel of their own, so that
	// a large one holds back neither events nor chat.
	ChanCall
)

// Channels returns the channels of a game session, the same on both sides.
func Channels() []session.Channel {
	return []session.Channel{
		ChanControl:  {Name: "control", Kind: session.ReliableOrdered, Redundancy: 2, MaxMessage: maxControl},
		ChanInput:    {Name: "input", Kind: session.Unreliable, MaxMessage: maxInput},
		ChanSnapshot: {Name: "snapshot", Kind: session.Sequenced, MaxMessage: maxSnapshot},
		ChanEvent:    {Name: "event", Kind: session.ReliableOrdered, Redundancy: 2, MaxMessage: MaxEventMessage},
		ChanEffect:   {Name: "effect", Kind: session.Unreliable, MaxMessage: MaxEventMessage},
		ChanCall:     {Name: "call", Kind: session.ReliableOrdered, MaxMessage: maxCall},
	}
}
