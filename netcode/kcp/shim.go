package kcp

import (
	"encoding/binary"
	"net"
	"sync"
	"time"

	"github.com/halftick/halftick/netcode"
)

// shim is the socket that kcp-go believes it has: what is written to it leaves as messages of the session.
type shim struct {
	conn   *netcode.Conn
	tunnel int
	fec    bool
	in     chan []byte
	closed chan struct{}
	once   sync.Once

	mu      sync.Mutex
	counted bool
	newest  uint32 // sequence number of a data segment
	again   uint64 // data segments sent that had been sent before
}

var _ net.PacketConn = (*shim)(nil)

// peer is the one address there is.
type peer struct{}

func (peer) Network() string { return "halftick" }
func (peer) String() string  { return "session" }

// ReadFrom waits for a packet. The error is net.ErrClosed after Close.
func (s *shim) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case p := <-s.in:
		return copy(b, p), peer{}, nil
	case <-s.closed:
		return 0, nil, net.ErrClosed
	}
}

// WriteTo sends a packet; one that finds the session's queue full is lost, as on a wire.
func (s *shim) WriteTo(b []byte, _ net.Addr) (int, error) {
	s.count(b)
	_ = s.conn.Send(s.tunnel, b)
	return len(b), nil
}

// arrived takes a packet of the session and never waits.
func (s *shim) arrived(p []byte) {
	select {
	case s.in <- p:
	default:
	}
}

// What a KCP segment looks like: conv u32, cmd u8, frg u8, wnd u16, ts u32, sn u32, una u32, len u32, data. With
// parity, a packet begins with a sequence number u32, a type u16 and, in data packets, a size u16.
const (
	segmentHeader = 24
	commandPush   = 81
	fecHeader     = 8
	fecData       = 0xf1
)

// count looks for data segments that were sent before.
func (s *shim) count(b []byte) {
	if s.fec {
		if len(b) < fecHeader || binary.LittleEndian.Uint16(b[4:]) != fecData {
			return
		}
		b = b[fecHeader:]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(b) >= segmentHeader {
		sn, n := binary.LittleEndian.Uint32(b[12:]), binary.LittleEndian.Uint32(b[20:])
		if b[4] == commandPush {
			if s.counted && int32(sn-s.newest) <= 0 {
				s.again++
			} else {
				s.newest, s.counted = sn, true
			}
		}
		b = b[min(len(b), segmentHeader+int(n)):]
	}
}

func (s *shim) retransmitted() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.again
}

// Close ends ReadFrom.
func (s *shim) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

func (s *shim) LocalAddr() net.Addr              { return peer{} }
func (s *shim) SetDeadline(time.Time) error      { return nil }
func (s *shim) SetReadDeadline(time.Time) error  { return nil }
func (s *shim) SetWriteDeadline(time.Time) error { return nil }
