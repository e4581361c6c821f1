// Package udp carries each record of a session in a UDP datagram.
//
// One Socket serves any number of peers: servers and clients both Listen, clients on port 0. On Linux a Socket moves many
// datagrams with one system call (recvmmsg, sendmmsg), and those of one size to or from one peer in one
// piece (UDP_SEGMENT, UDP_GRO), where kernel and device do so. The environment variable HALFTICK_UDP switches that off, to look
// for a fault or to measure: "plain" for a system call per datagram, "whole" for batches without runs.
package udp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync/atomic"

	"github.com/halftick/halftick/netcode/carrier"
)

// bufferSize is asked of the kernel for each direction: a tick of 64 players at 1200 bytes is 77 KB,
// and a process that was not scheduled for 100 ms must not lose what came meanwhile. The kernel may
// give less (Linux: net.core.rmem_max), silently; what finds no room is lost, as on the way.
const bufferSize = 4 << 20

// Socket is a UDP socket. It implements carrier.Datagrams, with 0 allocations per datagram. All
// methods may be called from several goroutines, but of ReadFrom and ReadBatch one at a time. The zero Socket is of
// no use: see Listen.
type Socket struct {
	conn       *net.UDPConn
	local      netip.AddrPort
	batching   *batching // nil where each datagram is a system call
	one        []byte    // of readOne
	whole      bool
	skipped    atomic.Uint64
	refused    atomic.Uint64
	overflowed atomic.Uint64
}

var _ carrier.Datagrams = (*Socket)(nil)

// options are what HALFTICK_UDP says.
type options struct {
	plain bool // a system call for each datagram
	whole bool // no runs
}

// Listen opens a socket on an address such as ":7777" (all addresses of the machine, IPv4 and IPv6
// where it has both), "127.0.0.1:7777" or ":0" (any free port, see LocalAddr). When another program
// has the address the error is a *carrier.InUseError.
func Listen(addr string) (*Socket, error) {
	var cfg net.ListenConfig
	pc, err := cfg.ListenPacket(context.Background(), "udp", addr)
	if err != nil {
		return nil, carrier.ListenError("udp", addr, err)
	}
	conn := pc.(*net.UDPConn)
	// Best effort: a small buffer loses more under load and works otherwise.
	_ = conn.SetReadBuffer(bufferSize)
	_ = conn.SetWriteBuffer(bufferSize)
	local := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	s := &Socket{conn: conn, local: carrier.Unmap(local)}
	if raw, err := conn.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { s.whole = keepWhole(fd, local.Addr().Is6()) })
	}
	switch os.Getenv("HALFTICK_UDP") {
	case "plain":
		s.prepare(options{plain: true})
	case "whole":
		s.prepare(options{whole: true})
	default:
		s.prepare(options{})
	}
	return s, nil
}

// ReadFrom waits for a datagram and copies it to b; what does not fit is cut off. Errors that ICMP
// messages or full buffers leave on the socket are skipped and counted: a peer that is gone, or
// somebody who forges such messages, must not end the socket for the others. The error is
// net.ErrClosed after Close.
func (s *Socket) ReadFrom(b []byte) (n int, from netip.AddrPort, err error) {
	for {
		n, from, err = s.conn.ReadFromUDPAddrPort(b)
		switch {
		case err == nil:
			return n, carrier.Unmap(from), nil
		case errors.Is(err, net.ErrClosed):
			return 0, netip.AddrPort{}, net.ErrClosed
		case !carrier.Passing(err):
			return 0, netip.AddrPort{}, err
		}
		s.skipped.Add(1)
	}
}

// WriteTo sends b as one datagram. It waits only while the kernel's buffer is full. The error is
// net.ErrClosed after Close; any other concerns this datagram alone.
func (s *Socket) WriteTo(b []byte, to netip.AddrPort) error {
	_, err := s.conn.WriteToUDPAddrPort(b, to)
	if err != nil && errors.Is(err, net.ErrClosed) {
		return net.ErrClosed
	}
	return err
}

// readOne is ReadBatch with one datagram per system call.
func (s *Socket) readOne(into []carrier.Datagram) (n int, err error) {
	if s.one == nil {
		s.one = make([]byte, carrier.MaxRecord+1) // one more, so that too large ones are seen as such
	}
	n, from, err := s.ReadFrom(s.one)
	if err != nil {
		return 0, err
	}
	into[0] = carrier.Datagram{Data: s.one[:n], Addr: from}
	return 1, nil
}

// writeEach is WriteBatch with one datagram per system call.
func (s *Socket) writeEach(batch []carrier.Datagram) (refused int, err error) {
	for i := range batch {
		switch err := s.WriteTo(batch[i].Data, batch[i].Addr); err {
		case nil:
		case net.ErrClosed:
			return refused, err
		default:
			refused++
		}
	}
	s.refused.Add(uint64(refused))
	return refused, nil
}

// Whole reports whether datagrams leave with Don't Fragment, so that one which is larger than its path is lost rather than cut.
func (s *Socket) Whole() bool { return s.whole }

// Stats says what became of datagrams that neither side will hear of otherwise.
type Stats struct {
	Skipped       uint64 // errors that ICMP messages, or who forges them, left on the socket
	Refused       uint64 // datagrams of WriteBatch that the system did not take
	Overflowed    uint64 // datagrams that came and found the receive buffer full (Linux)
	ReceiveBuffer int    // bytes that the kernel gave, its overhead included; 0 where it does not say
	SendBuffer    int
}

// Small reports whether the system gave less receive buffer than a busy server needs. On Linux: raise the limit
// net.core.rmem_max.
func (s Stats) Small() bool { return s.ReceiveBuffer > 0 && s.ReceiveBuffer < bufferSize }

// Stats returns the state of the socket.
func (s *Socket) Stats() Stats {
	stats := Stats{Skipped: s.skipped.Load(), Refused: s.refused.Load(), Overflowed: s.overflowed.Load()}
	stats.ReceiveBuffer, stats.SendBuffer = s.buffers()
	return stats
}

// LocalAddr returns the address the socket is bound to; for ":7777" it is the unspecified address
// with that port.
func (s *Socket) LocalAddr() netip.AddrPort { return s.local }

// Close ends the socket and a ReadFrom that waits. Closing again does nothing.
func (s *Socket) Close() error {
	if err := s.conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
