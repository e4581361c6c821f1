package session

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

// reader is an application that reads a side's messages at a rate of its own, and holds the channel that it cannot keep up with.
type reader struct {
	s       *side
	channel int
	rate    int // bytes per second; 0: it does not read
	unread  [][]byte
	bytes   int
	most    int // unread at once
	got     [][]byte
	credit  int
	saidAt  time.Duration
}

const readerHolds = 256 << 10

// read is d of the reader's time.
func (r *reader) read(p *pair, d time.Duration) {
	for _, m := range r.s.got {
		if int(m[0]) == r.channel {
			r.unread = append(r.unread, m[1:])
			r.bytes += len(m) - 1
		}
	}
	r.s.got = nil
	r.most = max(r.most, r.bytes)
	r.credit = min(r.credit+int(int64(r.rate)*int64(d)/int64(time.Second)), 64<<10)
	progress := false
	for len(r.unread) > 0 && r.credit >= len(r.unread[0]) {
		r.credit -= len(r.unread[0])
		r.bytes -= len(r.unread[0])
		r.got, r.unread = append(r.got, r.unread[0]), r.unread[1:]
		progress = true
	}
	c := r.s.conn
	switch held := c.hold.ours != 0; {
	case !held && r.bytes >= readerHolds:
		c.Hold(p.now, 1<<r.channel)
	case held && r.bytes <= readerHolds/2:
		c.Hold(p.now, 0)
	case held && progress && p.now-r.saidAt >= time.Second:
		c.Hold(p.now, 1<<r.channel)
	default:
		return
	}
	r.saidAt = p.now
}

const bulkChannel = 4

func withBulk(c, s *Config) {
	for _, cfg := range []*Config{c, s} {
		cfg.Channels = append(cfg.Channels, Channel{Name: "bulk", Kind: Bulk})
	}
}

// A reader of a transfer that is slower than its path gets every byte; the sender waits, and what goes beside it does not.
func TestSlowReaderHoldsBackOneChannel(t *testing.T) {
	for name, l := range map[string]link{
		"clean": {delay: 15 * time.Millisecond},
		"lossy": {delay: 15 * time.Millisecond, jitter: 5 * time.Millisecond, loss: 0.03, duplicate: 0.02},
	} {
		t.Run(name, func(t *testing.T) {
			p := connected(t, 1, l, withBulk)
			r := &reader{s: p.server, channel: bulkChannel, rate: 2 << 20}
			const size, total = 16 << 10, 8 << 20
			sent, small, refused := 0, 0, 0
			feed := func() {
				for sent < total/size {
					if err := p.client.conn.Send(p.now, bulkChannel, numbered(sent, size)); err == ErrQueueFull {
						refused++
						return
					} else if err != nil {
						t.Fatal(err)
					}
					sent++
				}
			}
			feed()
			var slowest time.Duration
			sentAt := map[uint64]time.Duration{}
			for start := p.now; len(r.got) < total/size; p.advance(5 * time.Millisecond) {
				if p.now-start > 30*time.Second {
					t.Fatalf("after 30 s %d of %d messages were read", len(r.got), total/size)
				}
				if small*50 <= int((p.now-start)/time.Millisecond) {
					if err := p.client.conn.SendReceipt(p.now, 0, numbered(small, 20), uint64(small)); err != nil {
						t.Fatal(err)
					}
					sentAt[uint64(small)] = p.now
					small++
				}
				r.read(p, 5*time.Millisecond)
				for _, ev := range p.client.events {
					switch ev.Kind {
					case Room:
						feed()
					case Acked:
						slowest = max(slowest, ev.At-sentAt[ev.Token])
					}
				}
				p.client.events = nil
			}
			for i, m := range r.got {
				if !bytes.Equal(m, numbered(i, size)) {
					t.Fatalf("message %d is another", i)
				}
			}
			if limit := readerHolds + defaultBulkQueue + size; r.most > limit {
				t.Errorf("%d bytes were unread, want at most %d", r.most, limit)
			}
			if refused < 4 {
				t.Errorf("the sender was refused %d times: it was not held back", refused)
			}
			d := p.server.ep.Stats().Drops
			if name == "clean" && (slowest > 150*time.Millisecond || d[DropBacklog]+d[DropWindow] != 0) {
				t.Errorf("beside it a message took up to %v there and back; refused: %v", slowest, d)
			}
			if name == "lossy" && (slowest > 500*time.Millisecond || d[DropBacklog]+d[DropWindow] != 0) {
				t.Errorf("beside it a message took up to %v there and back; refused: %v", slowest, d)
			}
			t.Logf("%d small messages, the slowest acknowledged after %v; at most %d KiB unread", small, slowest, r.most>>10)
		})
	}
}

// An application that reads nothing loses its session, and only that, after ReadTimeout; one that is slow does not.
func TestUnreadSessionEnds(t *testing.T) {
	for _, c := range []struct {
		rate int
		ends bool
	}{{0, true}, {8 << 10, false}} {
		p := connected(t, 1, link{delay: 10 * time.Millisecond}, withBulk)
		r := &reader{s: p.server, channel: bulkChannel, rate: c.rate}
		start := p.now
		for p.now-start < 25*time.Second && p.server.conn.Err() == nil {
			_ = p.client.conn.Send(p.now, bulkChannel, make([]byte, 4<<10))
			p.advance(20 * time.Millisecond)
			r.read(p, 20*time.Millisecond)
		}
		if ended := p.server.conn.Err() != nil; ended != c.ends {
			t.Fatalf("a reader of %d bytes per second: %v after %v", c.rate, p.server.conn.Err(), p.now-start)
		}
		if !c.ends {
			continue
		}
		if ce := closeOf(t, p.server.conn); ce.Code != CloseUnread || ce.Remote {
			t.Errorf("it ended with %v", ce)
		}
		p.advance(time.Second)
		if ce := closeOf(t, p.client.conn); ce.Code != CloseUnread || !ce.Remote {
			t.Errorf("the peer learned %v", ce)
		}
	}
}

