package udp

import (
	"testing"

	"golang.org/x/sys/unix"
)

// What is larger than the path must be lost, not cut, and what ICMP says of the path's MTU must not be heeded: for IPv4 and IPv6.
func TestDatagramsStayWhole(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0", ":0"} {
		s, err := Listen(addr)
		if err != nil {
			t.Logf("%s: %v", addr, err)
			continue
		}
		defer s.Close()
		raw, err := s.conn.SyscallConn()
		if err != nil || !s.Whole() {
			t.Fatalf("%s: whole %v, %v", addr, s.Whole(), err)
		}
		_ = raw.Control(func(fd uintptr) {
			if v, err := unix.GetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_MTU_DISCOVER); v != unix.IP_PMTUDISC_PROBE {
				t.Errorf("%s: IP_MTU_DISCOVER is %d, %v", addr, v, err)
			}
			if s.local.Addr().Is4() {
				return
			}
			if v, err := unix.GetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER); v != unix.IPV6_PMTUDISC_PROBE {
				t.Errorf("%s: IPV6_MTU_DISCOVER is %d, %v", addr, v, err)
			}
		})
	}
}

// A run of datagrams that are too large for the way is refused datagram by datagram, and runs of others go on.
func TestRunThatIsTooLargeTellsNothingOfOthers(t *testing.T) {
	w := sender{offload: true, errno: unix.EINVAL}
	if w.distrust(1452); !w.offload {
		t.Error("runs end where a route is small")
	}
	if w.distrust(1200); w.offload {
		t.Error("runs go on where they are not taken")
	}
}
