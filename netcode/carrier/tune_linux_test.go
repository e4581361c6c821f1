package carrier

import (
	"net"
	"syscall"
	"testing"
)

func TestKernelHoldsLittle(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	TuneStream(conn.(*net.TCPConn))
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	option := func(level, name int) (v int) {
		_ = raw.Control(func(fd uintptr) { v, err = syscall.GetsockoptInt(int(fd), level, name) })
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := option(syscall.IPPROTO_TCP, tcpNotSentLowat); v != notSentLowat {
		t.Errorf("TCP_NOTSENT_LOWAT is %d, want %d", v, notSentLowat)
	}
	if v := option(syscall.SOL_SOCKET, syscall.SO_SNDBUF); v != 2*sendBuffer {
		t.Errorf("SO_SNDBUF is %d, want %d", v, 2*sendBuffer)
	}
	if v := option(syscall.IPPROTO_TCP, syscall.TCP_NODELAY); v == 0 {
		t.Error("TCP_NODELAY is off")
	}
}
