//go:build !linux

package carrier

import "net"

// sendBuffer, in bytes, bounds what the kernel holds, sent or not: where unsent data cannot be bounded
// alone the buffer has to be small, though it limits a path of 200 ms to some 80 KB/s.
const sendBuffer = 16 << 10

// TuneStream makes the kernel send at once and hold little. Best effort: without it records are staler.
func TuneStream(conn *net.TCPConn) {
	_ = conn.SetNoDelay(true)
	_ = conn.SetWriteBuffer(sendBuffer)
}
