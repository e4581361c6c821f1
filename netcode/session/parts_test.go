package session

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func mustAddr(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func TestExtend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.SampledFrom([]uint{16, 24}).Draw(t, "bits")
		near := rapid.OneOf(rapid.Uint64Range(0, 1<<26), rapid.Uint64Range(1<<63, 1<<63+1<<26),
			rapid.Uint64Range(1<<64-1<<26, 1<<64-1)).Draw(t, "near")
		half := int64(1)<<(bits-1) - 1
		off := rapid.Int64Range(-half, half).Draw(t, "off")
		n := near + uint64(off)
		if off < 0 && n > near || off > 0 && n < near {
			return // beyond either end of the numbers
		}
		if got := extend(uint32(n)&(1<<bits-1), bits, near); got != n {
			t.Fatalf("extend(%#x, %d, %#x) = %#x, want %#x", uint32(n)&(1<<bits-1), bits, near, got, n)
		}
	})
}

// The acknowledgements that a sender reads are the packets that the receiver has, whatever the order they came in.
func TestAckSaysWhatWasReceived(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.SampledFrom([]uint64{0, 1<<16 - 20, 1<<24 - 20, 1<<32 - 20, 1<<64 - 200}).Draw(t, "base")
		offs := rapid.SliceOfNDistinct(rapid.Uint64Range(0, 60), 1, 40, rapid.ID).Draw(t, "received")
		var a ackState
		for _, o := range offs {
			if _, ok := a.check(base + o); !ok {
				t.Fatalf("%d was not accepted", base+o)
			}
			a.receive(0, base+o, true, time.Millisecond, 0)
			if _, ok := a.check(base + o); ok {
				t.Fatalf("%d would be accepted twice", base+o)
			}
		}
		b := a.appendTo(nil, 0)
		if len(b) > maxAckFrame+8 {
			t.Fatalf("an ack of %d bytes", len(b))
		}
		f, n := parseAck(b)
		if n != len(b) {
			t.Fatalf("parsed %d of %d bytes", n, len(b))
		}
		var got []uint64
		largest := extend(uint32(f.largest16), 16, base+30)
		if !f.each(largest, func(lo, hi uint64) {
			for pn := lo; pn <= hi && pn >= lo; pn++ {
				got = append(got, pn-base)
				if pn == 1<<64-1 {
					break
				}
			}
		}) {
			t.Fatal("the ranges reach below zero")
		}
		slices.Sort(got)
		slices.Sort(offs)
		if !slices.Equal(got, offs) {
			t.Fatalf("acknowledged %v, received %v", got, offs)
		}
	})
}

func TestReplayWindowAtTheEndOfNumbers(t *testing.T) {
	var a ackState
	const top = 1<<64 - 1
	a.receive(0, top-2000, true, 0, 0)
	a.receive(0, top, true, 0, 0)
	for pn, want := range map[uint64]bool{top: false, top - 1: true, top - 1023: true, top - 1024: false, 0: false} {
		if _, ok := a.check(pn); ok != want {
			t.Errorf("check(%#x) = %v, want %v", pn, ok, want)
		}
	}
}

func TestGapsAreAcknowledgedAtOnce(t *testing.T) {
	var a ackState
	a.receive(10, 0, true, 5, 0)
	if a.dueAt != 15 {
		t.Errorf("in order: due at %d, want 15", a.dueAt)
	}
	a.receive(12, 2, true, 5, 0)
	if a.dueAt != 12 {
		t.Errorf("after a gap: due at %d, want 12, at once", a.dueAt)
	}
}

func TestReorderWindowWidensAndForgets(t *testing.T) {
	var l lossState
	const rtt = 80 * time.Millisecond
	if got := l.reorderWindow(rtt); got != 10*time.Millisecond {
		t.Errorf("window is %v, want RTT/8", got)
	}
	for range 20 {
		l.sawReordering(time.Second)
	}
	if got := l.reorderWindow(rtt); got != rtt {
		t.Errorf("window is %v after much reordering, want one RTT", got)
	}
	for i := range 8 {
		l.decay(time.Second + time.Duration(i+1)*(reorderMemory+1))
	}
	if got := l.reorderWindow(rtt); got != 10*time.Millisecond {
		t.Errorf("window is %v long after reordering, want RTT/8", got)
	}
}

func TestJitterCausesFewRetransmissions(t *testing.T) {
	p := connected(t, 4, link{delay: 20 * time.Millisecond, jitter: 30 * time.Millisecond})
	for i := range 3000 {
		p.client.send(p, 0, numbered(i, 40))
		p.advance(16 * time.Millisecond)
	}
	s := p.client.conn.Stats()
	if s.PacketsLost > 30 {
		t.Errorf("nothing was lost, yet %d of 3000 packets were taken for it", s.PacketsLost)
	}
	// Some probes are right to fire: now and then no acknowledgement comes for a probe timeout.
	if s.Retransmitted > 300 {
		t.Errorf("nothing was lost, yet %d of 3000 messages were sent again", s.Retransmitted)
	}
}

