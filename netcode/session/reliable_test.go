package session

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Large messages follow each other without waiting for acknowledgements.
func TestLargeMessagesOverlap(t *testing.T) {
	const delay, n, size = 50 * time.Millisecond, 15, 16 << 10
	for _, channel := range []int{onOrdered, onUnordered, onBulk} {
		p := connected(t, 1, link{delay: delay}, everyKind, func(c, s *Config) { c.Rate, c.Congestion = 8<<20, FixedRate })
		for i := range n {
			p.client.send(p, channel, numbered(i, size))
		}
		start := p.now
		p.until(5*time.Second, func() bool { return len(p.server.on(channel)) == n })
		if took := p.now - start; took > 2*delay {
			t.Errorf("channel %d: %d messages of %d bytes took %v at a delay of %v", channel, n, size, took, delay)
		}
	}
}

// A bulk channel fills a path: its window is its queue.
func TestBulkFillsThePath(t *testing.T) {
	const rate, delay = 8 << 20, 50 * time.Millisecond
	p := connected(t, 1, link{delay: delay}, everyKind, func(c, s *Config) { c.Rate, c.Congestion = rate, FixedRate })
	start, sent := p.now, 0
	for p.now < start+2*time.Second {
		for p.client.conn.Send(p.now, onBulk, numbered(sent, MaxMessage)) == nil {
			sent++
		}
		p.advance(5 * time.Millisecond)
		p.server.events = p.server.events[:0]
	}
	if got := len(p.server.on(onBulk)) * MaxMessage; got < rate*19/10*9/10 {
		t.Errorf("%d bytes in 2 s at %d bytes per second and a round trip of %v", got, rate, 2*delay)
	}
}

func TestUnorderedDoesNotWait(t *testing.T) {
	p := connected(t, 1, link{delay: 20 * time.Millisecond}, everyKind)
	p.link.down = func(time.Duration) bool { return true }
	for _, channel := range []int{onOrdered, onUnordered, onBulk} {
		p.client.send(p, channel, numbered(0, 50))
	}
	p.flush()
	p.link.down = nil
	for _, channel := range []int{onOrdered, onUnordered, onBulk} {
		p.client.send(p, channel, numbered(1, 50))
	}
	p.advance(25 * time.Millisecond)
	for channel, want := range map[int]int{onOrdered: 0, onUnordered: 1, onBulk: 0} {
		if got := len(p.server.on(channel)); got != want {
			t.Errorf("%v: %d messages are there while one is missing, want %d", p.server.ep.Kind(channel), got, want)
		}
	}
	p.until(time.Second, func() bool { return len(p.server.got) == 6 })
}

func TestReliableDeadline(t *testing.T) {
	for _, channel := range []int{onOrdered, onUnordered, onBulk, onLatest} {
		p := connected(t, 1, link{delay: 5 * time.Millisecond}, everyKind, func(c, s *Config) {
			for i := range c.Channels {
				c.Channels[i].Deadline = 100 * time.Millisecond
			}
		})
		send := func(i int) {
			t.Helper()
			if err := p.client.conn.SendReceipt(p.now, channel, numbered(i, 2000), uint64(i)); err != nil {
				t.Fatal(err)
			}
		}
		send(0)
		p.advance(50 * time.Millisecond)
		p.client.ep.SetBlocked(serverAddr, true)
		send(1)
		p.advance(150 * time.Millisecond)
		send(2)
		p.advance(50 * time.Millisecond)
		p.client.ep.SetBlocked(serverAddr, false)
		p.advance(50 * time.Millisecond)
		send(3)
		p.advance(50 * time.Millisecond)
		var fates []EventKind
		for i := range uint64(4) {
			n := 0
			for _, ev := range p.client.events {
				if (ev.Kind == Acked || ev.Kind == Lost) && ev.Token == i {
					fates = append(fates, ev.Kind)
					n++
				}
			}
			if n != 1 {
				t.Errorf("%v: message %d has %d fates", p.server.ep.Kind(channel), i, n)
			}
		}
		if !slices.Equal(fates, []EventKind{Acked, Lost, Acked, Acked}) {
			t.Errorf("%v: fates %v, want the second message lost alone", p.server.ep.Kind(channel), fates)
		}
		if got := p.server.on(channel); len(got) != 3 {
			t.Errorf("%v: %d messages arrived, want 3", p.server.ep.Kind(channel), len(got))
		}
		if q := p.client.conn.Stats(); q.QueuedBytes != 0 || q.ReliableQueue != 0 {
			t.Errorf("%v: %d bytes, %d messages are still queued", p.server.ep.Kind(channel), q.QueuedBytes, q.ReliableQueue)
		}
	}
}

