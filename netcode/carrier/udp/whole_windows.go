package udp

import "golang.org/x/sys/windows"

// keepWhole makes the system send datagrams with Don't Fragment, whatever it believes of the path's MTU.
func keepWhole(fd uintptr, six bool) bool {
	h := windows.Handle(fd)
	err := windows.SetsockoptInt(h, windows.IPPROTO_IP, windows.IP_MTU_DISCOVER, windows.IP_PMTUDISC_PROBE)
	if six {
		if v6 := windows.SetsockoptInt(h, windows.IPPROTO_IPV6, windows.IPV6_MTU_DISCOVER, windows.IP_PMTUDISC_PROBE); v6 != nil {
			return false
		}
	}
	return err == nil
}
