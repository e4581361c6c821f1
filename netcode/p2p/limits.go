package p2p

import "time"

// Every container that a peer can fill has its cap here, together with what happens when the cap is reached.
const (
	// MaxPlayers is the number of players of a match. Config.Addrs with more is refused.
	MaxPlayers = 4

	// maxAhead bounds MaxPrediction and InputDelay together. Two players are then never more than 2*maxAhead ticks of input apart, which is
	// replica.MaxCommands: one message holds all that the other can lack.
	maxAhead = 16

	// trackTicks is the number of ticks of input kept of each player. An input that is further ahead of the confirmed ones than
	// half of that is dropped and counted: no honest player can be. It is a power of two.
	trackTicks = 128

	// maxStrangers is the number of sessions that have not said who they are. The next one is closed.
	maxStrangers = 8
	// helloTimeout is for how long a session may not say who it is. Then it is closed.
	helloTimeout = 3 * time.Second

	// dialAgain is how long after a dial the same player may be dialled again.
	dialAgain = 250 * time.Millisecond

	// maxControl is the largest control message in bytes: the hashes of the rows of a full table.
	maxControl = 20 << 10
	// maxInput is the largest input message in bytes.
	maxInput = 16 << 10

	// hashEvery is the number of ticks between two comparisons.
	hashEvery = 30
	// keptHashes is the number of comparisons that may wait for a player who is behind. The oldest is forgotten.
	keptHashes = 8
	// reportTime is how long a desync may take to find out where the worlds differ. Then it is reported without.
	reportTime = time.Second

	// maxEvents is the number of events of one tick. More are dropped and counted.
	maxEvents = 256

	// stallAfter is how long a caller may be away. After more, time is given up instead of being made up for.
	stallAfter = 250 * time.Millisecond
	// maxTicksPerAdvance is the number of ticks computed for one frame, rollback apart. The rest has to wait.
	maxTicksPerAdvance = 4
)
