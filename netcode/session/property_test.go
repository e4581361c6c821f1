package session

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestPromisesOfTheChannels: whatever the link does and whatever is sent, reliable messages arrive
// exactly once and in order, sequenced ones ascending, unreliable ones at most once, none damaged.
func TestPromisesOfTheChannels(t *testing.T) {
	fewChecks(t, 30)
	rapid.Check(t, func(rt *rapid.T) {
		l := link{
			delay:     time.Duration(rapid.IntRange(0, 120).Draw(rt, "delay ms")) * time.Millisecond,
			jitter:    time.Duration(rapid.IntRange(0, 80).Draw(rt, "jitter ms")) * time.Millisecond,
			loss:      rapid.Float64Range(0, 0.35).Draw(rt, "loss"),
			duplicate: rapid.Float64Range(0, 0.5).Draw(rt, "duplicate"),
			corrupt:   rapid.Float64Range(0, 0.2).Draw(rt, "corrupt"),
		}
		p := connected(rt, rapid.Uint64().Draw(rt, "seed"), l, func(c, s *Config) {
			c.DialTimeout, s.DialTimeout = time.Minute, time.Minute
		})
		var sent [4]int
		for range rapid.IntRange(1, 120).Draw(rt, "messages") {
			channel := rapid.IntRange(0, 3).Draw(rt, "channel")
			size := rapid.SampledFrom([]int{4, 5, 40, 128, 129, 1100, 1101, 3000}).Draw(rt, "size")
			p.client.send(p, channel, numbered(sent[channel], size))
			sent[channel]++
			p.advance(time.Duration(rapid.IntRange(0, 40).Draw(rt, "pause ms")) * time.Millisecond)
		}
		p.until(5*time.Minute, func() bool { return p.client.conn.Stats().ReliableQueue == 0 })
		p.advance(time.Second)
		for channel, n := range sent {
			p.checkPromise(rt, channel, n)
		}
	})
}

func (p *pair) checkPromise(t *rapid.T, channel, n int) {
	last, seen := -1, map[int]bool{}
	got := p.server.on(channel)
	for _, m := range got {
		i := int(binary.LittleEndian.Uint32(m))
		if !bytes.Equal(m, numbered(i, len(m))) || i >= n {
			t.Fatalf("channel %d: message %d is not what was sent", channel, i)
		}
		if seen[i] {
			t.Fatalf("channel %d: message %d came twice", channel, i)
		}
		seen[i] = true
		kind := testChannels()[channel].Kind
		if kind == Sequenced && i < last || kind == ReliableOrdered && i != last+1 {
			t.Fatalf("channel %d: message %d came after %d", channel, i, last)
		}
		last = i
	}
	if testChannels()[channel].Kind == ReliableOrdered && len(got) != n {
		t.Fatalf("channel %d: %d of %d reliable messages arrived", channel, len(got), n)
	}
}