// idsFrom makes a channel of a fresh pair go on as after n messages of the client.
func (p *pair) idsFrom(channel int, n uint64) {
	out, in := &p.client.conn.out[channel], &p.server.conn.in[channel]
	out.reliable.base, out.reliable.next, in.reliable.next = n, n, n
	out.unreliable.nextID = uint16(n)
}

// More messages than 16 bits count, on every kind, over a link that loses, repeats and reorders. (TestIDsOfMessagesWrapAround
// sends as many.)
func TestIDsOfEveryKindWrapAround(t *testing.T) {
	for channel := range 6 {
		p := connected(t, uint64(channel), link{delay: time.Millisecond, jitter: 3 * time.Millisecond, loss: 0.02, duplicate: 0.02}, everyKind,
			func(c, s *Config) { c.Rate = 8 << 20 })
		kind := p.server.ep.Kind(channel)
		const n = 10_000
		p.idsFrom(channel, 1<<16-n/2)
		sent, arrived, last, step := 0, 0, -1, 0
		newest := map[byte]int{}
		seen := make([]bool, n)
		for quiet := 0; quiet < 100; quiet++ {
			for k := 0; k < 64 && sent < n; k++ {
				b := numbered(sent, 4)
				if kind == Unreliable {
					b = numbered(sent, 1200) // whole ones have no ids
				}
				var err error
				if kind == ReliableLatest {
					err = p.client.conn.SendKeyed(p.now, channel, uint64(b[0]), b)
				} else {
					err = p.client.conn.Send(p.now, channel, b)
				}
				if err == nil {
					sent++
					quiet = 0
				}
				if kind == Sequenced {
					p.flush() // each in a record of its own
				}
			}
			if step++; kind == Unreliable && step%4 != 0 {
				continue
			}
			p.advance(4 * time.Millisecond)
			for _, m := range p.server.on(channel) {
				i := int(m[0]) | int(m[1])<<8 | int(m[2])<<16
				switch {
				case seen[i]:
					t.Fatalf("%v: message %d came twice", kind, i)
				case kind == Sequenced && i < last, (kind == ReliableOrdered || kind == Bulk) && i != last+1:
					t.Fatalf("%v: message %d came after %d", kind, i, last)
				case kind == ReliableLatest && i < newest[m[0]]:
					t.Fatalf("%v: value %d of key %d came after %d", kind, i, m[0], newest[m[0]])
				}
				seen[i], last, newest[m[0]] = true, i, i
				arrived++
			}
			p.server.got, p.server.events = p.server.got[:0], p.server.events[:0]
		}
		switch {
		case sent < n:
			t.Fatalf("%v: only %d messages could be sent", kind, sent)
		case kind.Reliable() && kind != ReliableLatest && arrived != n, arrived < n/100:
			t.Errorf("%v: %d of %d messages arrived", kind, arrived, n)
		case kind == ReliableLatest && len(newest) != 256:
			t.Errorf("%v: %d keys arrived", kind, len(newest))
		}
		for key, i := range newest {
			if want := n - 256 + (int(key)-n%256+256)%256; kind == ReliableLatest && i != want {
				t.Errorf("%v: the last value of key %d is %d, want %d", kind, key, i, want)
			}
		}
	}
}

// What a message costs beside its data: in a record of its own, and behind another one.
func TestOverheadOfMessages(t *testing.T) {
	for _, tc := range []struct{ channel, first, second int }{
		{onUnreliable, 1, 2}, {onOrdered, 3, 3}, {onUnordered, 3, 3}, {onBulk, 3, 3}, {onLatest, 3, 4},
	} {
		p := connected(t, 1, link{delay: 10 * time.Millisecond}, everyKind)
		p.advance(100 * time.Millisecond) // until nothing is left to acknowledge
		size := func(n int) (bytes int) {
			for range n {
				p.client.send(p, tc.channel, make([]byte, 32))
			}
			p.tap = func(from *side, b []byte) {
				if from == p.client && bytes == 0 {
					bytes = len(b) - headerToServer - tagSize - 32*n
				}
			}
			p.flush()
			p.advance(100 * time.Millisecond)
			return bytes
		}
		if got := size(1); got != tc.first {
			t.Errorf("%v: one message costs %d bytes, want %d", p.server.ep.Kind(tc.channel), got, tc.first)
		}
		if tc.channel == onLatest {
			continue // of one key there is one value
		}
		if got := size(5); got != tc.first+4*tc.second {
			t.Errorf("%v: five messages cost %d bytes, want %d", p.server.ep.Kind(tc.channel), got, tc.first+4*tc.second)
		}
	}
}

