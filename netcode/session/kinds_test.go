package session

import (
	"bytes"
	"encoding/binary"
	"math"
	"runtime"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The channels of these tests: one of each kind, by number.
const (
	onUnreliable = iota
	onSequenced
	onOrdered
	onUnordered
	onLatest
	onBulk
)

func everyKind(c, s *Config) {
	for _, cfg := range []*Config{c, s} {
		cfg.Channels = []Channel{
			{Name: "unreliable", Kind: Unreliable},
			{Name: "sequenced", Kind: Sequenced, Priority: 1},
			{Name: "ordered", Kind: ReliableOrdered, Weight: 3, MaxMessage: MaxMessage},
			{Name: "unordered", Kind: ReliableUnordered, MaxMessage: MaxMessage},
			{Name: "latest", Kind: ReliableLatest, Priority: -1},
			{Name: "bulk", Kind: Bulk, Priority: -5},
		}
		cfg.DialTimeout, cfg.IdleTimeout = time.Minute, time.Minute
	}
}

// arrived is the message events of one channel at a side: the number in each message, and its key.
type arrived struct {
	number int
	key    uint64
	data   []byte
}

func (s *side) arrivedOn(channel int) (list []arrived) {
	i := 0
	for _, ev := range s.events {
		if ev.Kind != Message {
			continue
		}
		if m := s.got[i][1:]; ev.Channel == channel {
			list = append(list, arrived{int(binary.LittleEndian.Uint32(m)), ev.Key, m})
		}
		i++
	}
	return list
}

func drawLink(rt *rapid.T) link {
	return link{
		delay:     time.Duration(rapid.IntRange(0, 120).Draw(rt, "delay ms")) * time.Millisecond,
		jitter:    time.Duration(rapid.IntRange(0, 80).Draw(rt, "jitter ms")) * time.Millisecond,
		loss:      rapid.Float64Range(0, 0.35).Draw(rt, "loss"),
		duplicate: rapid.Float64Range(0, 0.5).Draw(rt, "duplicate"),
		corrupt:   rapid.Float64Range(0, 0.2).Draw(rt, "corrupt"),
	}
}

// TestPromisesOfEveryKind: whatever the link does, each kind keeps its promise, and of every message sent with a receipt
// exactly one fate is told.
func TestPromisesOfEveryKind(t *testing.T) {
	fewChecks(t, 40)
	rapid.Check(t, func(rt *rapid.T) {
		p := connected(rt, rapid.Uint64().Draw(rt, "seed"), drawLink(rt), everyKind)
		var sent [6]int
		keyOf, lastOf := map[int]uint64{}, map[uint64]int{}
		for range rapid.IntRange(1, 120).Draw(rt, "messages") {
			channel := rapid.IntRange(0, 5).Draw(rt, "channel")
			size := rapid.SampledFrom([]int{4, 5, 40, 128, 129, 1100, 1101, 1170, 3000, 16 << 10}).Draw(rt, "size")
			i := sent[channel]
			b, token := numbered(i, size), uint64(channel)<<32|uint64(i)
			var err error
			if channel == onLatest {
				keyOf[i] = rapid.SampledFrom([]uint64{0, 1, 2, 300, 1 << 40}).Draw(rt, "key")
				lastOf[keyOf[i]] = i
				err = p.client.conn.SendKeyedReceipt(p.now, channel, keyOf[i], b, token)
			} else {
				err = p.client.conn.SendReceipt(p.now, channel, b, token)
			}
			if err == ErrQueueFull {
				p.advance(time.Second) // 120 messages of 16 KiB are more than a queue holds
				continue
			}
			if err != nil {
				rt.Fatal(err)
			}
			sent[channel]++
			p.advance(time.Duration(rapid.IntRange(0, 40).Draw(rt, "pause ms")) * time.Millisecond)
		}
		p.until(5*time.Minute, func() bool { return p.client.conn.Stats().ReliableQueue == 0 })
		p.advance(10 * time.Second)
		if d := p.server.ep.Stats().Drops; d[DropWindow] != 0 {
			rt.Fatalf("%d records were beyond the window", d[DropWindow])
		}
		for channel, n := range sent {
			p.checkKind(rt, channel, n)
		}
		checkLatest(rt, p.server.arrivedOn(onLatest), keyOf, lastOf)
		p.checkFates(rt, sent[:])
		if held := heldBytes(p.server.conn); held != 0 && p.server.conn.partials.bytes() != held {
			rt.Fatalf("the receiver still holds %d bytes", held)
		}
	})
}

// checkKind holds what arrived on a channel against what its kind promises of n messages.
func (p *pair) checkKind(t *rapid.T, channel, n int) {
	kind := p.server.ep.Kind(channel)
	last, seen := -1, map[int]bool{}
	for _, a := range p.server.arrivedOn(channel) {
		i := a.number
		switch {
		case i >= n || !bytes.Equal(a.data, numbered(i, len(a.data))):
			t.Fatalf("%v: message %d is not what was sent", kind, i)
		case seen[i]:
			t.Fatalf("%v: message %d came twice", kind, i)
		case kind == Sequenced && i < last, (kind == ReliableOrdered || kind == Bulk) && i != last+1:
			t.Fatalf("%v: message %d came after %d", kind, i, last)
		}
		seen[i] = true
		last = i
	}
	if kind.Reliable() && kind != ReliableLatest && len(seen) != n {
		t.Fatalf("%v: %d of %d messages arrived", kind, len(seen), n)
	}
}

// checkLatest: values of a key come in order, and the last one of each comes.
func checkLatest(t *rapid.T, got []arrived, keyOf map[int]uint64, lastOf map[uint64]int) {
	newest := map[uint64]int{}
	for _, a := range got {
		if a.key != keyOf[a.number] {
			t.Fatalf("value %d came with key %d, want %d", a.number, a.key, keyOf[a.number])
		}
		if before, any := newest[a.key]; any && a.number <= before {
			t.Fatalf("key %d: value %d came after %d", a.key, a.number, before)
		}
		newest[a.key] = a.number
	}
	for key, last := range lastOf {
		if got, any := newest[key]; !any || got != last {
			t.Fatalf("key %d: the last value that came is %d, want %d", key, got, last)
		}
	}
}

// checkFates: each message has one fate, and what was acknowledged arrived.
func (p *pair) checkFates(t *rapid.T, sent []int) {
	fate := map[uint64]EventKind{}
	for _, ev := range p.client.events {
		if ev.Kind == Acked || ev.Kind == Lost {
			if fate[ev.Token] != 0 {
				t.Fatalf("token %x has two fates", ev.Token)
			}
			fate[ev.Token] = ev.Kind
		}
	}
	for channel, n := range sent {
		kind, got := p.server.ep.Kind(channel), map[int]bool{}
		for _, a := range p.server.arrivedOn(channel) {
			got[a.number] = true
		}
		for i := range n {
			k := fate[uint64(channel)<<32|uint64(i)]
			switch {
			case k == 0:
				t.Fatalf("%v: message %d has no fate", kind, i)
			case k == Acked && !got[i] && kind != Sequenced:
				t.Fatalf("%v: message %d was acknowledged and did not arrive", kind, i)
			case k == Lost && kind.Reliable() && kind != ReliableLatest:
				t.Fatalf("%v: message %d was lost", kind, i)
			}
		}
	}
}

// FuzzKinds: a peer that holds the keys may send any frames, on channels of every kind. The session may end; what
// it makes us hold, and allocate, is bounded by what it sent and by the windows.
func FuzzKinds(f *testing.F) {
	frames := func(list ...messageFrame) (b []byte) {
		var cfg Config
		everyKind(&cfg, &cfg)
		var last lastID
		for i := range list {
			b = appendMessage(b, cfg.Channels[list[i].channel].Kind, &list[i], &last)
		}
		return b
	}
	part := func(channel int, id uint64, index, count uint8, n int) messageFrame {
		return messageFrame{channel: channel, id: id, index: index, count: count, data: make([]byte, n)}
	}
	for _, ch := range []int{onOrdered, onUnordered, onLatest, onBulk} {
		f.Add(frames(part(ch, 0, 0, 0, 3), part(ch, 1, 1, 2, 3), part(ch, 500, 0, 0, 3), part(ch, 499, 0, 0, 0)))
		f.Add(frames(part(ch, 3, 0, 64, minFragment)))
	}
	f.Add(frames(messageFrame{channel: onLatest, id: 9, key: 1 << 60, data: []byte("a")}, messageFrame{channel: onLatest, id: 8, key: 1 << 60, data: []byte("b")}))
	f.Add(frames(messageFrame{channel: onBulk, index: 1, count: 2, cutting: 3, data: []byte("a")}, messageFrame{channel: onBulk, index: 1, count: 3, cutting: 1, data: make([]byte, 1024)}))
	f.Add([]byte{onOrdered, 0, 0, 1, 0, onOrdered, farID, 7, 0, 1, 0, onOrdered, 0x7f, 1, 0, onLatest, 0xff, 0xff, 0x7f, 0, 0, onLatest, 0x81, 0, 0})
	f.Fuzz(func(t *testing.T, payload []byte) {
		if len(payload)+headerToServer+tagSize > MaxDatagram {
			return
		}
		var p *pair
		least := uint64(math.MaxUint64) // of a few tries: what is counted is the process's, others can only add to it
		for range 3 {
			p = connected(t, 1, link{}, everyKind)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range 8 {
				p.forge(payload)
			}
			runtime.ReadMemStats(&after)
			least = min(least, after.TotalAlloc-before.TotalAlloc)
		}
		// The rings of the windows, and of an empty message in 3 bytes a small buffer and its event.
		if most := 384<<10 + 8*200*uint64(len(payload)); least > most {
			t.Fatalf("%d bytes were allocated for 8 records of %d", least, len(payload))
		}
		p.advance(100 * time.Millisecond)
		if held := heldBytes(p.server.conn); held > 8*len(payload) {
			t.Fatalf("the server holds %d bytes for a peer that sent %d", held, 8*len(payload))
		}
	})
}
