package carrier

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"syscall"
)

// InUseError says that another program listens on the address already.
// errors.Is(err, syscall.EADDRINUSE) holds for it on every system.
type InUseError struct {
	Network string // "udp" or "tcp"
	Addr    string // as it was asked for
	Err     error  // of the system
}

func (e *InUseError) Error() string {
	return fmt.Sprintf("%s %s in use: choose another listen address or stop the other server", e.Network, e.Addr)
}

// Unwrap returns the error of the system.
func (e *InUseError) Unwrap() error { return e.Err }

// Is reports whether target is the Unix error of an address in use, which Windows numbers otherwise.
func (e *InUseError) Is(target error) bool { return target == syscall.EADDRINUSE }

// Windows' own numbers (Winsock), which package syscall names on Windows only.
const (
	wsaEMSGSIZE     = syscall.Errno(10040)
	wsaEADDRINUSE   = syscall.Errno(10048)
	wsaENETUNREACH  = syscall.Errno(10051)
	wsaENETRESET    = syscall.Errno(10052)
	wsaECONNRESET   = syscall.Errno(10054)
	wsaENOBUFS      = syscall.Errno(10055)
	wsaECONNREFUSED = syscall.Errno(10061)
	wsaEHOSTUNREACH = syscall.Errno(10065)
)

// passing are the errors by which a datagram socket tells the fate of a datagram sent before: an ICMP
// answer, a full buffer, a firewall. Anybody on the path can forge them, and the next datagram may
// fare better.
var passing = []syscall.Errno{
	syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EMSGSIZE, syscall.EHOSTUNREACH, syscall.ENETUNREACH,
	syscall.ENETDOWN, syscall.EHOSTDOWN, syscall.ENOPROTOOPT, syscall.EPROTO, syscall.EACCES, syscall.EPERM,
	syscall.ENOBUFS, syscall.ENOMEM, syscall.EINTR, syscall.EAGAIN,
}

var passingWindows = []syscall.Errno{
	wsaEMSGSIZE, wsaENETUNREACH, wsaENETRESET, wsaECONNRESET, wsaENOBUFS, wsaECONNREFUSED, wsaEHOSTUNREACH,
}

// Passing reports whether an error of a datagram socket is about one datagram only, so that reading
// and writing go on.
func Passing(err error) bool {
	no, ok := errors.AsType[syscall.Errno](err)
	if !ok {
		return false
	}
	return slices.Contains(passing, no) || runtime.GOOS == "windows" && slices.Contains(passingWindows, no)
}

// ListenError makes the error of a listen call one line that says what to do.
func ListenError(network, addr string, err error) error {
	no, _ := errors.AsType[syscall.Errno](err)
	if no == syscall.EADDRINUSE || runtime.GOOS == "windows" && no == wsaEADDRINUSE {
		return &InUseError{Network: network, Addr: addr, Err: err}
	}
	return fmt.Errorf("cannot listen on %s %s: %w", network, addr, err)
}
