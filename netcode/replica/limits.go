package replica

import "time"

// What the format allows, and what happens beyond it. Both ends must agree: a change here changes the schema hash
// through formatVersion.
const (
	// formatVersion is part of the schema hash; it counts changes of the bytes that Encode and Append write.
	formatVersion = 4

	// MaxTables is the number of tables of one world. NewPlan refuses more.
	MaxTables = 64
	// MaxLanes is the number of lanes of one row, and of the globals. NewPlan refuses more.
	MaxLanes = 2048
	// MaxInputLanes is the number of lanes of an input. NewInputs refuses more.
	MaxInputLanes = 128

	// MaxCommands is the number of commands of one input message. Append sends the newest ones, Parse refuses more.
	MaxCommands = 32

	// MaxName is the length of a player's name in bytes. Longer ones are cut when sent, refused when received.
	MaxName = 24
	// MaxText is the length of a chat line in bytes. Longer ones are cut when sent, refused when received.
	MaxText = 200
	// MaxReason is the length of the reason for which a player left, in bytes. Longer ones are cut when sent, refused when received.
	MaxReason = 100

	// MaxTicket is the length of a ticket in bytes with which a client takes its player back. Longer ones are refused when received.
	MaxTicket = 128

	// MaxRoom and MaxRoomCode are the lengths of a room's name and code in bytes. Longer ones are cut when sent, refused when received.
	MaxRoom     = 24
	MaxRoomCode = 8

	// RoomsPerList is how many rooms one message tells of, so that it fits the control channel. Another message has the others; one with more is refused.
	RoomsPerList = 14

	// MaxEventMessage is the length of an event message in bytes: with it most travel in one packet, and the largest event
	// (sim.MaxEventBytes) fits. What does not fit goes into another message.
	MaxEventMessage = 1100

	// maxEventAge is how many ticks back a snapshot header tells of an event. Older ones are not told of: no client
	// waits for one so long.
	maxEventAge = 127

	// The largest messages of the channels, in bytes. A session refuses to send more, and drops a peer that does.
	maxControl  = 512
	maxInput    = 16 << 10
	maxSnapshot = 64 << 10
	maxCall     = 3 + 1024 // sim.MaxCallBytes and what stands before

	// MaxAge is how many ticks a row may be old. A receiver forgets a row that it was not sent for longer, and that is
	// predicted from no older state. Whoever encodes keeps the worlds of so many ticks, and its present one; at most 254.
	MaxAge = 120

	// FeedTicks is for how many ticks a server keeps its worlds and what it sent of them. What a client has not
	// acknowledged by then it is taken not to have. It is a power of two, so that wrapping ticks find their slot.
	FeedTicks = 128

	// Beyond is for how long a client moves a row on of which it has nothing newer. Then it holds still. The server reckons with it
	// where it judges what a client saw.
	Beyond = 100 * time.Millisecond

	// maxMissing is how many snapshots before its newest a client can report as missing. When more are in question, it is
	// taken to have none of them.
	maxMissing = 64

	// maxGone is how many rows a partial snapshot can say to be gone that its base does not have yet. The others go
	// when the base has them.
	maxGone = 256

	// maxAge is how many ticks old a row may grow that a client holds. From urgentAge on it goes before all others;
	// one that still does not fit is taken from the client until it does.
	maxAge    = 112
	urgentAge = 90

	// A row at rest needs no mention in partial snapshots until it is restAge ticks old, and up to restSpread more, so that not all
	// are mentioned at once.
	restAge    = 32
	restSpread = 32

	// agesKept is how many pairs of ages a Composer remembers the residuals of, of each row, and mostFinds how many residuals of each
	// table. With other pairs it forgets the older ones; with more residuals, all before the next client. It is slower then, no more.
	agesKept  = 16
	mostFinds = 1 << 20

	// maxGap is how far beyond the last slot of a table the next row may lie: tables give each player
	// every 16th slot, so an honest gap is shorter. Encode fills longer gaps with empty rows; Decode
	// refuses them, so that a table grows only as bytes arrive.
	maxGap = 16
)
