package udp

import (
	"encoding/binary"
	"net"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/halftick/halftick/netcode/carrier"
)

// Limits of a run, datagrams of one size to one peer that go to the kernel in one piece (UDP_SEGMENT). The kernel takes
// 64 of them, in an IP packet's 65535 bytes.
const (
	maxRun      = 64
	maxRunBytes = 65000
)

// sender writes datagrams in batches.
type sender struct {
	mu      sync.Mutex
	raw     syscall.RawConn
	call    func(fd uintptr) bool // s.send, made once
	family  int
	offload bool // runs are taken
	zones   zones

	messages []message
	slots    []slot
	vectors  []unix.Iovec // of all messages, one for each datagram
	counts   []int        // of datagrams in each message

	first, last int // messages to be sent by call
	sent        int
	errno       syscall.Errno
}

func (w *sender) start(raw syscall.RawConn, family int, offload bool) {
	w.raw, w.family, w.offload = raw, family, offload
	w.call = w.send
}

// send sends messages first to last-1; false when the kernel's buffer is full. It never blocks, as recv.
func (w *sender) send(fd uintptr) bool {
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&w.messages[w.first])), uintptr(w.last-w.first), unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			return false
		}
		w.sent, w.errno = int(n), errno
		return true
	}
}

// write sends a batch.
func (w *sender) write(s *Socket, batch []carrier.Datagram) (refused int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(batch) > 0 {
		some := min(len(batch), maxBatch)
		n, err := w.writeSome(batch[:some])
		if err != nil {
			return refused, err
		}
		refused += n
		batch = batch[some:]
	}
	s.refused.Add(uint64(refused))
	return refused, nil
}

// writeSome sends at most maxBatch datagrams. One that the kernel refuses is left out; a run is tried
// again one by one.
func (w *sender) writeSome(batch []carrier.Datagram) (refused int, err error) {
	w.plan(batch, w.offload)
	for at := 0; w.first < w.last; {
		if err := w.raw.Write(w.call); err != nil {
			return refused, net.ErrClosed // all that RawConn.Write itself fails with, without a deadline
		}
		if w.errno == 0 {
			for range w.sent {
				at += w.counts[w.first]
				w.first++
			}
			continue
		}
		if n := w.counts[w.first]; n > 1 {
			w.distrust(len(batch[at].Data))
			w.plan(batch[at:], false)
			batch, at = batch[at:], 0
			continue
		}
		if h := &w.messages[w.first].header; h.Control != nil && w.errno != unix.EMSGSIZE {
			h.Control = nil // the address that it should leave from may be the host's no more
			h.SetControllen(0)
			continue
		}
		refused++
		at++
		w.first++
	}
	return refused, nil
}

// distrust ends the use of runs where the device turns out not to do them: "EIO ... if the device driver does not have tx
// checksumming enabled, which is a hard requirement of UDP_SEGMENT" (udp(7)). A run of datagrams that are too large
// for its route, EMSGSIZE or EINVAL, tells nothing of the others.
func (w *sender) distrust(size int) {
	switch {
	case w.errno == unix.EINVAL && size > carrier.MinRecord:
	case w.errno == unix.EIO, w.errno == unix.EINVAL, w.errno == unix.ENOPROTOOPT, w.errno == unix.EOPNOTSUPP:
		w.offload = false
	}
}

// plan makes messages of a batch: of each run of datagrams to one peer, all of one size but for a last one that is
// shorter, one message.
func (w *sender) plan(batch []carrier.Datagram, runs bool) {
	w.reserve(len(batch))
	w.first, w.last = 0, 0
	for at := 0; at < len(batch); {
		n := 1
		if runs {
			n = run(batch[at:])
		}
		w.address(w.last, batch[at:at+n], w.vectors[at:at+n])
		w.counts[w.last] = n
		w.last++
		at += n
	}
}

// reserve makes room for n messages.
func (w *sender) reserve(n int) {
	if n <= len(w.messages) {
		return
	}
	n = min(maxBatch, max(n, 2*len(w.messages)))
	w.messages, w.slots = make([]message, n), make([]slot, n)
	w.vectors, w.counts = make([]unix.Iovec, n), make([]int, n)
}

// run returns how many datagrams a batch begins with that make one run.
func run(batch []carrier.Datagram) (n int) {
	size, total := len(batch[0].Data), 0
	for n < min(len(batch), maxRun) {
		d := &batch[n]
		if len(d.Data) > size || len(d.Data) == 0 || d.Addr != batch[0].Addr || d.Local != batch[0].Local || total+len(d.Data) > maxRunBytes {
			break
		}
		total += len(d.Data)
		if n++; len(d.Data) < size {
			break
		}
	}
	return max(1, n)
}

// address makes a message of a run.
func (w *sender) address(i int, run []carrier.Datagram, vectors []unix.Iovec) {
	for j, d := range run {
		vectors[j] = unix.Iovec{}
		if len(d.Data) > 0 {
			vectors[j].Base = &d.Data[0]
			vectors[j].SetLen(len(d.Data))
		}
	}
	s, h := &w.slots[i], &w.messages[i].header
	*h = unix.Msghdr{Name: (*byte)(unsafe.Pointer(&s.name)), Iov: &vectors[0]}
	h.Namelen = s.setAddr(w.family, run[0].Addr, &w.zones)
	h.SetIovlen(len(run))
	control := s.setLocal(w.family, run[0].Local)
	if len(run) > 1 {
		var size [2]byte
		binary.NativeEndian.PutUint16(size[:], uint16(len(run[0].Data)))
		control = s.setControl(control, unix.IPPROTO_UDP, unix.UDP_SEGMENT, size[:])
	}
	if control > 0 {
		h.Control = &s.control[0]
		h.SetControllen(control)
	}
}
