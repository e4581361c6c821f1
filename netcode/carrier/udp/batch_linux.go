package udp

import (
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/halftick/halftick/netcode/carrier"
)

// maxBatch is how many messages one system call moves at most, in either direction.
const maxBatch = 64

// controlSize is the room for the control messages of a datagram: two of four bytes each, and where it came to, for IPv4 and for IPv6.
const controlSize = 128

// message is a struct mmsghdr (recvmmsg(2)).
type message struct {
	header unix.Msghdr
	size   uint32
}

// slot is what a message of a batch points to.
type slot struct {
	name    unix.RawSockaddrInet6 // large enough for an IPv4 address too
	control [controlSize]byte
}

// setControl writes a control message behind the first at bytes of others and returns where it ends.
func (s *slot) setControl(at int, level, kind int32, value []byte) (end int) {
	h := (*unix.Cmsghdr)(unsafe.Pointer(&s.control[at]))
	h.Level, h.Type = level, kind
	h.SetLen(unix.CmsgLen(len(value)))
	copy(s.control[at+unix.CmsgLen(0):], value)
	return at + unix.CmsgSpace(len(value))
}

// eachControl calls visit for every control message in the first n bytes that has a value of at least 4 bytes.
func (s *slot) eachControl(n int, visit func(level, kind int32, value []byte)) {
	head := unix.CmsgLen(0)
	for b := s.control[:min(n, controlSize)]; len(b) >= head; {
		h := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
		size := int(h.Len)
		if size < head || size > len(b) {
			return
		}
		if size >= head+4 {
			visit(h.Level, h.Type, b[head:size])
		}
		b = b[min(len(b), unix.CmsgSpace(size-head)):]
	}
}

// setAddr writes a peer's address as a socket of the given family wants it and returns its size. An address that such
// a socket does not reach is refused by the kernel.
func (s *slot) setAddr(family int, to netip.AddrPort, zones *zones) uint32 {
	port := [2]byte{byte(to.Port() >> 8), byte(to.Port())}
	if ip := to.Addr().Unmap(); family == unix.AF_INET && ip.Is4() {
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(&s.name))
		*v4 = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: *(*uint16)(unsafe.Pointer(&port)), Addr: ip.As4()}
		return unix.SizeofSockaddrInet4
	}
	s.name = unix.RawSockaddrInet6{Family: unix.AF_INET6, Port: *(*uint16)(unsafe.Pointer(&port)), Addr: to.Addr().As16()}
	if zone := to.Addr().Zone(); zone != "" {
		s.name.Scope_id = zones.index(zone)
	}
	return unix.SizeofSockaddrInet6
}

// addr reads the address that the kernel wrote.
func (s *slot) addr(zones *zones) netip.AddrPort {
	port := (*[2]byte)(unsafe.Pointer(&s.name.Port))
	at := uint16(port[0])<<8 | uint16(port[1])
	if s.name.Family == unix.AF_INET {
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(&s.name))
		return netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), at)
	}
	ip := netip.AddrFrom16(s.name.Addr).Unmap()
	if s.name.Scope_id != 0 && ip.Is6() {
		ip = ip.WithZone(zones.name(s.name.Scope_id))
	}
	return netip.AddrPortFrom(ip, at)
}

// batching is the part of a Socket that moves many datagrams with one system call.
type batching struct {
	family   int
	receiver receiver
	sender   sender
}

// prepare finds out what the kernel offers.
func (s *Socket) prepare(o options) {
	if o.plain {
		return
	}
	raw, err := s.conn.SyscallConn()
	if err != nil {
		return
	}
	family, offload := 0, false
	err = raw.Control(func(fd uintptr) {
		var no error
		if family, no = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DOMAIN); no != nil {
			family = 0
			return
		}
		_, no = unix.GetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_SEGMENT)
		offload = no == nil && !o.whole
		// How many datagrams found no room comes along with those that did.
		_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1)
		force(int(fd), unix.SO_RCVBUF, unix.SO_RCVBUFFORCE)
		force(int(fd), unix.SO_SNDBUF, unix.SO_SNDBUFFORCE)
	})
	if err != nil || family != unix.AF_INET && family != unix.AF_INET6 {
		return
	}
	b := &batching{family: family}
	b.receiver.start(raw, family, offload)
	b.sender.start(raw, family, offload)
	s.batching = b
}

// force asks for a buffer beyond the system's limit, which takes CAP_NET_ADMIN, unless it is large already. The
// kernel doubles what it is asked for.
func force(fd, option, forced int) {
	if n, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, option); err == nil && n < 2*bufferSize {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, forced, bufferSize)
	}
}

// buffers returns the sizes of the kernel's buffers in bytes, its own overhead included.
func (s *Socket) buffers() (receive, send int) {
	raw, err := s.conn.SyscallConn()
	if err != nil {
		return 0, 0
	}
	_ = raw.Control(func(fd uintptr) {
		receive, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF)
		send, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_SNDBUF)
	})
	return receive, send
}

// ReadBatch is as carrier.Datagrams says.
func (s *Socket) ReadBatch(into []carrier.Datagram) (n int, err error) {
	if s.batching == nil {
		return s.readOne(into)
	}
	return s.batching.receiver.read(s, into)
}

// WriteBatch is as carrier.Datagrams says.
func (s *Socket) WriteBatch(batch []carrier.Datagram) (refused int, err error) {
	if s.batching == nil {
		return s.writeEach(batch)
	}
	return s.batching.sender.write(s, batch)
}
