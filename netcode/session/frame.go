package session

import (
	"encoding/binary"
)

// Frames are what a record carries, one after the other. The first byte of each:
//
//	0 0 E F c c c c   a message, or a fragment of one, on channel c
//	0 1 0 n n n n n   ACK with n more ranges (ack.go)
//	0 1 1 0 0 0 0 0   PING: asks for an acknowledgement
//	0 1 1 0 0 0 0 1   CLOSE: code (u8), length (u8), reason
//	0 1 1 0 0 0 1 0   PATH_CHALLENGE: 8 bytes
//	0 1 1 0 0 0 1 1   PATH_RESPONSE: the same 8 bytes
//	0 1 1 0 0 1 0 0   HOLD: channels on which to begin nothing, u16, a bit each (hold.go)
//	0 1 1 0 0 1 0 1   PADDING: zeros up to the end of the record
//	0 1 1 0 1 0 0 0   CODED: the exclusive or of two messages (coded.go)
//	0 1 1 1 n n n n   ACK in its short form: newest and n before it (ack.go)
//
//	E: the message extends to the end of the record and has no length
//	F: it is a fragment
//
// A message frame:
//
//	+--------+----------------+----------------+--------------------+--------------+------+
//	| type   | id: all but    | key varint:    | F: index u8,       | length       | data |
//	|        | whole          | latest         |    count u8        | varint, no E |      |
//	|        | unreliable     |                |                    |              |      |
//	+--------+----------------+----------------+--------------------+--------------+------+
//
// The upper two bits of index count how often the message was cut again, into other fragments. An id is a u16, on a ReliableLatest channel a varint. After a frame of the same channel it is the difference
// to that one's id in one byte, -127 to 127; or 0x80 and the id.
const (
	frameEnd      = 0x20
	frameFragment = 0x10
	frameAck      = 0x40
	framePing     = 0x60
	frameClose    = 0x61

	frameHold     = 0x64
	frameCoded    = 0x68
	frameShortAck = 0x70

	framePathChallenge = 0x62
	framePathResponse  = 0x63
	framePadding       = 0x65
	pathFrameSize      = 1 + 8

	farID = 0x80 // in place of a difference: the id follows
)

// messageFrame is a message, or a fragment of one, as it travels.
type messageFrame struct {
	channel      int
	id           uint64 // meaningless for whole unreliable messages; parsed: 16 bits, of a latest value all
	key          uint64 // of a latest value
	index, count uint8  // of a fragment; count is 0 for a whole message
	cutting      uint8  // of a fragment: how often its message was cut again, 0 to maxCuttings
	data         []byte // borrowed
}

// isAck reports whether a frame of type t is an acknowledgement.
func isAck(t byte) bool { return t&0xe0 == frameAck || t&0xf0 == frameShortAck }

// hasID reports whether a message frame of a channel carries an id: all but whole unreliable messages do.
func hasID(kind ChannelKind, fragment bool) bool { return kind != Unreliable || fragment }

// overhead is the number of bytes that a message frame takes besides its data when it is written after last.
func (f *messageFrame) overhead(kind ChannelKind, last *lastID) int {
	n := 1 + uvarintSize(uint64(len(f.data)))
	if hasID(kind, f.count > 0) {
		n += last.size(kind, f.channel, f.id)
	}
	if kind == ReliableLatest {
		n += uvarintSize(f.key)
	}
	if f.count > 0 {
		n += 2
	}
	return n
}

// appendMessage writes a message frame with its length after the frame of last, which becomes its own.
func appendMessage(b []byte, kind ChannelKind, f *messageFrame, last *lastID) []byte {
	t := byte(f.channel)
	if f.count > 0 {
		t |= frameFragment
	}
	b = append(b, t)
	if hasID(kind, f.count > 0) {
		b = last.append(b, kind, f.channel, f.id)
	}
	if kind == ReliableLatest {
		b = binary.AppendUvarint(b, f.key)
	}
	if f.count > 0 {
		b = append(b, f.index|f.cutting<<6, f.count)
	}
	b = binary.AppendUvarint(b, uint64(len(f.data)))
	return append(b, f.data...)
}

