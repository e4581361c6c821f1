package udp

import "golang.org/x/sys/unix"

// keepWhole makes the kernel send datagrams with Don't Fragment. A socket of both families is not sure to do so for IPv4.
func keepWhole(fd uintptr, six bool) bool {
	if six {
		return unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_DONTFRAG, 1) == nil &&
			unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_DONTFRAG, 1) == nil
	}
	return unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_DONTFRAG, 1) == nil
}
