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

// Datagrams is a socket that carries datagrams: the kernel's, or one with simulated conditions in
// front of it. ReadFrom has one caller at a time; WriteTo may be called by several goroutines, also
// while ReadFrom waits.
type Datagrams interface {
	// ReadFrom waits for a datagram, copies it to b (what does not fit is cut off) and says where
	// it came from; an IPv4 address is never in its IPv6 form. The error is net.ErrClosed after
	// Close; any other error is fatal too.
	ReadFrom(b []byte) (n int, from netip.AddrPort, err error)

	// WriteTo sends b to an address and never waits for long. b is borrowed until WriteTo returns.
	// An error concerns this datagram alone, but for net.ErrClosed.
	WriteTo(b []byte, to netip.AddrPort) error

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