// dropLength turns the last message frame of a record, which starts at start and has dataLen bytes of
// data, into one that extends to the end.
func dropLength(b []byte, start, dataLen int) []byte {
	lengthBytes := uvarintSize(uint64(dataLen))
	data := len(b) - dataLen
	b[start] |= frameEnd
	copy(b[data-lengthBytes:], b[data:])
	return b[:len(b)-lengthBytes]
}

// parseMessage reads a message frame after that of last and returns the number of bytes it takes, 0 when it is malformed.
func parseMessage(b []byte, channels []Channel, last *lastID) (f messageFrame, n int) {
	f.channel = int(b[0] & 0x0f)
	if f.channel >= len(channels) {
		return f, 0
	}
	kind, fragment := channels[f.channel].Kind, b[0]&frameFragment != 0
	n = 1
	if hasID(kind, fragment) {
		k := last.parse(b[n:], kind, f.channel)
		if k == 0 {
			return f, 0
		}
		f.id = last.id
		n += k
	}
	if kind == ReliableLatest {
		key, k := binary.Uvarint(b[n:])
		if k <= 0 {
			return f, 0
		}
		f.key = key
		n += k
	}
	if fragment {
		if len(b) < n+2 {
			return f, 0
		}
		f.index, f.cutting, f.count = b[n]&0x3f, b[n]>>6, b[n+1]
		n += 2
	}
	size := uint64(len(b) - n)
	if b[0]&frameEnd == 0 {
		var k int
		size, k = binary.Uvarint(b[n:])
		if k <= 0 || size > uint64(len(b)-n-k) {
			return f, 0
		}
		n += k
	}
	f.data = b[n : n+int(size)]
	n += int(size)
	if fragment && f.count == 0 || !f.sizesAgree(channels[f.channel].MaxMessage) {
		return f, 0
	}
	return f, n
}

// sizesAgree checks a fragment's numbers against each other and every size against the channel's limit.
func (f *messageFrame) sizesAgree(maxMessage int) bool {
	if f.count == 0 {
		return len(f.data) <= maxMessage
	}
	switch {
	case f.count < 2 || f.count > maxFragments || f.index >= f.count:
		return false
	case int(f.count-1)*minFragment >= maxMessage:
		return false
	case f.index == f.count-1:
		return len(f.data) >= 1
	}
	return len(f.data) >= minFragment
}

// closeFrame is a parsed CLOSE frame.
type closeFrame struct {
	code   CloseCode
	reason []byte // borrowed
}

func appendClose(b []byte, code CloseCode, reason string) []byte {
	b = append(b, frameClose, byte(code), byte(len(reason)))
	return append(b, reason...)
}

// parseClose reads a CLOSE frame and returns the number of bytes it takes, 0 when it is malformed.
func parseClose(b []byte) (f closeFrame, n int) {
	if len(b) < 3 || int(b[2]) > maxCloseReason || len(b) < 3+int(b[2]) {
		return f, 0
	}
	return closeFrame{CloseCode(b[1]), b[3 : 3+int(b[2])]}, 3 + int(b[2])
}

// parseFrames walks over the frames of a record and reports whether all are well-formed, and whether
// one of them asks for an acknowledgement. A record is taken whole or not at all. A second ACK is
// malformed: each costs a walk over the packets in flight.
func parseFrames(b []byte, channels []Channel) (eliciting, ok bool) {
	var last lastID
	for acked := false; len(b) > 0; {
		n := 0
		switch t := b[0]; {
		case t < 0x40:
			_, n = parseMessage(b, channels, &last)
			eliciting = true
		case isAck(t) && !acked:
			_, n = parseAck(b)
			acked = true
		case t == framePing:
			n, eliciting = 1, true
		case t == frameCoded:
			_, n = parseCoded(b, channels)
			eliciting = true
		case t == frameClose:
			_, n = parseClose(b)
		case t == framePathChallenge || t == framePathResponse:
			_, n = parsePath(b)
		case t == frameHold:
			_, n = parseHold(b, channels)
			eliciting = true
		case t == framePadding:
			n = parsePadding(b)
		}
		if n == 0 {
			return false, false
		}
		b = b[n:]
	}
	return eliciting, true
}

// parsePadding returns the number of bytes of a PADDING frame, which is all of b, 0 when it is malformed.
func parsePadding(b []byte) int {
	for _, v := range b[1:] {
		if v != 0 {
			return 0
		}
	}
	return len(b)
}
