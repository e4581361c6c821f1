package udp

import (
	"encoding/binary"
	"net"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/halftick/halftick/netcode/carrier"
)

const (
	// datagramRoom is the buffer of a single datagram in bytes: more than any record, so that larger ones are seen as such.
	datagramRoom = 1536
	// runRoom is the buffer of a run of datagrams from one peer, which the kernel hands over in one piece (UDP_GRO).
	runRoom = 64 << 10
	// firstBatch is how many datagrams a socket has buffers for until more wait at once.
	firstBatch = 4
	// runBatch is how many runs are read at once.
	runBatch = 16
)

// receiver reads datagrams in batches. It has one user at a time. Its buffers grow with what waits, so that a client's
// socket stays small; once a full batch came from one peer, the kernel is asked for runs.
type receiver struct {
	raw     syscall.RawConn
	call    func(fd uintptr) bool // s.recv, made once
	offload bool                  // runs may be asked for
	runs    bool                  // and were
	zones   zones

	messages []message
	slots    []slot
	vectors  []unix.Iovec
	buffers  [][]byte

	n     int // messages that were read
	errno syscall.Errno
	at    int        // the message that is handed out next,
	done  int        // and how many of its bytes were
	size  int        // of its datagrams, 0 before its first
	local netip.Addr // where they came to, if that is known
}

func (r *receiver) start(raw syscall.RawConn, _ int, offload bool) {
	r.raw, r.offload = raw, offload
	r.call = r.recv
	r.grow(firstBatch, datagramRoom)
}

// grow makes new buffers; the old ones hold nothing that was not handed out.
func (r *receiver) grow(n, room int) {
	r.messages, r.slots = make([]message, n), make([]slot, n)
	r.vectors, r.buffers = make([]unix.Iovec, n), make([][]byte, n)
	for i := range n {
		r.buffers[i] = make([]byte, room)
		r.vectors[i].Base = &r.buffers[i][0]
		r.vectors[i].SetLen(room)
		h := &r.messages[i].header
		h.Name = (*byte)(unsafe.Pointer(&r.slots[i].name))
		h.Control = &r.slots[i].control[0]
		h.Iov = &r.vectors[i]
		h.SetIovlen(1)
	}
}

// recv reads what waits; false when nothing does. It never blocks, so the scheduler need not know of it.
func (r *receiver) recv(fd uintptr) bool {
	for i := range r.messages {
		h := &r.messages[i].header
		h.Namelen = unix.SizeofSockaddrInet6
		h.SetControllen(controlSize)
	}
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&r.messages[0])), uintptr(len(r.messages)), unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			return false
		}
		r.n, r.errno = int(n), errno
		return true
	}
}

// read hands out what was read, and reads again when that is all.
func (r *receiver) read(s *Socket, into []carrier.Datagram) (int, error) {
	for {
		if n := r.take(s, into); n > 0 {
			return n, nil
		}
		if r.n == len(r.messages) && !r.runs {
			r.suit()
		}
		r.n, r.at = 0, 0
		if err := r.raw.Read(r.call); err != nil {
			return 0, net.ErrClosed // all that RawConn.Read itself fails with, without a deadline
		}
		if r.errno != 0 {
			r.n = 0
			if !carrier.Passing(r.errno) {
				return 0, r.errno
			}
			s.skipped.Add(1)
		}
	}
}

// take hands out datagrams of the batch that was read. Their bytes stay in the buffers.
func (r *receiver) take(s *Socket, into []carrier.Datagram) (n int) {
	for ; n < len(into) && r.at < r.n; n++ {
		m, slot := &r.messages[r.at], &r.slots[r.at]
		total := int(m.size)
		if r.size == 0 {
			r.size = max(1, total)
			r.local = netip.Addr{}
			slot.eachControl(int(m.header.Controllen), func(level, kind int32, value []byte) { r.control(s, level, kind, value) })
		}
		end := min(total, r.done+r.size)
		into[n] = carrier.Datagram{Data: r.buffers[r.at][r.done:end], Addr: slot.addr(&r.zones), Local: r.local}
		if r.done = end; end == total {
			r.at, r.done, r.size = r.at+1, 0, 0
		}
	}
	return n
}

// control takes in one control message, of 4 bytes or more.
func (r *receiver) control(s *Socket, level, kind int32, value []byte) {
	first := binary.NativeEndian.Uint32(value)
	switch {
	case level == unix.IPPROTO_UDP && kind == unix.UDP_GRO && first > 0:
		r.size = int(first)
	case level == unix.SOL_SOCKET && kind == unix.SO_RXQ_OVFL:
		s.overflowed.Store(uint64(first))
	default:
		if local, ok := localOf(level, kind, value); ok {
			r.local = local
		}
	}
}

// suit makes room for larger batches after one that was full. When even the largest one comes from one peer, the kernel
// is asked for runs, which cost a fraction; not before, since each takes a large buffer.
func (r *receiver) suit() {
	if len(r.messages) < maxBatch {
		r.grow(4*len(r.messages), datagramRoom)
		return
	}
	alike := 0
	for i := range r.n {
		if r.slots[i].name == r.slots[0].name {
			alike++
		}
	}
	if !r.offload || alike < r.n*3/4 {
		return
	}
	r.offload = false // ask once
	_ = r.raw.Control(func(fd uintptr) {
		r.runs = unix.SetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_GRO, 1) == nil
	})
	if r.runs {
		r.grow(runBatch, runRoom)
	}
}
