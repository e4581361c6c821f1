// Package udp carries each record of a session in a UDP datagram.
//
// One Socket serves any number of peers: servers and clients both Listen, clients on port 0.
package udp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"

	"github.com/halftick/halftick/netcode/carrier"
)

// bufferSize is asked of the kernel for each direction: a tick of 64 players at 1200 bytes is 77 KB,
// and a process that was not scheduled for 100 ms must not lose what came meanwhile. The kernel may
// give less (Linux: net.core.rmem_max), silently; what finds no room is lost, as on the way.
const bufferSize = 4 << 20

// Socket is a UDP socket. It implements carrier.Datagrams, with 0 allocations per datagram. All
// methods may be called from several goroutines. The zero Socket is of no use: see Listen.
type Socket struct {
	conn    *net.UDPConn
	local   netip.AddrPort
	skipped atomic.Uint64
}

var _ carrier.Datagrams = (*Socket)(nil)

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
	return &Socket{conn: conn, local: carrier.Unmap(local)}, nil
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

// LocalAddr returns the address the socket is bound to; for ":7777" it is the unspecified address
// with that port.
func (s *Socket) LocalAddr() netip.AddrPort { return s.local }

// Skipped returns the number of errors that ReadFrom has skipped.
func (s *Socket) Skipped() uint64 { return s.skipped.Load() }

// Close ends the socket and a ReadFrom that waits. Closing again does nothing.
func (s *Socket) Close() error {
	if err := s.conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
