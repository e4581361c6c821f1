package udp

import "golang.org/x/sys/unix"

// keepWhole makes the kernel send datagrams with Don't Fragment, whatever it believes of the path's MTU: what ICMP said of that
// may be forged. The options of both families count where a socket has both.
func keepWhole(fd uintptr, six bool) bool {
	err := unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_PROBE)
	if err == nil && six {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER, unix.IPV6_PMTUDISC_PROBE)
	}
	return err == nil
}
