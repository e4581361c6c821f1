package kcp

import (
	"cmp"
	"errors"
	"fmt"
	"io"

	"github.com/halftick/halftick/netcode"
)

// The stream inside of KCP: messages one behind the other.
//
//	+------------+--------------+---------+
//	| channel u8 | length u24   | message |
//	+------------+--------------+---------+
//
// Channel 255 with length 0 says that nothing follows.
const finChannel = 255

var errStream = errors.New("kcp: the peer's stream is malformed")

func appendHeader(b []byte, channel, n int) []byte {
	return append(b, byte(channel), byte(n), byte(n>>8), byte(n>>16))
}

// readMessage reads the next message. It reports fin when there are no more. The length is compared with the
// channel's limit before anything is allocated.
func readMessage(r io.Reader, channels []netcode.Channel) (m netcode.Message, fin bool, err error) {
	var h [streamHeader]byte
	if _, err = io.ReadFull(r, h[:]); err != nil {
		return m, false, err
	}
	channel, n := int(h[0]), int(h[1])|int(h[2])<<8|int(h[3])<<16
	switch {
	case channel == finChannel && n == 0:
		return m, true, nil
	case channel >= len(channels) || !reliable(channels[channel]):
		return m, false, fmt.Errorf("%w: channel %d", errStream, channel)
	case n > maxMessage(channels[channel]):
		return m, false, fmt.Errorf("%w: a message of %d bytes on channel %d", errStream, n, channel)
	}
	m = netcode.Message{Channel: channel, Data: make([]byte, n)}
	_, err = io.ReadFull(r, m.Data)
	return m, false, err
}

// What Channel's zero values mean, as netcode documents them.
const (
	defaultMaxMessage = 16 << 10
	defaultMaxQueue   = 256 << 10
)

func reliable(ch netcode.Channel) bool  { return ch.Kind.Reliable() }
func maxMessage(ch netcode.Channel) int { return cmp.Or(ch.MaxMessage, defaultMaxMessage) }
func maxQueue(ch netcode.Channel) int   { return cmp.Or(ch.MaxQueue, defaultMaxQueue) }