// A peer that holds and says nothing more is not waited for, whatever it should have done itself.
func TestSilentHoldEndsTheSession(t *testing.T) {
	p := connected(t, 1, link{delay: 10 * time.Millisecond}, func(c, s *Config) { s.ReadTimeout = -1 })
	p.server.conn.Hold(p.now, 1)
	p.advance(100 * time.Millisecond)
	p.advance(15 * time.Second)
	if p.client.conn.Err() != nil {
		t.Fatalf("nothing waits, and it ended: %v", p.client.conn.Err())
	}
	p.client.send(p, 0, []byte("never read"))
	p.advance(time.Second + p.client.ep.cfg.Linger + time.Second)
	if ce := closeOf(t, p.client.conn); ce.Code != CloseUnread || ce.Remote {
		t.Errorf("it ended with %v", ce)
	}
}

// Who goes on after HOLD is refused, after what can have been on its way.
func TestWhoIgnoresAHoldIsRefused(t *testing.T) {
	p := connected(t, 1, link{delay: time.Millisecond}, withBulk)
	p.server.conn.Hold(p.now, 1|1<<3|1<<bulkChannel)
	p.advance(10 * time.Millisecond)
	if p.client.conn.hold.theirs != 1|1<<3|1<<bulkChannel || p.server.conn.hold.open {
		t.Fatal("the HOLD did not come, or its acknowledgement")
	}
	p.client.conn.hold.theirs = 0
	for range 4000 {
		_ = p.client.conn.Send(p.now, 0, make([]byte, 1000))
		_ = p.client.conn.Send(p.now, bulkChannel, make([]byte, 10_000))
		p.advance(time.Millisecond)
	}
	bytes := map[byte]int{}
	for _, m := range p.server.got {
		bytes[m[0]] += len(m) - 1
	}
	if bytes[0] > 2*maxEarlyBytes || bytes[bulkChannel] > 2*defaultBulkQueue || p.server.ep.Stats().Drops[DropBacklog] == 0 {
		t.Errorf("%v bytes came on held channels", bytes)
	}
	p.server.conn.Hold(p.now, 0)
	before := len(p.server.got)
	p.advance(2 * time.Second)
	if len(p.server.got) == before {
		t.Error("it does not go on")
	}
}

// HOLD survives the loss of records, and of every HOLD only the newest counts.
func TestHoldArrivesThroughLoss(t *testing.T) {
	p := connected(t, 7, link{delay: 10 * time.Millisecond, jitter: 30 * time.Millisecond, loss: 0.3})
	for i := range 100 {
		want := uint16(i % 2)
		p.server.conn.Hold(p.now, 1)
		p.server.conn.Hold(p.now, want)
		p.advance(time.Duration(i) * time.Millisecond)
		p.server.conn.Hold(p.now, want^1)
		p.server.conn.Hold(p.now, want)
		p.until(5*time.Second, func() bool { return !p.server.conn.hold.open })
		if got := p.client.conn.hold.theirs; got != want {
			t.Fatalf("round %d: the sender holds %b, want %b", i, got, want)
		}
	}
}

// Who was refused is told once there is room, and only then.
func TestRoomIsTold(t *testing.T) {
	p := connected(t, 1, link{delay: 10 * time.Millisecond})
	p.client.send(p, 0, make([]byte, 1000))
	p.advance(time.Second)
	if p.client.count(Room) != 0 {
		t.Error("there was no lack of room")
	}
	var err error
	for err == nil {
		err = p.client.conn.Send(p.now, 0, make([]byte, 1000))
	}
	if !errors.Is(err, ErrQueueFull) {
		t.Fatal(err)
	}
	p.until(time.Minute, func() bool { return p.client.count(Room) == 1 })
	if q := p.client.conn.Stats().QueuedBytes; q == 0 || q > defaultMaxQueue/2 {
		t.Errorf("told with %d bytes in the queue", q)
	}
	p.advance(time.Minute)
	if p.client.count(Room) != 1 {
		t.Errorf("told %d times", p.client.count(Room))
	}
}

func TestHoldFrame(t *testing.T) {
	channels := testConfig(1).Channels
	for _, c := range []struct {
		b    []byte
		want uint16
		n    int
	}{
		{[]byte{frameHold, 9, 0}, 9, 3}, {[]byte{frameHold, 0, 0}, 0, 3}, {[]byte{frameHold, 9}, 0, 0},
		{[]byte{frameHold, 2, 0}, 0, 0}, {[]byte{frameHold, 0, 1}, 0, 0}, // unreliable, no such channel
	} {
		if held, n := parseHold(c.b, channels); held != c.want || n != c.n {
			t.Errorf("% x reads as %b in %d bytes", c.b, held, n)
		}
	}
}
