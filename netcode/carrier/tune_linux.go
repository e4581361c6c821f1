package carrier

import (
	"net"
	"syscall"
)

// Sizes in bytes.
const (
	// sendBuffer bounds what is on the way and unacknowledged. The kernel doubles it and counts its
	// own bookkeeping, some 2 KB per small record. Data that was sent cannot be stale in the
	// kernel, so there may be plenty: a second of 60 Hz while a loss is repaired.
	sendBuffer = 64 << 10

	// notSentLowat bounds what waits in the kernel unsent: two records. Beyond, WriteRecord waits
	// and the session decides later, with fresher data.
	notSentLowat = 2 * (2 + MaxRecord)

	tcpNotSentLowat = 25 // TCP_NOTSENT_LOWAT of linux/tcp.h, which package syscall does not name
)

// TuneStream makes the kernel send at once and hold little. Best effort: without it records are staler.
func TuneStream(conn *net.TCPConn) {
	_ = conn.SetNoDelay(true)
	_ = conn.SetWriteBuffer(sendBuffer)
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpNotSentLowat, notSentLowat)
	})
}
