package netcode

import "time"

// What we chose. Each says what happens when it is reached.
const (
	maxAddrs     = 6         // addresses of a server that are tried; further ones are not
	maxKnown     = 512       // servers in KnownServers; the one that was visited longest ago is forgotten
	maxKnownAddr = maxURL    // bytes of an address there; a server at a longer one is not remembered
	maxKnownLine = 4 << 10   // bytes of a line of their file; a longer one is damaged, and cut
	maxKnownFile = 4 << 20   // bytes of the file; a larger one is refused
	maxDamaged   = 16        // damaged lines that are kept; further ones are deleted with the next change
	knownStale   = time.Hour // after which another visit to a known server is noted

	maxFound = 256 // servers of the local network that wait to be looked at; further ones are not yielded
	maxAsked = 64  // addresses at which they are asked for; further ones are not

	firstAsk       = 250 * time.Millisecond // between questions to the local network; doubles up to:
	lastAsk        = 2 * time.Second
	nextAddr       = 50 * time.Millisecond  // between attempts at the addresses of a server
	nextCarrier    = 250 * time.Millisecond // that a carrier has before the next is tried too
	afterAnswer    = time.Second            // that a carrier which was answered has before another is tried
	connectTime    = 5 * time.Second        // that a stream has to connect when a session needs it
	refusedTime    = 5 * time.Second        // of refused connections, after which a session without a path is given up
	probeEvery     = 10 * time.Second       // between looks whether UDP works again
	probeHurry     = time.Second            // the same while nothing else works
	maxProbeEvery  = 160 * time.Second      // the same when UDP has failed again and again
	flapTime       = time.Minute            // UDP that lasted for less has failed again
	spareTime      = 3 * time.Second        // that a stream is kept after its session has left it
	minBackoff     = 250 * time.Millisecond // between attempts; doubles up to:
	maxBackoff     = 8 * time.Second
	maxRedialPause = 2 * time.Second        // between dials of a lost server, so that its players are back within 3 s
	reopenEvery    = 250 * time.Millisecond // between attempts to open a socket again
)
