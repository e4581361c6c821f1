package udp

import "golang.org/x/sys/windows"

// share lets other sockets have the same port.
func share(fd uintptr) error {
	return windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, windows.SO_REUSEADDR, 1)
}
