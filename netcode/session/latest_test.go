package session

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestNewestValueReplacesWhatIsNotAcknowledged(t *testing.T) {
	p := connected(t, 1, link{delay: 20 * time.Millisecond}, everyKind)
	c := p.client.conn
	sendKeyed := func(key uint64, i int) {
		t.Helper()
		if err := c.SendKeyedReceipt(p.now, onLatest, key, numbered(i, 100), uint64(i)); err != nil {
			t.Fatal(err)
		}
	}
	p.link.down = func(time.Duration) bool { return true }
	sendKeyed(1, 0)
	p.flush() // sent and lost
	sendKeyed(1, 1)
	sendKeyed(2, 2)
	sendKeyed(1, 3) // 1 was never sent
	if s := c.Stats(); s.Superseded != 1 || s.Unsent != 1 || s.ReliableQueue != 2 {
		t.Errorf("superseded %d, unsent %d, in the queue %d; want 1, 1 and 2", s.Superseded, s.Unsent, s.ReliableQueue)
	}
	p.link.down = nil
	p.until(time.Second, func() bool { return c.Stats().ReliableQueue == 0 })
	var got []int
	for _, a := range p.server.arrivedOn(onLatest) {
		got = append(got, a.number)
	}
	if slices.Sort(got); !slices.Equal(got, []int{2, 3}) {
		t.Errorf("values %v arrived, want 2 and 3", got)
	}
	if n := c.Stats().Retransmitted; n != 0 {
		t.Errorf("%d messages were sent again, though a newer value had replaced the lost one", n)
	}
	fates := map[uint64]EventKind{}
	for _, ev := range p.client.events {
		if ev.Kind == Acked || ev.Kind == Lost {
			fates[ev.Token] = ev.Kind
		}
	}
	for i, want := range []EventKind{Lost, Lost, Acked, Acked} {
		if fates[uint64(i)] != want {
			t.Errorf("value %d has fate %v, want %v", i, fates[uint64(i)], want)
		}
	}
}

func TestKeysAreForLatestChannels(t *testing.T) {
	p := connected(t, 1, link{}, everyKind)
	for channel := range 6 {
		want := ErrNoKeys
		if channel == onLatest {
			want = nil
		}
		if err := p.client.conn.SendKeyed(p.now, channel, 1, nil); err != want {
			t.Errorf("channel %d: %v, want %v", channel, err, want)
		}
	}
	if err := p.client.conn.SendKeyed(p.now, 6, 1, nil); err != ErrNoChannel {
		t.Errorf("a channel that does not exist: %v", err)
	}
}

// A new key takes the place of the one that was used longest ago, once nothing of that can arrive any more.
func TestKeysAreBounded(t *testing.T) {
	p := connected(t, 1, link{delay: time.Millisecond}, everyKind, func(c, s *Config) { c.Rate = 1 << 30 })
	c := p.client.conn
	for key := range uint64(maxKeys) {
		if err := c.SendKeyed(p.now, onLatest, key, []byte{1}); err != nil {
			t.Fatalf("key %d: %v", key, err)
		}
		if key%500 == 0 {
			p.advance(10 * time.Millisecond)
		}
	}
	p.advance(time.Second)
	if err := c.SendKeyed(p.now, onLatest, 1<<40, []byte{1}); err != ErrQueueFull {
		t.Errorf("one key too many: %v, want ErrQueueFull", err)
	}
	if err := c.SendKeyed(p.now, onLatest, 5, []byte{2}); err != nil {
		t.Errorf("a key in use: %v", err)
	}
	for range 2*replayWindow + 10 {
		p.client.send(p, onUnreliable, []byte{0})
		p.advance(2 * time.Millisecond)
	}
	for key := range uint64(1000) {
		if err := c.SendKeyed(p.now, onLatest, 1<<40+key, []byte{1}); err != nil {
			t.Fatalf("long after, new key %d: %v", key, err)
		}
		p.advance(2 * time.Millisecond)
	}
	p.until(time.Second, func() bool { return len(p.server.on(onLatest)) == maxKeys+1+1000 })
	if d := p.server.ep.Stats().Drops[DropWindow]; d != 0 {
		t.Errorf("%d records were refused", d)
	}
	for _, n := range []int{len(c.out[onLatest].reliable.latest.keys.entries), len(p.server.conn.in[onLatest].latest.keys.entries)} {
		if n > maxKeys {
			t.Errorf("%d keys are remembered", n)
		}
	}
}

