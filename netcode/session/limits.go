package session

import "time"

// What the protocol fixes. Both ends must agree on these.
const (
	// MaxDatagram is the largest datagram in bytes where nothing is known of the path yet: small enough
	// for every one that carries IPv6. No handshake packet is larger.
	MaxDatagram = 1200
	// MaxRecordSize is the largest datagram in bytes: what IPv6 and UDP leave of 1500 bytes of Ethernet.
	// Records grow up to it on paths that were seen to carry them.
	MaxRecordSize = 1452
	// MaxUnfragmented is the largest message in bytes that travels whole, beside the longest ack.
	MaxUnfragmented = 1100
	// MaxMessage is the largest message in bytes: maxFragments fragments of minFragment.
	MaxMessage = maxFragments * minFragment

	minFragment   = 1024 // bytes; every fragment but the last has at least this size
	maxFragments  = 64   // of a message; one more is malformed
	maxCuttings   = 3    // how often a message may be cut again; the last time into fragments that fit every path
	maxChannels   = 16
	replayWindow  = 1024 // packet numbers; an older packet is dropped as stale
	maxAckDelay   = 63 * time.Millisecond
	ackDelayUnit  = 250 * time.Microsecond
	maxDelayField = 255 * ackDelayUnit // an acknowledgement that is older gives no round trip
	maxShortRun   = 15                 // numbers below the newest of which a short ack can speak
	messageWindow = 512                // reliable messages in flight per channel; a later one is not accepted, hence not acknowledged. As many may come after a HOLD
	bulkWindow    = 1024               // likewise on a Bulk channel
	latestWindow  = 4096               // likewise of values, the newest of their keys, on a ReliableLatest channel
	maxEarlyBytes = 256 << 10          // of them from the oldest on, but for Bulk: Channel.MaxQueue; more are neither sent nor accepted
	maxKeys       = 4096               // of a ReliableLatest channel within 2 * replayWindow packets; a further one is refused by SendKeyed, or with its record
)

// What we chose. Each says what happens when it is reached.
const (
	maxRepeats        = 8       // redundant messages per channel and packet; the older ones wait for their loss to be known
	maxFlush          = 11      // messages repeated per channel and packet while no acknowledgement comes
	maxRepeatSize     = 128     // bytes of a message that may be repeated
	maxRepeatBytes    = 512     // of repetition per channel and packet; the rest is left out
	maxQueueBytes     = 4 << 20 // of Channel.MaxQueue; a larger setting is refused
	maxWeight         = 1000    // of Channel.Weight; a larger setting is refused
	maxQueued         = 8192    // messages waiting on a channel; as MaxQueue
	maxUnreliable     = 256     // unreliable messages waiting on a channel; the oldest is dropped
	maxAckRanges      = 31      // remembered; the oldest is forgotten, its packets look lost to the peer
	maxAckFrame       = 64      // bytes of an ack; older ranges are left out of it
	maxSent           = 4096    // packets in flight; the oldest is taken for lost
	maxAhead          = 1 << 14 // numbers beyond the newest acknowledged; then a record leaves per aheadEvery
	aheadEvery        = 100 * time.Millisecond
	skipEvery         = 256              // numbers of which one is left out (skips.go)
	skipSpread        = 512              // numbers among which each of these has its place
	leastSkip         = 16               // least distance of two
	maxPartial        = 8                // unreliable messages being reassembled per session; the oldest is dropped
	maxPartialBytes   = 64 << 10         // of them together; the oldest is dropped
	partialAge        = 5 * time.Second  // of one; then it is dropped
	maxEventsPerConn  = 4096             // waiting for the application; then packets with messages are dropped, unacknowledged
	maxEventBytes     = 1 << 20          // likewise
	maxReplies        = 64               // stateless handshake replies waiting; the next one is not sent
	maxCloseReason    = 128              // bytes; longer reasons are cut
	ticketAge         = 10 * time.Second // of a handshake ticket; an older one is refused, the client starts again
	minRate           = 1 << 10          // bytes per second
	paceBurst         = 16 << 10         // bytes that may leave at once after silence, at a fixed rate
	quickProbes       = 16               // probes in a row, about 3.5 s, that are not further apart than:
	quickProbe        = time.Second / 4  // several meet each second of a path that is there again, so that the loss of one costs little
	maxPTOBackoff     = 2 * time.Second  // between later ones
	drainTime         = time.Second      // a closed session's id is remembered, to answer late packets with silence
	unreadSlack       = 2 * time.Second  // that a peer has longer than ReadTimeout to end a session that it does not read
	closeRepeats      = 3                // times the close frame is sent
	closeInterval     = 50 * time.Millisecond
	initInterval      = 200 * time.Millisecond // between the first attempts of a dial; doubles up to:
	maxInitInterval   = 400 * time.Millisecond
	granularity       = time.Millisecond      // timers are not finer
	lateMemory        = 50 * time.Millisecond // for so long at least it is remembered what was taken for lost
	reorderMemory     = 10 * time.Second      // how long reordering, once seen, is allowed for
	packetThreshold   = 3                     // later packets acknowledged that make one lost, while no reordering was seen
	bulkPatience      = 32 << 10              // bytes that other channels send before a Bulk channel that waits sends a message or fragment
	fragmentReserve   = 24                    // bytes of a record left beside a fragment: its frame's head and a short acknowledgement
	maxFrames         = MaxRecordSize         // of messages in a record; each takes a byte and more
	maxIdleAssemblies = 256                   // kept for reuse; more are left to the garbage collector
	refillBytes       = 1 << 10               // of buffers that are allocated together
	leastFree         = 8                     // idle buffers of a size that there is room to keep from the first on
	spareBytes        = 8 << 10               // of them, and a quarter, are kept anyway while there are sessions
	maxIdleBytes      = 4 << 20               // of idle buffers of each of six sizes an endpoint keeps for reuse, until they were not needed for 10 s; more are left to the garbage collector
)

