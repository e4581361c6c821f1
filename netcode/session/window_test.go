package session

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever is sent on large channels, however the path treats it and wherever it goes, a receiver never has to refuse a
// record of an honest sender for want of room, and everything comes in the end.
func TestNothingHonestIsRefused(t *testing.T) {
	fewChecks(t, 25)
	rapid.Check(t, func(rt *rapid.T) {
		p := connected(rt, rapid.Uint64().Draw(rt, "seed"), link{delay: 5 * time.Millisecond}, everyKind, func(c, s *Config) {
			c.IdleTimeout, s.IdleTimeout = time.Hour, time.Hour
			c.KeepAlive, s.KeepAlive = time.Second, time.Second
			c.Congestion, c.Rate = FixedRate, 4<<20
			deadline := time.Duration(rapid.SampledFrom([]int{0, 20}).Draw(rt, "deadline ms")) * time.Millisecond
			for _, cfg := range []*Config{c, s} {
				for _, i := range []int{onOrdered, onUnordered, onLatest, onBulk} {
					cfg.Channels[i].MaxMessage, cfg.Channels[i].MaxQueue = MaxMessage, 1<<20
				}
				cfg.Channels[onLatest].Deadline = deadline
				cfg.Channels[onBulk].MaxQueue = MaxMessage + 10_000 // and so large is its window
			}
		})
		l := drawLink(rt)
		l.loss *= rapid.SampledFrom([]float64{0.1, 1}).Draw(rt, "share of the loss")
		l.delay *= 3
		p.link = l
		channels := rapid.SampledFrom([][]int{{onLatest}, {onBulk}, {onOrdered, onUnordered, onLatest, onBulk}}).Draw(rt, "channels")
		sizes := rapid.SampledFrom([][]int{{40, 1100, 1101, 1150, 1170, 1400, 2200}, {5000, 30_000, MaxMessage}}).Draw(rt, "sizes")
		var fates [6]int
		mtu := 0
		refused := func() {
			if d := p.server.ep.Stats().Drops[DropWindow]; d != 0 {
				rt.Fatalf("%d records were refused", d)
			}
		}
		receipts := 0
		for range rapid.IntRange(10, 150).Draw(rt, "steps") {
			channel := rapid.SampledFrom(channels).Draw(rt, "channel")
			size := rapid.SampledFrom(sizes).Draw(rt, "size")
			var err error
			if channel == onLatest {
				err = p.client.conn.SendKeyedReceipt(p.now, channel, rapid.Uint64Range(0, 12).Draw(rt, "key"), numbered(receipts, size), uint64(channel))
			} else {
				err = p.client.conn.SendReceipt(p.now, channel, numbered(receipts, size), uint64(channel))
			}
			if err == nil {
				receipts++
			}
			p.link.mtu = mtu
			switch rapid.IntRange(0, 14).Draw(rt, "event") {
			case 0:
				p.link = l
			case 1:
				p.link = link{delay: p.link.delay, loss: 0.9}
			case 2:
				p.link = link{delay: p.link.delay}
			case 3:
				_ = p.client.conn.Use(p.now, serverTCP) // it may have moved too often
			case 4:
				_ = p.client.conn.Use(p.now, serverAddr)
			case 5:
				p.client.path.Addr = mustPort(clientAddr, uint16(rapid.IntRange(6000, 6002).Draw(rt, "port")))
			case 6: // without a word, either way
				mtu = rapid.SampledFrom([]int{0, 1200, 1250, 1400}).Draw(rt, "mtu")
			case 7, 8, 9:
				p.advance(time.Duration(rapid.IntRange(0, 60).Draw(rt, "pause ms")) * time.Millisecond)
			}
			p.flush()
			refused()
		}
		p.link = link{delay: 5 * time.Millisecond, mtu: p.link.mtu}
		if err := p.client.conn.Use(p.now, serverAddr); err != nil {
			rt.Fatal(err)
		}
		p.until(3*time.Minute, func() bool { refused(); return p.client.conn.Stats().ReliableQueue == 0 })
		p.advance(time.Second)
		refused()
		for _, ev := range p.client.events {
			if ev.Kind == Acked || ev.Kind == Lost {
				fates[ev.Token]++
			}
		}
		if n := fates[onOrdered] + fates[onUnordered] + fates[onLatest] + fates[onBulk]; n != receipts {
			rt.Fatalf("of %d messages the fate of %d was told: %v", receipts, n, fates)
		}
		if held := heldBytes(p.server.conn); held != 0 {
			rt.Fatalf("the receiver still holds %d bytes", held)
		}
	})
}