// A peer that ignores the bound on keys has its records refused, and what it makes us hold is bounded.
func TestTooManyKeysAreRefused(t *testing.T) {
	p := connected(t, 1, link{}, everyKind)
	c := p.client.conn
	for i := range uint64(maxKeys + 500) {
		f := messageFrame{channel: onLatest, id: i, key: i * 7, data: []byte{1}}
		p.forge(appendMessage(nil, ReliableLatest, &f, &lastID{}))
		p.take(p.server)
	}
	in := &p.server.conn.in[onLatest].latest
	if _, known := in.keys.find((maxKeys - replayWindow + 100) * 7); len(in.keys.entries) != maxKeys || !known {
		t.Errorf("%d keys are remembered; one of a recent record: %v", len(in.keys.entries), known)
	}
	// Every key is of one of the newest records now, but for those that made room.
	record := func(from, n uint64) (frames []byte) {
		var last lastID
		for i := range n {
			frames = appendMessage(frames, ReliableLatest, &messageFrame{channel: onLatest, id: from + i, key: from + i}, &last)
		}
		return frames
	}
	for i := range uint64(60) {
		p.forge(record(1<<20+i*100, 100))
		p.take(p.server)
	}
	if n := p.server.ep.Stats().Drops[DropWindow]; n == 0 || !c.Opened() {
		t.Errorf("%d records were refused", n)
	}
	for i := range uint64(300) {
		p.forge(appendMessage(nil, ReliableLatest, &messageFrame{channel: onLatest, id: 1<<21 + i, key: i, index: 1, count: 2, data: []byte{1}}, &lastID{}))
	}
	if in.open > maxEarlyBytes/minFragment || in.bytes > maxEarlyBytes {
		t.Errorf("%d values in part, %d bytes are held", in.open, in.bytes)
	}
}

// forge gives the server a record of frames from its client.
func (p *pair) forge(frames []byte) {
	c := p.client.conn
	record := append(appendHeader(nil, toServer, c.id, c.sent.next), frames...)
	p.server.ep.Receive(p.now, p.client.path, seal(c.key, toServer, c.sent.next, record))
	c.sent.next++
}

// The table against a model: a map and a list.
func TestKeyTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var table keyTable[int]
		byUse := []uint64{} // oldest first
		for step := range rapid.IntRange(1, 200).Draw(t, "steps") {
			key := rapid.Uint64Range(0, 12).Draw(t, "key")
			e, ok := table.find(key)
			if i := slices.Index(byUse, key); (i >= 0) != ok {
				t.Fatalf("find(%d) = %v", key, ok)
			} else if ok {
				byUse = append(slices.Delete(byUse, i, i+1), key)
				table.used(e, uint64(step))
			} else {
				byUse = append(byUse, key)
				e = table.add(key, uint64(step))
			}
			e.value = step
			i, n := table.oldest, 0
			for ; i >= 0; i, n = table.entries[i].newer, n+1 {
				if table.entries[i].key != byUse[n] {
					t.Fatalf("place %d is of key %d, want %d", n, table.entries[i].key, byUse[n])
				}
			}
			if n != len(byUse) {
				t.Fatalf("%d in the list, want %d", n, len(byUse))
			}
		}
	})
}