// Of acknowledgements (ack.go, cadence.go).
const (
	ackSpan         = 64                    // numbers below the newest, besides those since the last ack, of which an ack speaks at most; what is older was told before
	ackTold         = 6                     // acks that tell of a number; then it is left out
	ackEveryBeats   = 3                     // beats of the peer's cadence, or
	mostAckBeats    = 4                     // where nothing is lost, or
	ackEveryRecords = 16                    // records, after which an ack leaves at once
	heavyLoss       = 0.08                  // share of loss above which every record is acknowledged at once
	rareLoss        = 1.0 / 256             // share of loss below which acks are fewer: some 90 records after a single loss
	shortAckBeat    = 10 * time.Millisecond // of a peer whose acks are short though there was a gap before: five or more tell of each number
	lateDriver      = 4 * time.Millisecond  // later than that the driver may not have read what has come
	readTime        = 2 * time.Millisecond  // that it then gets for it
	maxNotices      = 3                     // acks that tell of silence after a beat
	pingEvery       = 64                    // records that only acknowledge, after which one asks for an acknowledgement itself
)

// Of redundancy (redundancy.go, weather.go, coded.go).
const (
	lossMemory   = 3 * time.Second // how long a path is taken for lossy after a loss
	badLoss      = 0.10            // share of loss above which coding does not help any more
	mostLate     = 0.03            // share of messages that may wait for a loss to be known, above that
	streakMemory = 16              // losses that say whether they come in a row
	darkStreak   = 2               // packets lost in a row that may be the beginning of an outage
	smallMessage = 40              // bytes of messages that are repeated rather than coded
	codedSpan    = 8               // ids between the messages of a coded frame, at most; more is malformed
	codedMemory  = 16              // messages of a channel kept for decoding, and half as many coded frames; older ones give way
	maxEncores   = 16              // messages of a channel that wait to be repeated after a retransmission; a further one is not
)

// Of paths (roam.go, validate.go).
const (
	maxAnswers        = 2 // to PATH_CHALLENGEs waiting to be sent; the oldest is left out
	maxRoutes         = 2 // paths remembered besides the one in use; the oldest is forgotten, its stream cut
	maxMoves          = 4 // to new paths, at once and per minute; for a further one the session stays where it is, unless it is nowhere
	moveEvery         = time.Minute / maxMoves
	pathMemory        = 5 * time.Second // how long the server returns to a path it has left, without asking
	challengeTries    = 3               // PATH_CHALLENGEs to a new path; then the move is refused
	challengeInterval = 250 * time.Millisecond
	leastCopy         = 48 // bytes of a record that is worth being sent to a path that is validated as well
)

