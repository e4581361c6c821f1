package netcode

import "time"

// What we chose. Each says what happens when it is reached.
const (
	maxAddrs      = 6  // addresses of a server that are tried; further ones are not
	maxRemembered = 64 // servers in a Memory; the oldest is forgotten

	nextAddr      = 50 * time.Millisecond  // between attempts at the addresses of a server
	afterUDP      = 250 * time.Millisecond // that UDP has before TCP is tried too, WebTransport before WebSocket
	afterAnswer   = time.Second            // that a carrier which was answered has before another is tried
	connectTime   = 5 * time.Second        // that a stream has to connect when a session needs it
	refusedTime   = 5 * time.Second        // of refused connections, after which a session without a path is given up
	probeEvery    = 10 * time.Second       // between looks whether UDP works again
	probeHurry    = time.Second            // the same while nothing else works
	maxProbeEvery = 160 * time.Second      // the same when UDP has failed again and again
	flapTime      = time.Minute            // UDP that lasted for less has failed again
	spareTime     = 3 * time.Second        // that a stream is kept after its session has left it
	minBackoff    = 250 * time.Millisecond // between attempts; doubles up to:
	maxBackoff    = 8 * time.Second
	reopenEvery   = 250 * time.Millisecond // between attempts to open a socket again
)