func TestPacerHoldsTheRate(t *testing.T) {
	p := connected(t, 1, link{delay: 5 * time.Millisecond}, func(c, _ *Config) {
		c.Rate = 50_000
		for i := range c.Channels {
			c.Channels[i].MaxQueue = 4 << 20
		}
	}, func(_, s *Config) { s.Channels = testChannels() })
	for range 400 {
		p.client.send(p, 0, make([]byte, 1000))
	}
	start, before := p.now, p.client.bytes
	p.advance(4 * time.Second)
	sent := p.client.bytes - before
	if limit := int(50_000*(p.now-start).Seconds()) + paceBurst + MaxDatagram; sent > limit {
		t.Errorf("%d bytes in 4 s at 50 kB/s, want at most %d", sent, limit)
	}
	if sent < 180_000 {
		t.Errorf("%d bytes in 4 s at 50 kB/s: the rate is not used", sent)
	}
	if len(p.server.on(0)) == 0 {
		t.Error("nothing arrived")
	}
}

func TestReassemblyMemoryIsBounded(t *testing.T) {
	p := connected(t, 1, link{})
	c := p.client.conn
	// A peer that starts messages and never completes them.
	for i := range 2000 {
		f := messageFrame{channel: 1, id: uint64(i), index: 0, count: 16, data: make([]byte, minFragment)}
		record := appendMessage(appendHeader(nil, toServer, c.id, c.sent.next), Unreliable, &f, &lastID{})
		p.server.ep.Receive(p.now, clientAddr, seal(c.key, toServer, c.sent.next, record))
		c.sent.next++
		if held := heldBytes(p.server.conn); held > maxPartialBytes {
			t.Fatalf("after %d messages %d bytes are held", i, held)
		}
	}
	if p.server.ep.Stats().Drops[DropPartial] == 0 {
		t.Error("the dropped messages were not counted")
	}
}

func TestReliableFloodIsBounded(t *testing.T) {
	p := connected(t, 1, link{})
	c := p.client.conn
	// A peer that sends everything but the first message.
	for i := 1; i < 5000; i++ {
		f := messageFrame{channel: 0, id: uint64(i), data: make([]byte, 1000)}
		record := appendMessage(appendHeader(nil, toServer, c.id, c.sent.next), ReliableOrdered, &f, &lastID{})
		p.server.ep.Receive(p.now, clientAddr, seal(c.key, toServer, c.sent.next, record))
		c.sent.next++
	}
	if held := heldBytes(p.server.conn); held > maxEarlyBytes {
		t.Errorf("%d bytes are held", held)
	}
	if p.server.ep.Stats().Drops[DropWindow] == 0 {
		t.Error("nothing was refused")
	}
}

func TestApplicationThatDoesNotListenIsBackedOff(t *testing.T) {
	for _, sizes := range [][]int{{1000}, {1350}, {1350, 200}, {16 << 10}} {
		p := connected(t, 1, link{delay: time.Millisecond})
		for i := range 300 { // while it listens, so that records are as large as they can be
			_ = p.client.conn.Send(p.now, 0, make([]byte, sizes[i%len(sizes)]))
			p.advance(time.Millisecond)
		}
		p.server.holdback = true
		for i := 0; p.server.ep.Stats().Drops[DropBacklog] == 0 && i < 10_000; i++ {
			if p.client.conn.Send(p.now, 0, make([]byte, sizes[i%len(sizes)])) != nil {
				p.advance(20 * time.Millisecond)
			}
		}
		p.advance(200 * time.Millisecond)
		if held := p.server.conn.pendingBytes; held > maxEventBytes+maxEarlyBytes {
			t.Errorf("%d bytes wait for the application", held)
		}
		if p.server.ep.Stats().Drops[DropBacklog] == 0 {
			t.Fatal("nothing was refused: the test proves nothing")
		}
		before, until := p.client.conn.Stats(), p.now+10*time.Second
		p.advance(until - p.now)
		if after := p.client.conn.Stats(); after.PacketsSent-before.PacketsSent > 1000 {
			t.Errorf("messages of %d bytes: to a peer that refuses what it cannot hold %d records leave in 10 s", sizes, after.PacketsSent-before.PacketsSent)
		}
		p.server.holdback = false
		p.until(30*time.Second, func() bool { return p.client.conn.Stats().ReliableQueue == 0 })
		if got, want := len(p.server.on(0)), int(p.client.conn.Stats().ReliableSent); got != want {
			t.Errorf("%d messages arrived in the end, %d were sent", got, want)
		}
	}
}

