//go:build !linux

package udp

import "github.com/halftick/halftick/netcode/carrier"

// batching is for Linux only: elsewhere each datagram is a system call.
type batching struct{}

func (s *Socket) prepare(options) {}

// KeepLocal does nothing here: from which of several addresses datagrams leave is the system's choice.
func (s *Socket) KeepLocal() {}

func (s *Socket) buffers() (receive, send int) { return 0, 0 }

// ReadBatch is as carrier.Datagrams says.
func (s *Socket) ReadBatch(into []carrier.Datagram) (n int, err error) { return s.readOne(into) }

// WriteBatch is as carrier.Datagrams says.
func (s *Socket) WriteBatch(batch []carrier.Datagram) (refused int, err error) {
	return s.writeEach(batch)
}
