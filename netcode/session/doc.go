// Package session is the protocol itself, sans-IO: datagrams and the time go in; datagrams, events and
// the next deadline come out. It opens no socket, starts no goroutine, reads no clock and has no global
// state, so that minutes of traffic replay in milliseconds, exactly, from a seed.
//
//	driver:  Receive(now, from, datagram)   what the carrier brought
//	         Advance(now)                   what the time brought
//	         Event()      until empty       what the application should know
//	         Transmit()   until empty       what the carrier should take
//	         NextTimeout()                  when to call again at the latest
//
// One session is one Conn: an identity, packet numbers, acks and channels, independent of the Path its
// records travel on. An Endpoint is one socket's worth of them, as client, as server, or both.
//
// Sessions are encrypted and authenticated in both directions, from the first record on: the cryptography is package
// secure, what is done with it is dialling.go at the client, handshake.go and admit.go at the server. Every byte on
// the wire is as docs/protocol.md says.
//
// Reading order: config.go, endpoint.go, dialling.go, handshake.go, admit.go, conn.go; then the packet's way in, conn_recv.go,
// and out, conn_send.go; then one concern a file: ack.go, sent.go, skips.go, loss.go, rtt.go, pace.go, mtu.go, and the
// channels: schedule.go, unreliable.go, reliable.go, reliable_in.go, latest.go, reassembly.go; hold.go holds them back.
//
// An Endpoint and its Conns are not safe for concurrent use: the driver holds one lock around them.
// Times are durations since the driver's own epoch and never go backwards.
package session
