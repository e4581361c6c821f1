package replica

import (
	"encoding/binary"

	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/wire"
)

// Happening is one emission in an event message.
type Happening struct {
	Event  uint8 // place in Game.Events
	Source sim.PlayerID
	N      uint8
	Body   []byte // MessagePack; borrowed from the message
}

// EventHeader stands before the happenings of a message. All are of one tick.
type EventHeader struct {
	Tick sim.Tick
	More bool // on the reliable channel: another message for the same tick follows
}

// MaxHappening is what one happening takes at most in a message, besides its body.
const MaxHappening = 3 + 2

// eventHeaderSize is the number of bytes before the first happening.
const eventHeaderSize = 5

// An event message, on ChanEvent or ChanEffect:
//
//	tick       4        little-endian
//	more       1        0, or 1: another message for this tick follows
//	then each happening, at least one, until the message ends:
//	event      1        place in Game.Events
//	source     1        the player whose input caused it, or 0
//	n          1        counts within tick, source and event what the receiver is told; of those it has caused, all
//	length     varint   of the body, at most 1024
//	body                MessagePack

// AppendEventHeader begins a message.
func AppendEventHeader(dst []byte, h EventHeader) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(h.Tick))
	if h.More {
		return append(dst, 1)
	}
	return append(dst, 0)
}

// AppendHappening adds one happening.
func AppendHappening(dst []byte, e Happening) []byte {
	dst = append(dst, e.Event, byte(e.Source), e.N)
	dst = wire.AppendVarint(dst, uint32(len(e.Body)))
	return append(dst, e.Body...)
}

// ParseEvents reads a message and returns its happenings in into[:0], which grows to at most a quarter of len(b). The bodies share
// b's memory and are not looked at. The error is ErrShort or ErrRange.
func ParseEvents(b []byte, into []Happening) (h EventHeader, all []Happening, err error) {
	all = into[:0]
	if len(b) <= eventHeaderSize {
		return EventHeader{}, all, ErrShort
	}
	h = EventHeader{Tick: sim.Tick(binary.LittleEndian.Uint32(b)), More: b[4] == 1}
	if b[4] > 1 {
		return EventHeader{}, all, ErrRange
	}
	for b = b[eventHeaderSize:]; len(b) > 0; {
		var e Happening
		if e, b, err = TakeHappening(b); err != nil {
			return EventHeader{}, all[:0], err
		}
		all = append(all, e)
	}
	return h, all, nil
}

// TakeHappening reads one from the front of b and returns what follows it. The body shares b's memory. The error is ErrShort or ErrRange.
func TakeHappening(b []byte) (e Happening, rest []byte, err error) {
	if len(b) < 4 {
		return e, nil, ErrShort
	}
	e.Event, e.Source, e.N = b[0], sim.PlayerID(b[1]), b[2]
	n, rest, bad := wire.Varint(b[3:])
	switch {
	case bad != nil || int64(n) > int64(len(rest)):
		return e, nil, ErrShort
	case e.Event >= sim.MaxEvents || n > sim.MaxEventBytes:
		return e, nil, ErrRange
	}
	e.Body = rest[:n:n]
	return e, rest[n:], nil
}
