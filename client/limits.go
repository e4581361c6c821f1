package client

import (
	"time"

	"github.com/halftick/halftick/netcode/replica"
)

// Every container and every effort that the server, the path or the caller can drive has its cap
// here, together with what happens when the cap is reached.
const (
	// historyTicks is the number of own ticks whose input and result are kept. A snapshot older than
	// that is not compared with the prediction; it replaces it.
	historyTicks = 128

	// historySnapshots is the number of decoded snapshots kept. A delta against an older one is
	// dropped and counted; the next acknowledgement tells the server.
	historySnapshots = 128

	// maxReplay is the number of ticks replayed after a correction. When the server is further behind,
	// the oldest inputs are left out and counted: the prediction is wrong until the next snapshot.
	maxReplay = 64

	// leastReplay is the number of ticks by which each frame brings a replay nearer to the present, also where the time for
	// them has run out: the prediction is as late as that makes it, and never for ever.
	leastReplay = 2

	// maxTicksPerAdvance is the number of ticks predicted per Advance. The ticks beyond it are
	// skipped: the server repeats the input before them.
	maxTicksPerAdvance = 8

	// maxListed is how many rooms of a server are taken in. What it says of others is not read.
	maxListed = 1024

	// stallAfter is how long a caller may be away. After more, all due ticks but the newest are skipped.
	stallAfter = 250 * time.Millisecond

	// clockMarks is the number of ticks whose beginning the clock remembers. A report about an older one is ignored.
	clockMarks = 256

	// windowSize is the number of samples that a quantile is taken of. The oldest is forgotten.
	windowSize = 128

	// maxExtrapolation is how far beyond the newest snapshot others are moved on. Then they hold still.
	maxExtrapolation = replica.Beyond

	// maxViewError is how far the view may be from where it should be. Beyond it jumps forward;
	// it never jumps back.
	maxViewError = 200 * time.Millisecond

	// maxInterpDelay caps the adaptive interpolation delay. A path worse than that shows gaps.
	maxInterpDelay = 500 * time.Millisecond

	// maxOffsets is the number of fields smoothed at a time. Corrections of more are shown at once.
	maxOffsets = 1024

	// maxOwnEvents is the number of predicted events that wait for the server's word. A further one is left to the server.
	maxOwnEvents = 256

	// maxSameEvents is how many events of one kind one tick has at most; the server's limit is the same.
	maxSameEvents = 255

	// maxWaitingEvents is the number of events that wait for the view to come to their tick. When there are more, the oldest is
	// shown at once.
	maxWaitingEvents = 1024

	// lateEvent is how many ticks after its own on the screen an event counts as late.
	lateEvent = 2

	// maxCalls is the number of calls without an answer. The next is ErrBusy.
	maxCalls = 64

	// callTimeout is how long an answer is waited for when the caller does not say.
	callTimeout = 5 * time.Second

	// maxLines is the number of chat lines kept for Said. The oldest is dropped.
	maxLines = 64

	// maxProbes is the number of reliable probes under way. The next one waits.
	maxProbes = 64
)

// Constants of the clock, in ticks unless said otherwise.
const (
	marginTarget   = 0.25 // left by all but lateShare of the inputs
	lateShare      = 0.02 // of the inputs that may have less
	slowShare      = 0.9  // of the caller's frames are shorter than the one that is reckoned with
	maxDilation    = 0.05 // of the tick rate, either way: nobody sees 5 %
	steerGain      = 0.02 // change of speed per tick of error: an error is halved in 35 ticks
	earlySnap      = 10   // error that is jumped back rather than steered: at 5 % it would take 200 ticks
	lateSnap       = 3    // likewise forward; less, since until then the server misses every input
	firstSpare     = 2.5  // over the round trip before there are reports: being late costs more than being early
	settledSamples = 8    // before that an error of one tick is jumped
	astrayTicks    = 20   // between lead and round trip, more than the server's input window of 16
	astrayReports  = 30   // in a row, half a second at 60 Hz, so that a burst of delay is not believed
)

// Constants of the view clock, in ticks unless said otherwise.
const (
	readyShare   = 0.99 // of the snapshots that are there before the view needs them
	viewSpare    = 0.1  // more delay than that takes, since the view is steered and never exact
	viewGain     = 0.1  // change of speed per tick of error
	maxViewSlew  = 0.05 // of the speed, either way
	starvedError = 0.5  // so far ahead and beyond the newest snapshot, the view runs at starvedSpeed
	starvedSpeed = 0.5  // it shows guesses anyway, and the sooner it has something real, the better
	firstDelay   = 2    // send intervals, before anything is known about the path
	firstSamples = 8
)
