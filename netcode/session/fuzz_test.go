package session

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"
)

// FuzzFrames: whatever the bytes, parsing ends, stays inside them, and what parses reads back the same.
func FuzzFrames(f *testing.F) {
	channels := testConfig(1).Channels
	for i := range channels {
		channels[i].MaxMessage = defaultMaxMessage
	}
	msg := messageFrame{channel: 0, id: 513, data: []byte("hello")}
	var last lastID
	b := appendMessage(nil, ReliableOrdered, &msg, &last)
	frag := messageFrame{channel: 1, id: 7, index: 1, count: 2, data: []byte("tail")}
	b = appendMessage(b, Unreliable, &frag, &last)
	f.Add(append(b, framePing))
	f.Add([]byte{frameHold, 9, 0, framePing})
	f.Add([]byte{framePing, framePadding, 0, 0, 0})
	f.Add([]byte{framePing, framePadding, 0, 1})
	f.Add(appendClose(nil, CloseNormal, "done"))
	f.Add(append(pathFrame(framePathChallenge, 1), pathFrame(framePathResponse, 2)...))
	var acks ackState
	for _, pn := range []uint64{0, 1, 2, 5, 6, 9} {
		acks.receive(0, pn, true, 0, 0)
	}
	f.Add(acks.appendTo(nil, time.Millisecond))
	f.Add([]byte{0x5f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, ok := parseFrames(b, channels); !ok {
			return
		}
		var last lastID
		for len(b) > 0 {
			before := last
			n, m := nextMessage(b, channels, &last)
			if n <= 0 || n > len(b) {
				t.Fatalf("a frame of %d bytes in %d", n, len(b))
			}
			if m.data != nil {
				writing, reading := before, before
				again := appendMessage(nil, channels[m.channel].Kind, &m, &writing)
				back, k := parseMessage(again, channels, &reading)
				if k != len(again) || back.channel != m.channel || back.count != m.count || back.index != m.index || back.key != m.key || reading != writing ||
					hasID(channels[m.channel].Kind, m.count > 0) && back.id != m.id || !bytes.Equal(back.data, m.data) {
					t.Fatalf("%+v became %+v", m, back)
				}
			}
			b = b[n:]
		}
	})
}

// FuzzAck: whatever ranges a peer claims, each lies below what came before, and none below zero.
func FuzzAck(f *testing.F) {
	f.Add([]byte{0x42, 9, 0, 4, 0, 1, 1, 0, 2}, uint64(40))
	f.Add([]byte{0x41, 0xff, 0xff, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 0, 0}, uint64(1<<40))
	f.Fuzz(func(t *testing.T, b []byte, next uint64) {
		if len(b) == 0 || b[0]&0xe0 != frameAck {
			return
		}
		frame, n := parseAck(b)
		if n == 0 {
			return
		}
		largest := extend(uint32(frame.largest16), 16, next)
		above := largest
		first := true
		frame.each(largest, func(lo, hi uint64) {
			if lo > hi || hi > above || !first && hi >= above {
				t.Fatalf("range %d to %d after one that began at %d", lo, hi, above)
			}
			above, first = lo, false
		})
	})
}

// FuzzReceive: a server survives any datagram at any address, and its honest client does not notice.
func FuzzReceive(f *testing.F) {
	p := connected(f, 1, link{})
	p.tap = func(_ *side, b []byte) { f.Add(bytes.Clone(b), true) }
	p.client.send(p, 0, []byte("a message"))
	p.server.send(p, 1, numbered(1, 3000))
	p.advance(50 * time.Millisecond)
	p.tap = nil
	var init [MaxRecordSize]byte
	fresh := newPair(f, 2, link{})
	fresh.dial()
	n, _ := fresh.client.ep.Transmit(fresh.now, init[:])
	f.Add(init[:n], false)
	f.Fuzz(func(t *testing.T, b []byte, fromClient bool) {
		// Other secrets than those under which the seeds were made: all of them are forgeries.
		p := connected(t, 1, link{}, func(c, s *Config) { c.Secret[9], s.Secret[9] = 9, 9 })
		if h, ok := parseHeader(b); ok && h.dir == toServer {
			b = bytes.Clone(b)
			binary.LittleEndian.PutUint32(b[1:], p.server.conn.id) // of the right session at that
		}
		from := Path{Carrier: UDP, Addr: mustAddr("9.9.9.9:99")}
		if fromClient {
			from = clientAddr
		}
		for i := range 3 {
			p.server.ep.Receive(p.now, from, b)
			p.client.ep.Receive(p.now, from, b)
			p.advance(time.Duration(i) * time.Millisecond)
		}
		p.client.send(p, 0, []byte("still here"))
		p.until(2*time.Second, func() bool { return len(p.server.on(0)) == 1 })
		if got := p.server.on(0)[0]; string(got) != "still here" {
			t.Fatalf("the message arrived as %q", got)
		}
	})
}

// FuzzPayload: a peer that holds the keys may send any frames. The session may end; nothing else may happen.
func FuzzPayload(f *testing.F) {
	f.Add([]byte{framePing})
	f.Add(append(pathFrame(framePathChallenge, 1), pathFrame(framePathResponse, 2)...))
	f.Add([]byte{frameHold, 9, 0})
	f.Add(appendMessage(nil, ReliableOrdered, &messageFrame{channel: 0, id: 500, data: []byte("early")}, &lastID{}))
	f.Add(appendMessage(nil, Unreliable, &messageFrame{channel: 1, id: 1, index: 0, count: 64, data: make([]byte, minFragment)}, &lastID{}))
	f.Add([]byte{0x40, 0xff, 0x7f, 0, 0})
	f.Fuzz(func(t *testing.T, payload []byte) {
		p := connected(t, 1, link{})
		for pn := range uint64(8) {
			n := p.client.conn.sent.next + pn
			record := append(appendHeader(nil, toServer, p.client.conn.id, n), payload...)
			if len(record)+tagSize > MaxRecordSize {
				return
			}
			p.server.ep.Receive(p.now, clientAddr, seal(p.client.conn.key, toServer, n, record))
		}
		p.advance(100 * time.Millisecond)
		if held := heldBytes(p.server.conn); held > maxPartialBytes+maxEarlyBytes {
			t.Fatalf("the server holds %d bytes for a peer that sent %d", held, 8*len(payload))
		}
	})
}

// heldBytes is the memory that a peer's data takes up in a session.
func heldBytes(c *Conn) int {
	n := c.partials.bytes() + c.pendingBytes
	for i := range c.in {
		n += c.in[i].reliable.bytes + c.in[i].latest.bytes
	}
	return n
}