// A message that was cut for a larger path is cut again for a smaller one, and arrives whole.
func TestMessageIsCutAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ch := Channel{Kind: ReliableOrdered, MaxMessage: MaxMessage}
		msg := numbered(1, rapid.IntRange(MaxUnfragmented+1, MaxMessage).Draw(t, "size"))
		var out reliableOut
		var in reliableIn
		var p buffers
		out.push(waitingMessage{data: msg})
		cut := rapid.IntRange(minFragment, 1420).Draw(t, "cut")
		m := out.start(cut)
		var flying []messageFrame
		for steps := 0; m.missing != 0; steps++ {
			if steps < 5 && rapid.Bool().Draw(t, "smaller") {
				cut = rapid.IntRange(minFragment, cut).Draw(t, "new cut")
				m.recut(cut)
			}
			if m.need != 0 && rapid.IntRange(0, 2).Draw(t, "write") > 0 {
				f := m.frame(0, 0)
				if len(f.data) > max(cut, MaxUnfragmented) {
					t.Fatalf("a fragment of %d bytes, cut at %d", len(f.data), cut)
				}
				flying = append(flying, f)
				m.need &^= 1 << f.index
			} else if len(flying) > 0 {
				i := rapid.IntRange(0, len(flying)-1).Draw(t, "arrives")
				f := flying[i]
				flying = slices.Delete(flying, i, i+1)
				if data, ok := in.take(&p, &ch, &f); ok {
					if !bytes.Equal(data, msg) {
						t.Fatal("the message is not what was sent")
					}
					in.keep(&f, data)
				}
				out.acked(sentRef{fragment: f.index, of: int32(f.cutting)})
			}
		}
		if data, ok := in.pop(); !ok || !bytes.Equal(data, msg) || in.bytes != 0 || in.open != 0 {
			t.Fatalf("acknowledged and not there: %v, %d bytes held", ok, in.bytes)
		}
	})
}

// An acknowledgement that leaves no room for a fragment does not hold it up.
func TestFragmentGoesWithoutALongAcknowledgement(t *testing.T) {
	p := connected(t, 1, link{delay: time.Millisecond}, everyKind, func(c, s *Config) { c.Congestion = FixedRate })
	p.advance(100 * time.Millisecond)
	acks := &p.client.conn.acks
	for acks.n < maxAckRanges {
		acks.largest += 2
		acks.insert(acks.largest)
	}
	if n := len(acks.appendTo(nil, p.now)); n < fragmentReserve {
		t.Fatalf("an acknowledgement of %d bytes: the test proves nothing", n)
	}
	acks.fresh = true
	p.client.send(p, onBulk, numbered(0, MaxMessage))
	sent := p.client.bytes
	p.flush()
	if n := p.client.bytes - sent; n < 8<<10 {
		t.Errorf("%d bytes left at once", n)
	}
}

// What is lost goes again before anything new of its channel.
func TestLostGoesBeforeNew(t *testing.T) {
	ch := Channel{Kind: ReliableOrdered, MaxMessage: MaxMessage, MaxQueue: 1 << 20}
	var r reliableOut
	for i := range 10 {
		r.push(waitingMessage{data: numbered(i, 100)})
	}
	for range 5 {
		m := r.start(minFragment)
		m.need, m.lastPN = 0, 7
	}
	for _, id := range []uint16{1, 3} {
		if !r.lost(sentRef{id: id}, 7) || r.lost(sentRef{id: id}, 7) {
			t.Fatalf("message %d is not lost once", id)
		}
	}
	if r.lost(sentRef{id: 2}, 6) {
		t.Error("a message was taken for lost that a newer record carries")
	}
	r.acked(sentRef{id: 1})
	var order []uint64
	for range 3 {
		id, ok := r.toSend(&ch, false)
		if !ok {
			t.Fatal("there is nothing to send")
		}
		if order = append(order, id); id == r.next {
			r.start(minFragment)
		}
		r.message(id).need = 0
	}
	if !slices.Equal(order, []uint64{3, 5, 6}) {
		t.Errorf("sent %v, want 3, 5, 6", order)
	}
}