// A value cut in fragments may be replaced while the receiver has a part of it: what that holds stays within
// the window, and every key's last value comes.
func TestLargeValuesStayWithinTheWindow(t *testing.T) {
	fewChecks(t, 40)
	rapid.Check(t, func(rt *rapid.T) {
		p := connected(rt, rapid.Uint64().Draw(rt, "seed"), link{delay: 30 * time.Millisecond, loss: 0.2}, everyKind, func(c, s *Config) {
			c.Rate = 2 << 20
			c.Channels[onLatest].MaxMessage, c.Channels[onLatest].MaxQueue, c.Channels[onLatest].Deadline = MaxMessage, 4<<20, 20*time.Millisecond
			s.Channels[onLatest].MaxMessage = MaxMessage
			s.Channels[onLatest].MaxQueue = 4 << 20
		})
		newest := map[uint64]int{}
		fate := map[uint64]EventKind{}
		for i := range rapid.IntRange(1, 60).Draw(rt, "values") {
			key := rapid.Uint64Range(0, 8).Draw(rt, "key")
			size := rapid.SampledFrom([]int{40, 5000, 30_000, MaxMessage}).Draw(rt, "size")
			if p.client.conn.SendKeyedReceipt(p.now, onLatest, key, numbered(i, size), uint64(i)) == nil {
				newest[key] = i
			}
			p.advance(time.Duration(rapid.IntRange(0, 20).Draw(rt, "pause ms")) * time.Millisecond)
			if in := &p.server.conn.in[onLatest].latest; in.bytes > maxEarlyBytes {
				rt.Fatalf("%d bytes are held", in.bytes)
			}
		}
		p.until(2*time.Minute, func() bool { return p.client.conn.Stats().ReliableQueue == 0 })
		if d := p.server.ep.Stats().Drops[DropWindow]; d != 0 {
			rt.Fatalf("%d records were refused", d)
		}
		for _, ev := range p.client.events {
			if ev.Kind == Acked || ev.Kind == Lost {
				fate[ev.Token] = ev.Kind
			}
		}
		got := map[int]bool{}
		for _, m := range p.server.on(onLatest) {
			got[int(binary.LittleEndian.Uint32(m))] = true
		}
		for key, i := range newest {
			if fate[uint64(i)] != Lost && !got[i] {
				rt.Fatalf("key %d: the last value, %d, did not come, its fate is %v", key, i, fate[uint64(i)])
			}
		}
	})
}

// A value of which a part was sent leaves no room taken for ever when newer ones of its key miss their deadline.
func TestReplacedInPartTakesNoRoomForEver(t *testing.T) {
	p := connected(t, 1, link{delay: 5 * time.Millisecond}, everyKind, func(c, s *Config) {
		c.Channels[onLatest].Deadline = 20 * time.Millisecond
		for _, cfg := range []*Config{c, s} {
			cfg.Channels[onLatest].MaxMessage, cfg.Channels[onLatest].MaxQueue = MaxMessage, 1<<20
		}
	})
	send := func(key uint64, i int) {
		t.Helper()
		if err := p.client.conn.SendKeyed(p.now, onLatest, key, numbered(i, MaxMessage)); err != nil {
			t.Fatal(err)
		}
	}
	for key := range uint64(6) {
		send(key, 0)
		p.flush() // the first of it
		send(key, 1)
		p.client.ep.SetBlocked(serverAddr, true)
		p.advance(50 * time.Millisecond)
		p.client.ep.SetBlocked(serverAddr, false)
		p.advance(200 * time.Millisecond)
	}
	before := len(p.server.on(onLatest))
	send(9, 2)
	p.advance(time.Second)
	if held := p.client.conn.out[onLatest].reliable.latest.held; held != 0 || len(p.server.on(onLatest)) != before+1 {
		t.Errorf("a new value has no room: %d bytes count as held by the receiver", held)
	}
}