// An acknowledgement may have waited for longer than its field can say, or for longer than all of the round trip but for the least
// one: neither stretches the estimate.
func TestDelayOfAcknowledgementsIsNoRoundTrip(t *testing.T) {
	var r rttState
	r.update(0, 50*time.Millisecond, 0)
	for i := range 100 {
		now := time.Duration(i) * 20 * time.Millisecond
		r.update(now, 109*time.Millisecond, 60*time.Millisecond) // a little less than ever
		r.update(now, 50*time.Millisecond, 0)
	}
	if r.smoothed > 51*time.Millisecond || r.smoothed < 49*time.Millisecond {
		t.Errorf("the estimate is %v for round trips of 49 and 50 ms", r.smoothed)
	}
	p := connected(t, 1, link{delay: 25 * time.Millisecond}, func(c, s *Config) { c.KeepAlive, s.KeepAlive = -1, -1 })
	p.play(time.Second)
	p.advance(500 * time.Millisecond)
	before := p.client.conn.Stats()
	for range 20 {
		pn := p.client.conn.sent.next
		p.client.send(p, 1, []byte("unanswered"))
		p.wire = func(from *side, _ Path, _ []byte) bool { return true }
		p.flush()
		p.wire = nil
		p.now += 400 * time.Millisecond
		p.client.conn.takeAck(p.now, ackFrame{largest16: uint16(pn), delay: maxDelayField}, true)
	}
	if s := p.client.conn.Stats(); s.RTT != before.RTT || s.MinRTT != before.MinRTT {
		t.Errorf("the round trip was %v and is %v", before.RTT, s.RTT)
	}
}

// Hundreds of records may come before an acknowledgement leaves: it tells of all of them, gaps or not.
func TestAckTellsAllThatIsNew(t *testing.T) {
	var a ackState
	told := map[uint64]bool{}
	for pn := uint64(0); pn < 1000; pn++ {
		if pn%150 == 149 {
			continue // left out
		}
		a.receive(time.Duration(pn), pn, true, time.Millisecond, time.Millisecond)
		if pn%333 != 332 {
			continue
		}
		b := a.appendTo(nil, time.Duration(pn))
		f, n := parseAck(b)
		if n != len(b) || !f.each(a.largest, func(lo, hi uint64) {
			for ; lo <= hi; lo++ {
				told[lo] = true
			}
		}) {
			t.Fatalf("%x", b)
		}
		a.written(time.Duration(pn))
	}
	for pn := range uint64(999) {
		if told[pn] != (pn%150 != 149) {
			t.Fatalf("packet %d: told %v", pn, told[pn])
		}
	}
}

func TestAckOfAnUnsentPacketEndsTheSession(t *testing.T) {
	p := connected(t, 1, link{})
	c := p.client.conn
	record := append(appendHeader(nil, toServer, c.id, c.sent.next), 0x40, 0xff, 0x10, 0, 0)
	p.server.ep.Receive(p.now, clientAddr, seal(c.key, toServer, c.sent.next, record))
	p.advance(time.Second)
	if err, ok := p.server.conn.Err().(*CloseError); !ok || err.Code != CloseProtocol {
		t.Errorf("the session ended with %v", p.server.conn.Err())
	}
}

func TestIDsOfMessagesWrapAround(t *testing.T) {
	p := connected(t, 1, link{delay: time.Millisecond, loss: 0.01})
	const n = 70000 // more than 16 bits
	sent, got := 0, 0
	for got < n {
		for range 64 {
			if sent < n && p.client.conn.Send(p.now, 0, numbered(sent, 4)) == nil {
				sent++
			}
		}
		p.advance(4 * time.Millisecond)
		for _, m := range p.server.on(0) {
			if !slices.Equal(m, numbered(got, 4)) {
				t.Fatalf("message %d arrived as %x", got, m)
			}
			got++
		}
		p.server.got = p.server.got[:0]
	}
}

func TestConfigErrorsNameTheValue(t *testing.T) {
	for want, change := range map[string]func(*Config){
		`Config.App ""`:          func(c *Config) { c.App = "" },
		"0 channels":             func(c *Config) { c.Channels = nil },
		"channel 1 (loose) has":  func(c *Config) { c.Channels[1].Kind = 9 },
		"MaxMessage of 70000":    func(c *Config) { c.Channels[0].MaxMessage = 70000 },
		"Redundancy of 9":        func(c *Config) { c.Channels[0].Redundancy = 9 },
		"Config.Secret is zero":  func(c *Config) { c.Secret = [32]byte{} },
		"Config.AckDelay 1s":     func(c *Config) { c.AckDelay = time.Second },
		"Config.Rate 10":         func(c *Config) { c.Rate = 10 },
		"Config.IdleTimeout -1s": func(c *Config) { c.IdleTimeout = -time.Second },
	} {
		cfg := testConfig(1)
		change(&cfg)
		if _, err := NewEndpoint(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want one with %q", err, want)
		}
	}
}
