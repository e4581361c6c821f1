package cell

import (
	"encoding/binary"
	"time"

	"github.com/halftick/halftick/netcode/bench/peer"

	"golang.org/x/sys/unix"
)

// The kinds of messages.
const (
	hello   = iota // of a client, to be known
	welcome        // the answer
	data           // of a stream, before the time that counts or after it
	counted        // of a stream, to be measured
	whole          // of the server: a transfer is complete
)

// headerSize is the number of bytes in front of every message.
const headerSize = 16

// A message is 16 bytes and padding: kind, stream, connection, number, time of sending on CLOCK_MONOTONIC.
type message struct {
	kind, stream byte
	conn         uint16
	seq          uint32
	at           time.Duration
}

func (m message) put(b []byte) {
	b[0], b[1] = m.kind, m.stream
	binary.LittleEndian.PutUint16(b[2:], m.conn)
	binary.LittleEndian.PutUint32(b[4:], m.seq)
	binary.LittleEndian.PutUint64(b[8:], uint64(m.at))
}

func parse(b []byte) (m message, ok bool) {
	if len(b) < headerSize {
		return m, false
	}
	return message{b[0], b[1], binary.LittleEndian.Uint16(b[2:]), binary.LittleEndian.Uint32(b[4:]), time.Duration(binary.LittleEndian.Uint64(b[8:]))}, true
}

func (m message) send(c peer.Conn, lane peer.Lane) error {
	var b [headerSize]byte
	m.put(b[:])
	return c.Send(lane, b[:])
}

// zero is a time on the runtime's monotonic clock, and zeroAt what CLOCK_MONOTONIC said then: package time reads that
// clock without a system call, unix.ClockGettime with one. Of some tries the quickest is the most exact.
var zero, zeroAt = func() (at time.Time, said time.Duration) {
	least := time.Hour
	for range 20 {
		var ts unix.Timespec
		before := time.Now()
		if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
			panic("cell: CLOCK_MONOTONIC: " + err.Error()) // every Linux has it
		}
		if took := time.Since(before); took < least {
			least, at, said = took, before.Add(took/2), time.Duration(ts.Nano())
		}
	}
	return at, said
}()

// clock returns CLOCK_MONOTONIC, which all processes of the machine share.
func clock() time.Duration { return zeroAt + time.Since(zero) }