// Values of which a part was sent, and that were replaced, hold the receiver's room until newer ones of their keys come.
// Whatever waits before those, and however large they are, they come.
func TestReplacedValuesDoNotBlockEachOther(t *testing.T) {
	large := func(c, s *Config) {
		for _, cfg := range []*Config{c, s} {
			cfg.Channels[onLatest].MaxMessage, cfg.Channels[onLatest].MaxQueue = MaxMessage, 4<<20
		}
	}
	for name, then := range map[string]struct{ before, after, keys, loses int }{
		"as large":        {MaxMessage, MaxMessage, 4, 50},
		"smaller at once": {MaxMessage, 3000, 4, 50},
		"all larger":      {30_000, MaxMessage, 8, 25},
		"hardly cut":      {1200, 16 << 10, 200, 3},
	} {
		t.Run(name, func(t *testing.T) {
			p := connected(t, 1, link{delay: 300 * time.Millisecond}, everyKind, large, func(c, s *Config) {
				c.Congestion, c.Rate = FixedRate, 2<<20
			})
			send := func(key uint64, i, size int) {
				if err := p.client.conn.SendKeyed(p.now, onLatest, key, numbered(i, size)); err != nil {
					t.Fatal(err)
				}
				p.flush()
			}
			n := 0
			p.wire = func(from *side, _ Path, b []byte) bool {
				if from == p.client {
					n++
				}
				return from == p.client && n%then.loses == 0
			}
			for key := range uint64(then.keys) {
				send(key, 0, then.before)
			}
			p.advance(150 * time.Millisecond) // a part of each is on its way, nothing is acknowledged
			p.wire = nil
			send(1000, 1, 5000)
			for key := range uint64(then.keys) {
				send(key, 1, then.after)
			}
			p.until(time.Minute, func() bool { return p.client.conn.Stats().ReliableQueue == 0 })
			last := 0
			for _, m := range p.server.on(onLatest) {
				last += int(m[0])
			}
			if d := p.server.ep.Stats().Drops[DropWindow]; last != then.keys+1 || d != 0 {
				t.Errorf("%d of %d last values came, %d records were refused", last, then.keys+1, d)
			}
		})
	}
}

// What the receiver has already needs no room: a repetition is taken however full it is.
func TestRepetitionNeedsNoRoom(t *testing.T) {
	var p buffers
	whole := func(id uint64, n int) messageFrame { return messageFrame{id: id, data: make([]byte, n)} }
	part := func(id uint64, index uint8, n int) messageFrame {
		return messageFrame{id: id, key: id, index: index, count: 64, data: make([]byte, n)}
	}
	ordered, latest := Channel{Kind: ReliableOrdered, MaxMessage: MaxMessage}, Channel{Kind: ReliableLatest, MaxMessage: MaxMessage}
	var r reliableIn
	var l latestIn
	for id := uint64(1); ; id++ {
		f := whole(id, 1100)
		if id%2 == 0 {
			f = part(id, 3, 1100)
		}
		if !r.accepts(&ordered, &f) {
			break
		}
		if data, ok := r.take(&p, &ordered, &f); ok {
			r.keep(&f, data)
		}
	}
	for id := uint64(0); ; id++ {
		fresh, f := 0, part(id, 3, 1100)
		if !l.accepts(&f, 1, &fresh) {
			break
		}
		l.take(&p, &latest, &f, 1)
	}
	for _, f := range []messageFrame{whole(1, 1100), part(2, 3, 1100), whole(3, 1100)} {
		if !r.accepts(&ordered, &f) {
			t.Errorf("message %d, of which that is there, is refused", f.id)
		}
	}
	fresh, f := 0, part(2, 3, 1100)
	if !l.accepts(&f, 1, &fresh) {
		t.Error("a part of a value, which is there, is refused")
	}
	if f = part(3, 4, 1100); l.accepts(&f, 1, &fresh) {
		t.Error("a part of an other value is taken though there is no room")
	}
}