// Of the size of records (mtu.go).
const (
	mtuProbeEvery  = 24 << 10 // bytes of records that had no room for all there was, before a probe of at most MaxRecordSize may leave: 6 % of them
	mtuTries       = 3        // probes of a size lost in a row; then it is too large
	mtuHoles       = 4        // large records lost in a row; then the path is a black hole for them, if small ones pass
	mtuAsks        = 4        // small records that ask whether they pass, until a large one was acknowledged; then silence is taken for silence
	mtuSearchEvery = 10 * time.Minute
)

// Of handshakes (handshake.go, admit.go, rates.go, query.go).
const (
	maxHandshakes    = 128               // INITs waiting or worked on; the next one is dropped, the client repeats it
	loadedHandshakes = maxHandshakes / 8 // of them, from which on cookies are asked for
	loadedFor        = 5 * time.Second   // and how much longer
	provedRate       = 20                // INITs per second of one IPv4 address or IPv6 /64 that brought a cookie
	provedBurst      = 5                 // at once
	maxProved        = 1 << 16           // such addresses; further ones are dropped until others were silent
	errorRate        = 64                // answers per second to one address that proves nothing
	maxErrorReplies  = 400               // to all together; then nobody is answered
	maxErrorSenders  = 1024              // such addresses; as maxErrorReplies
	maxSpent         = 1 << 16           // tickets and tokens remembered as used; then nobody is let in until some expire
	spentSlack       = 5 * time.Second   // longer than they are valid
	maxGrantLife     = time.Hour         // of Grant.Life; a longer one is cut
	maxQueries       = 256               // questions of ours waiting; the next one is refused
	maxFound         = 256               // servers that a search tells of; further ones are not told
	resumeLife       = 120 * time.Second // of a ticket to resume a session; an older one is as none
	maxResumeFor     = 90 * time.Second  // of Config.ResumeFor: less than a ticket's life and the time between two
	maxLost          = 4096              // lost sessions that may be resumed; of more the first to expire cannot
	maxAboutPieces   = 64                // of a packed description, 30 KiB; a longer one is cut at the server, dropped at the client
	maxAbout         = 256 << 10         // bytes of a description unpacked; the rest is left out
	askTries         = 8                 // times that a piece is asked for; then what has come is all
	askInterval      = 250 * time.Millisecond
	queryTries       = 3 // times that a question is asked
	queryInterval    = 500 * time.Millisecond
	restartEvery     = 500 * time.Millisecond // between questions whether a silent server was started again
	askAgain         = 3                      // INITs to a key that was learned, each of them without an answer, after which it is asked for again
)

// Of the congestion controller.
const (
	rateFloor     = 8 << 10               // bytes per second that a game always gets
	initialWindow = 10 * MaxDatagram      // bytes in the first round trip (RFC 6928)
	minRound      = 8                     // packets; fewer say little about a rate
	minSamples    = 2                     // round trips, of which the least is taken
	jitterSamples = 4                     // likewise where they differ by chance
	cruiseTrips   = 10                    // round trips before the path is asked whether it delivers more; four for slow sessions
	drainRounds   = 3                     // then a queue that did not shrink is none of ours
	probeRounds   = 2                     // without growth, then it does not
	startRounds   = 3                     // likewise, while the rate doubles
	growth        = 0.6                   // of what is added, that is more than noise
	probeGain     = 0.25                  // added at most to ask for more
	probeQueue    = 12 * time.Millisecond // that may come of it in a round; of slow sessions up to maxQueue
	limitedRoom   = 1.5                   // over what is delivered, when a session that sends less than it may meets a jam
	drainGain     = 0.75
	deepGain      = 0.5
	doubt         = 10 * time.Second
	maxLossBase   = 0.1      // of that, which is made up for
	minExcess     = 4        // packets lost in a round, fewer are chance
	excessLoss    = 0.15     // share of packets lost above what the path loses anyway: the queue has no room
	yield         = 0.97     // of the rate, per round in which the queue is half of what makes a jam
	slowPath      = 24 << 10 // bytes per second, at which a queue of maxQueue is none too long
	minQueue      = 2 * time.Millisecond
	maxQueue      = 30 * time.Millisecond
	minRTTSpan    = 5 * time.Second
	burstTime     = 4 * time.Millisecond // a driver may wake so late
	minBurst      = 2 * MaxRecordSize
	maxBurst      = 1 << 20               // what fast links take between two wake-ups of a driver, a millisecond or more
	budgetTime    = 20 * time.Millisecond // for which SendBudget looks ahead: a tick
	maxDebt       = 4 << 10               // bytes that small messages may leave ahead of the rate
)
