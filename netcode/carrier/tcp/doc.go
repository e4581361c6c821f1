// Package tcp carries each record of a session in a TCP stream, for networks that block UDP.
//
// On the stream each record stands behind its length:
//
//	+--------+--------+----------------------------+
//	| length, u16 LE  | record, 1 to 1452 bytes    |  and so on
//	+--------+--------+----------------------------+
//
// A stream costs its listener a socket and memory before anything about the peer is known. carrier.Limits
// says how much of that a peer gets, and for how long; the session lifts them with Authenticated.
//
// Reading order: frame.go (the bytes), conn.go (records), listener.go (who may come in).
package tcp
