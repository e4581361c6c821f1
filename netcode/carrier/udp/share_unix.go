//go:build unix

package udp

import "golang.org/x/sys/unix"

// share lets other sockets have the same port: Linux wants the first option for that, where datagrams go to many, and the
// systems of BSD the second.
func share(fd uintptr) error {
	if err := unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return err
	}
	return unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
}
