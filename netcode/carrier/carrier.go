// Package carrier says what carries the records of a session, and what all carriers have in common.
//
// A record is one datagram of the session protocol: opaque bytes, 1 to MaxRecord of them. Package udp
// carries each record in a datagram; package tcp carries them one behind the other in a stream, each
// with its length in front. Package simnet can put a bad network in front of either.
//
// Carriers own sockets and, for the stream, its time limits. They know nothing of sessions.
package carrier

import "net/netip"

// MaxRecord is the size of the largest record, in bytes: what IPv6 and UDP leave of the 1500 bytes of
// Ethernet. A session sends more than 1200 bytes in one, which every path carries, only where it has
// seen that they pass.
const MaxRecord = 1452

// Datagram is one datagram and the peer that it came from or goes to.
type Datagram struct {
	Data  []byte
	Addr  netip.AddrPort
	Local netip.Addr // the host's address that it came to or leaves from; the zero Addr is unknown, or the system's choice
}

// MinRecord is the size of the largest record that every carrier passes on every path, in bytes: what a session
// sends before it has seen that more passes.
const MinRecord = 1200

// Datagrams is a socket that carries datagrams: the kernel's, or one with simulated conditions in
// front of it. ReadBatch has one caller at a time; WriteBatch may be called by several goroutines, also
// while ReadBatch waits.
type Datagrams interface {
	// ReadBatch waits for datagrams and returns as many as there are then, at most len(into). What Data it sets is the
	// socket's and is overwritten by the next call; of a datagram larger than MaxRecord as much may be cut off as
	// leaves it larger. An IPv4 address is never in its IPv6 form. The error is net.ErrClosed after Close; any
	// other error is fatal too.
	ReadBatch(into []Datagram) (n int, err error)

	// WriteBatch sends datagrams in their order and never waits for long. They are borrowed until it returns. Those that
	// the system does not take are left out; refused is their number. The only error is net.ErrClosed.
	WriteBatch(batch []Datagram) (refused int, err error)

	// LocalAddr returns the address the socket is bound to.
	LocalAddr() netip.AddrPort

	// Close ends the socket and a ReadFrom that waits. Closing again does nothing.
	Close() error
}

// Unmap returns an address with an IPv4 address in its own, not in its IPv6 form, so that addresses
// of one peer compare equal whatever socket they came from.
func Unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
