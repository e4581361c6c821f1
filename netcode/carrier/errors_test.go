package carrier

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestPassingErrors(t *testing.T) {
	wrap := func(err error) error {
		return fmt.Errorf("outer: %w", &net.OpError{Op: "read", Net: "udp", Err: os.NewSyscallError("recvfrom", err)})
	}
	for _, c := range []struct {
		err  error
		want bool
	}{
		{wrap(syscall.ECONNREFUSED), true},
		{wrap(syscall.EMSGSIZE), true},
		{wrap(syscall.EHOSTUNREACH), true},
		{syscall.ENOBUFS, true},
		{wrap(syscall.EBADF), false},
		{wrap(syscall.ENOTSOCK), false},
		{net.ErrClosed, false},
		{nil, false},
	} {
		if got := Passing(c.err); got != c.want {
			t.Errorf("Passing(%v) = %v, want %v", c.err, got, c.want)
		}
	}
}

func TestListenErrorSaysWhatToDo(t *testing.T) {
	err := ListenError("udp", ":7777", &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EADDRINUSE)})
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("%v is not EADDRINUSE", err)
	}
	inUse, ok := errors.AsType[*InUseError](err)
	if !ok || inUse.Addr != ":7777" || inUse.Network != "udp" {
		t.Errorf("got %#v, want an InUseError for udp :7777", err)
	}
	if s := err.Error(); !strings.HasPrefix(s, "udp :7777 in use: choose another") || strings.Contains(s, "\n") {
		t.Errorf("message %q", s)
	}
	other := ListenError("tcp", ":80", syscall.EACCES)
	if !errors.Is(other, syscall.EACCES) || errors.Is(other, syscall.EADDRINUSE) {
		t.Errorf("got %v", other)
	}
}

func TestUnmap(t *testing.T) {
	got := Unmap(netip.MustParseAddrPort("[::ffff:10.1.2.3]:99"))
	if want := netip.MustParseAddrPort("10.1.2.3:99"); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	six := netip.MustParseAddrPort("[2001:db8::1]:99")
	if Unmap(six) != six {
		t.Errorf("an IPv6 address changed")
	}
}
