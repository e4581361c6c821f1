// Package match is a match to take part in: it finds or opens a server, connects to it with a bad
// network in front if wanted, lets a bot play, reconnects, and can run without a window.
//
// Reading order: match.go (the life of a match), seat.go (what holds the player's place: real
// sockets, in sockets.go, or a whole match inside this process, in local.go), host.go (the embedded
// server), link.go (simulated conditions), headless.go (the match as lines of text).
package match
