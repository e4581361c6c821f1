package session

import (
	"encoding/binary"
)

// A coded frame is the exclusive or of two whole messages of a channel, a and the older b, the shorter one
// followed by zeros. Who has one of the two can tell the other: so a record that carries it repairs
// the loss of either record before it, for the bytes of one message.
//
//	 0        1          2         4            5
//	+--------+----------+---------+------------+---------------+---------+------+
//	| 0x68   | channel  | id of a | a's id     | len(a) XOR    | length  | data |
//	|        | u8       | u16     | less b's   | len(b) varint | varint  |      |
//	+--------+----------+---------+------------+---------------+---------+------+
//
// It names no message for the acknowledgements: that its record arrived does not say that a message did.
type codedFrame struct {
	channel  int
	id       uint16 // of a
	distance uint8
	lengths  int    // len(a) XOR len(b)
	data     []byte // borrowed
}

// coded adds a coded frame of a and b, if it fits, and reports whether it did.
func (w *recordWriter) coded(f *codedFrame, a, b []byte) bool {
	n := max(len(a), len(b))
	if len(w.buf)+codedOverhead+n > w.limit {
		return false
	}
	w.buf = append(w.buf, frameCoded, byte(f.channel), byte(f.id), byte(f.id>>8), f.distance)
	w.buf = binary.AppendUvarint(w.buf, uint64(len(a)^len(b)))
	w.buf = binary.AppendUvarint(w.buf, uint64(n))
	start := len(w.buf)
	w.buf = w.buf[:start+n]
	xorInto(w.buf[start:], a, b)
	w.lastStart, w.eliciting = -1, true
	return true
}

// codedOverhead is the most bytes that a coded frame takes besides its data.
const codedOverhead = 5 + 2 + 2

// xorInto writes the exclusive or of a and b, the shorter followed by zeros, into dst, which is as long as the longer.
func xorInto(dst, a, b []byte) {
	if len(a) < len(b) {
		a, b = b, a
	}
	copy(dst, a)
	for i, v := range b {
		dst[i] ^= v
	}
}

// parseCoded reads a coded frame and returns the number of bytes it takes, 0 when it is malformed.
func parseCoded(b []byte, channels []Channel) (f codedFrame, n int) {
	if len(b) < 5 || int(b[1]) >= len(channels) || b[4] == 0 || b[4] > codedSpan {
		return f, 0
	}
	f.channel, f.id, f.distance = int(b[1]), binary.LittleEndian.Uint16(b[2:]), b[4]
	if kind := channels[f.channel].Kind; kind != ReliableOrdered && kind != ReliableUnordered {
		return f, 0
	}
	lengths, k := binary.Uvarint(b[5:])
	if k <= 0 || lengths > 255 {
		return f, 0
	}
	n = 5 + k
	size, k := binary.Uvarint(b[n:])
	if k <= 0 || size > maxRepeatSize || size > uint64(len(b)-n-k) {
		return f, 0
	}
	n += k
	f.lengths, f.data = int(lengths), b[n:n+int(size)]
	return f, n + int(size)
}

// decoder is what a channel keeps to make use of coded frames: the small messages that came last, and coded frames of
// which neither message has come. Its memory is fixed: what is older gives way.
type decoder struct {
	recent [codedMemory]knownMessage // index id % codedMemory
	open   [codedMemory / 2]codedPair
	oldest int // of open
}

// knownMessage is a message that has come.
type knownMessage struct {
	id   uint64
	have bool
	n    uint8
	data [maxRepeatSize]byte
}

// codedPair is a coded frame that may be of use.
type codedPair struct {
	a, b    uint64
	waits   bool
	lengths uint8
	n       uint8
	data    [maxRepeatSize]byte
}

// know notes a message that has come.
func (d *decoder) know(id uint64, data []byte) {
	m := &d.recent[id%codedMemory]
	m.id, m.have, m.n = id, true, uint8(len(data))
	copy(m.data[:], data)
}

func (d *decoder) known(id uint64) *knownMessage {
	if m := &d.recent[id%codedMemory]; m.have && m.id == id {
		return m
	}
	return nil
}

// add keeps a coded frame whose messages are a and b.
func (d *decoder) add(f *codedFrame, a, b uint64) {
	e := &d.open[d.oldest]
	d.oldest = (d.oldest + 1) % len(d.open)
	*e = codedPair{a: a, b: b, waits: true, lengths: uint8(f.lengths), n: uint8(len(f.data))}
	copy(e.data[:], f.data)
}

// solve returns a message that follows from what is known, if there is one, its data in buf. It is called
// until there is none.
func (d *decoder) solve(buf *[maxRepeatSize]byte) (id uint64, data []byte, ok bool) {
	for i := range d.open {
		e := &d.open[i]
		if !e.waits {
			continue
		}
		a, b := d.known(e.a), d.known(e.b)
		have, missing := a, e.b
		if a == nil {
			have, missing = b, e.a
		}
		if have == nil {
			continue
		}
		e.waits = false
		n := int(have.n ^ e.lengths)
		if a != nil && b != nil || n > int(e.n) || have.n > e.n {
			continue // of no use any more; or it makes no sense
		}
		xorInto(buf[:e.n], e.data[:e.n], have.data[:have.n])
		return missing, buf[:n], true
	}
	return 0, nil, false
}

// takeCoded takes a coded frame: what it helps to rebuild is taken like a message that came.
func (c *Conn) takeCoded(f *codedFrame) {
	in := &c.in[f.channel]
	if c.backlogged() {
		return
	}
	if in.decoder == nil {
		in.decoder = new(decoder)
		c.untidy = true
	}
	a := extend(uint32(f.id), 16, in.reliable.next)
	if a < uint64(f.distance) {
		return
	}
	in.decoder.add(f, a, a-uint64(f.distance))
	c.decode(f.channel)
}

// decode takes every message that can be rebuilt now.
func (c *Conn) decode(channel int) {
	in, ch := &c.in[channel], &c.ep.cfg.Channels[channel]
	var buf [maxRepeatSize]byte
	for id, data, ok := in.decoder.solve(&buf); ok; id, data, ok = in.decoder.solve(&buf) {
		in.decoder.know(id, data)
		f := messageFrame{channel: channel, id: id, data: data}
		if len(data) <= ch.MaxMessage && in.reliable.accepts(ch, &f) {
			if c.takeReliable(&in.reliable, ch, &f) {
				c.stats.Rebuilt++
			}
		}
	}
}

// noteArrival keeps a small message for decoding.
func (c *Conn) noteArrival(f *messageFrame) {
	in := &c.in[f.channel]
	if in.decoder == nil || f.count > 0 || len(f.data) > maxRepeatSize {
		return
	}
	in.decoder.know(extend(uint32(f.id), 16, in.reliable.next), f.data)
	c.decode(f.channel)
}
