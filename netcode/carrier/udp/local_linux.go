package udp

import (
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// KeepLocal makes the datagrams of ReadBatch say to which of the host's addresses they came, where the socket is bound to all
// of them: an answer from another one is nobody's whom the peer knows. It is called before the first ReadBatch. Only
// Linux does it, and not with a system call for each datagram.
func (s *Socket) KeepLocal() {
	if s.batching == nil || !s.local.Addr().IsUnspecified() {
		return
	}
	_ = s.batching.receiver.raw.Control(func(fd uintptr) {
		// IPv4 on a socket for both: its own message tells of the host's address also when the datagram came by broadcast.
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_PKTINFO, 1)
		if s.batching.family == unix.AF_INET6 {
			_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1)
		}
	})
}

// localOf reads where a datagram came to from a control message: ip(7), ipv6(7). What came to a group leaves from where the
// system likes.
//
//	IP_PKTINFO    interface 4 B | address to answer from 4 B | address in the header 4 B
//	IPV6_PKTINFO  address in the header 16 B | interface 4 B
func localOf(level, kind int32, value []byte) (local netip.Addr, ok bool) {
	switch {
	case level == unix.IPPROTO_IP && kind == unix.IP_PKTINFO && len(value) >= unix.SizeofInet4Pktinfo:
		local = netip.AddrFrom4([4]byte(value[4:]))
	case level == unix.IPPROTO_IPV6 && kind == unix.IPV6_PKTINFO && len(value) >= unix.SizeofInet6Pktinfo:
		if local = netip.AddrFrom16([16]byte(value)); local.Is4In6() {
			return local, false // IP_PKTINFO says it better
		}
	}
	return local, local.IsValid() && !local.IsMulticast() && !local.IsUnspecified()
}

// setLocal writes the control message that makes a datagram leave from an address, if there is one and a socket of the family can do so.
func (s *slot) setLocal(family int, local netip.Addr) (end int) {
	switch {
	case !local.IsValid():
		return 0
	case family == unix.AF_INET6:
		info := unix.Inet6Pktinfo{Addr: local.As16()}
		return s.setControl(0, unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, (*[unix.SizeofInet6Pktinfo]byte)(unsafe.Pointer(&info))[:])
	case local.Is4():
		info := unix.Inet4Pktinfo{Spec_dst: local.As4()}
		return s.setControl(0, unix.IPPROTO_IP, unix.IP_PKTINFO, (*[unix.SizeofInet4Pktinfo]byte)(unsafe.Pointer(&info))[:])
	}
	return 0
}
