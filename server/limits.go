package server

import (
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// Every container that a peer can fill, and every rate that a peer can drive, has its cap here,
// together with what happens when the cap is reached.
const (
	// inputWindow is how many ticks ahead of the newest executed one an input may be. A command
	// beyond it is dropped and counted as early.
	inputWindow = 16

	// inputSlots is the size of a player's input ring: inputWindow ticks ahead, the rest behind, so
	// that a repeated copy (counted as duplicate) can be told from a late one. A command older than
	// the ring is counted as late. It is a power of two, so that wrapping ticks find their slot.
	inputSlots = 64

	// maxRepeat is for how many ticks in a row a missing input is replaced by the one before. After
	// that the player's input is neutral until a fresh one arrives.
	maxRepeat = 3

	// historyTicks is the number of past worlds kept. An older baseline is not used (the client gets
	// a full snapshot); a view further back is rewound to the oldest world instead.
	// It is a power of two, so that wrapping ticks find their slot.
	historyTicks = replica.FeedTicks

	// A client that holds nothing gets at most one snapshot per fullEvery, fullBurst at once: what can be sent in half a
	// second before the first acknowledgement is there. In between it gets none.
	fullEvery = time.Second / 10
	fullBurst = 32

	// A delta is as long as the session may send now and as so many datagrams of datagramRoom bytes as lose no more than
	// lossPerMessage of the messages, for a loss between leastLoss and what is measured; until lossPackets were
	// sent, at least guessedLoss. Rows that do not fit come in a later one. The header takes up to headerRoom bytes, and
	// a delta of less than smallest is not worth a message.
	// Of what a session may send in budgetTime, budgetShare per cent of its part for one snapshot is used.
	datagramRoom   = 1200
	budgetTime     = 20 * time.Millisecond
	budgetShare    = 90
	maxDatagrams   = 48
	lossPerMessage = 0.25
	leastLoss      = 0.005
	guessedLoss    = 0.06
	lossPackets    = 64
	headerRoom     = 24
	smallest       = 32

	// helloTimeout is how long a session may stay open without a Hello. Then it is closed. When maxSilent
	// sessions are open without one and another opens, the one that was silent longest is closed at
	// once: an honest client says Hello in its first frame, and must not be kept out by those who never do.
	helloTimeout = 5 * time.Second
	maxSilent    = 32

	// ticketEvery is how often a client is given another ticket to come back with. It is less than what a ticket lives (120 s) by
	// more than a session may be silent and a player away.
	ticketEvery = 30 * time.Second

	// maxFormer is how many players of frozen rooms can come back: package session takes no more. The others' places are free after Config.Resume.
	maxFormer = 4096

	// spareSessions may be open beside one for each of Config.MaxPlayers: those without a Hello, those that are
	// told that the match is full, and those that are being closed. The next one is refused as full.
	spareSessions = 4 * maxSilent

	// Players enter at most 50 a second, as many as a match can hold at once. The rest wait for a later tick.
	// Each coming and going is told to everybody reliably: without a limit, somebody who did nothing
	// else could fill the others' queues, and they would be kicked for it.
	joinEvery = time.Second / 50
	joinBurst = sim.MaxPlayers

	// maxNameRunes is the length of a player's name in runes; it also has to fit replica.MaxName
	// bytes. The rest is cut off.
	maxNameRunes = 24

	// Control messages of all kinds: 100 a second, 200 at once. More are dropped, counted as flood,
	// and each is a strike.
	controlEvery = time.Second / 100
	controlBurst = 200

	// Chat lines: one a second, five at once. More are dropped and counted as flood; no strike, since
	// an eager typist is no attacker.
	sayEvery = time.Second
	sayBurst = 5

	// Input messages: twice the tick rate, four seconds' worth of honest ones at once (what a stalled
	// stream delivers when it recovers). More are dropped, counted as flood, and each is a strike.
	inputRateFactor   = 2
	inputBurstSeconds = 4

	// Strikes are forgiven at ten a second; at the hundredth outstanding one the peer is kicked.
	strikeEvery = time.Second / 10
	strikeBurst = 100

	// Log lines that peers can cause: ten a second, 50 at once. More are left out.
	logEvery = time.Second / 10
	logBurst = 50

	// maxSameEvents is how many events of one kind one source may cause in one tick. More are dropped, counted as flood.
	maxSameEvents = 255

	// maxOutside is how many events may wait that were emitted outside of a tick. Emit refuses more with ErrBusy.
	maxOutside = 256

	// keptBodies is how many bytes of events a tick that spectators will be shown keeps room for. For more, room is made anew.
	keptBodies = 4 << 10

	// maxDelay is the longest Config.SpectatorDelay, mostSpectators the most of Config.MaxSpectators. New refuses more.
	maxDelay       = 60 * time.Second
	mostSpectators = 1000

	// maxFrozen is the largest frozen match in bytes, maxClaims the most claims of a player in it (what sessions allow). Thaw refuses more.
	maxFrozen = 64 << 20
	maxClaims = 256

	// maxAsked is how many questions of one client may wait for the next tick; and it may ask 20 a second, 20 at once. More are
	// answered at once with busy. Messages with questions are limited like control messages, too.
	maxAsked  = 16
	callEvery = time.Second / 20
	callBurst = 20

	// Between two ticks of a room a session may bring maxLetters messages, of maxLetterBytes: four seconds of inputs, at once, after a
	// stream has stalled. Of what is beyond, inputs are dropped and counted as flood; another message, which may not be lost, ends the session.
	maxLetters     = 512
	maxLetterBytes = 256 << 10

	// Rooms of a Hall at most, and sessions, when its configuration says nothing. See HallConfig for what happens beyond.
	maxRooms           = 4096
	defaultMaxRooms    = 64
	defaultMaxSessions = 1024

	// A client may open a room every 20 s, three at once, and ask for rooms that do not exist once a second, twenty at once. Beyond that it is
	// told that it may not open one, or that there is none, without anybody having looked. maxClients are counted: the next newcomer is refused likewise.
	openEvery  = 20 * time.Second
	openBurst  = 3
	wrongEvery = time.Second
	wrongBurst = 20
	maxClients = 4096

	// A session may ask for the list of rooms once a second, twice at once, and is told of listedRooms rooms. Further questions are dropped as flood.
	listEvery   = time.Second
	listBurst   = 2
	listedRooms = 10 * replica.RoomsPerList

	// roomIdle is for how long a room that the program did not open may be empty. Then it is closed.
	roomIdle = 30 * time.Second

	// A Hall looks after its rooms every keepEvery. A tick that it finds running for so long as HallConfig.Patience ticks may take, and no
	// shorter than leastPatience, will not be waited for: its room is given up.
	keepEvery       = 25 * time.Millisecond
	defaultPatience = 10
	leastPatience   = 8 * keepEvery

	// forgetEvery is how often a Hall forgets where sessions were that can no longer be resumed.
	forgetEvery = time.Second

	// maxCrashes is how many rooms that failed a Hall saves. Of further ones only the log and the counters tell.
	maxCrashes = 32
	// maxStack is how much of the stacks of all goroutines is looked through for that of a room which does not end its tick.
	maxStack = 4 << 20

	// maxCatchUp is the number of ticks run per wake-up of the real-time loop when it is behind. What
	// is owed beyond that is given up: the schedule moves, and the time is counted as overrun.
	maxCatchUp = 4

	// drainTime is how long a stopping server waits for its goodbyes to leave. Then it stops anyway.
	drainTime = 1500 * time.Millisecond
)

// limiter is a token bucket that remembers one number. The zero limiter is full.
type limiter struct {
	paid time.Duration // until when the events so far have used up the rate
}

// allow reports whether an event at now is within burst events at once and one per every on
// average, and takes its token if so.
func (l *limiter) allow(now, every time.Duration, burst int) bool {
	return l.spend(now, every, every*time.Duration(burst))
}

// spend is allow for an event that takes cost of its rate, of which most may be taken at once.
func (l *limiter) spend(now, cost, most time.Duration) bool {
	start := max(l.paid, now)
	if start-now+cost > most {
		return false
	}
	l.paid = start + cost
	return true
}

// eventLimit is how many events of one source a player is told of, so that the events of one player, whatever the game makes of its inputs,
// cannot fill the queues of the others. Of events for all, what is beyond is dropped for everybody, counted as flood. Others are counted for each
// player that may hear of them, what is beyond as withheld: so what a player may not know takes no place from what it may. All that one source
// causes for some alone is kept to narrowShare times that, for the sake of memory and replays, dropped for everybody.
type eventLimit struct {
	perTick int // on average
	burst   int // at once
	bytes   int // of their bodies a second, and at once
}

var (
	playerEvents = eventLimit{perTick: 2, burst: 64, bytes: 8 << 10}
	worldEvents  = eventLimit{perTick: 8, burst: 256, bytes: 64 << 10}
)

const narrowShare = 8

// eventsOf returns the limit of a source.
func eventsOf(p sim.PlayerID) eventLimit {
	if p == 0 {
		return worldEvents
	}
	return playerEvents
}

func (l eventLimit) times(n int) eventLimit {
	return eventLimit{l.perTick * n, l.burst * n, l.bytes * n}
}

// allowance is what is left of an eventLimit. The zero allowance is all of it.
type allowance struct{ often, large limiter }

// take reports whether there may be one more event, of so many bytes.
func (a *allowance) take(l eventLimit, now, period time.Duration, size int) bool {
	return a.often.allow(now, period/time.Duration(l.perTick), l.burst) &&
		a.large.spend(now, time.Duration(size)*time.Second/time.Duration(l.bytes), time.Second)
}
