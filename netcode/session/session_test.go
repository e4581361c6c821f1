package session

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

func TestHandshakeTakesOneRoundTrip(t *testing.T) {
	p := newPair(t, 1, link{delay: 20 * time.Millisecond})
	p.dial()
	start := p.now
	p.until(time.Second, func() bool { return p.server.conn != nil })
	if got := p.now - start; got != 60*time.Millisecond {
		t.Errorf("the server has a session after %v, want 3 one-way delays, 60ms", got)
	}
	p.until(time.Second, func() bool { return p.client.conn.Opened() })
	if got := p.now - start; got > 86*time.Millisecond {
		t.Errorf("the client knows after %v, want 80ms and an ack delay of 5ms at most", got)
	}
	if rtt := p.client.conn.Stats().RTT; rtt < 39*time.Millisecond || rtt > 46*time.Millisecond {
		t.Errorf("RTT from the handshake is %v, want 40ms", rtt)
	}
}

func TestDataMayLeaveBeforeTheServerAnswered(t *testing.T) {
	p := newPair(t, 1, link{delay: 20 * time.Millisecond})
	p.dial()
	start := p.now
	p.client.send(p, 0, []byte("hello"))
	p.until(time.Second, func() bool { return len(p.server.on(0)) == 1 })
	if got := p.now - start; got != 60*time.Millisecond {
		t.Errorf("the first message arrived after %v, want 60ms", got)
	}
}

func TestEventsCarryTheTimeOfArrival(t *testing.T) {
	p := connected(t, 1, link{delay: 20 * time.Millisecond})
	p.server.holdback = true
	p.client.send(p, 0, []byte("hello"))
	sent := p.now
	p.advance(100 * time.Millisecond)
	p.server.holdback = false
	p.flush()
	last := p.server.events[len(p.server.events)-1]
	if last.Kind != Message || last.At != sent+20*time.Millisecond {
		t.Errorf("the message came at %v, want %v", last.At, sent+20*time.Millisecond)
	}
}

func TestReliableOrderedSurvivesTheLink(t *testing.T) {
	links := map[string]link{
		"clean":     {delay: 25 * time.Millisecond},
		"loss 5":    {delay: 25 * time.Millisecond, loss: 0.05},
		"loss 20":   {delay: 25 * time.Millisecond, loss: 0.20},
		"loss 40":   {delay: 25 * time.Millisecond, loss: 0.40},
		"jitter":    {delay: 10 * time.Millisecond, jitter: 60 * time.Millisecond},
		"duplicate": {delay: 25 * time.Millisecond, duplicate: 0.5},
		"corrupt":   {delay: 25 * time.Millisecond, corrupt: 0.2},
		"all":       {delay: 15 * time.Millisecond, jitter: 30 * time.Millisecond, loss: 0.15, duplicate: 0.2, corrupt: 0.1},
		"no delay":  {},
		"outage": {delay: 25 * time.Millisecond, down: func(now time.Duration) bool {
			return now > 3*time.Second && now < 5*time.Second
		}},
	}
	for name, l := range links {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(2) {
				p := connected(t, seed, l)
				const n = 300
				for i := range n {
					size := 20
					switch {
					case i%50 == 7:
						size = 5000 // in fragments
					case i%10 == 3:
						size = 900
					}
					p.client.send(p, 0, numbered(i, size))
					p.server.send(p, 3, numbered(i, 30))
					p.advance(10 * time.Millisecond)
				}
				p.until(60*time.Second, func() bool { return len(p.server.on(0)) == n && len(p.client.on(3)) == n })
				p.until(5*time.Second, func() bool { return p.client.conn.Stats().ReliableQueue == 0 })
				p.advance(time.Second) // what would arrive twice
				for i, m := range p.server.on(0) {
					if size := len(m); !bytes.Equal(m, numbered(i, size)) {
						t.Fatalf("message %d arrived as %x...", i, m[:4])
					}
				}
				for i, m := range p.client.on(3) {
					if !bytes.Equal(m, numbered(i, 30)) {
						t.Fatalf("message %d on channel 3 arrived as %x", i, m)
					}
				}
				if s := p.client.conn.Stats(); s.ReliableAcked != n || s.QueuedBytes != 0 || s.InFlight < 0 {
					t.Errorf("the client counts %d acknowledged, %d bytes queued, %d in flight", s.ReliableAcked, s.QueuedBytes, s.InFlight)
				}
			}
		})
	}
}

func TestNoHeadOfLineBlockingBetweenChannels(t *testing.T) {
	p := connected(t, 1, link{delay: 25 * time.Millisecond})
	p.link.down = func(time.Duration) bool { return true }
	p.client.send(p, 0, []byte("lost at first"))
	p.flush()
	p.link.down = nil
	p.client.send(p, 3, []byte("not held back"))
	start := p.now
	p.until(time.Second, func() bool { return len(p.server.on(3)) == 1 })
	if got := p.now - start; got != 25*time.Millisecond {
		t.Errorf("channel 3 was held back: %v, want the one-way delay", got)
	}
	if len(p.server.on(0)) != 0 {
		t.Fatal("the first message was not lost: the test proves nothing")
	}
	p.until(time.Second, func() bool { return len(p.server.on(0)) == 1 })
}

func TestSequencedIsNeverOlder(t *testing.T) {
	p := connected(t, 3, link{delay: 5 * time.Millisecond, jitter: 80 * time.Millisecond, loss: 0.1})
	for i := range 500 {
		p.client.send(p, 2, numbered(i, 3000*(i%2))) // every second one in fragments
		p.advance(8 * time.Millisecond)
	}
	p.advance(time.Second)
	got, last := p.server.on(2), -1
	for _, m := range got {
		i := int(m[0]) | int(m[1])<<8
		if i <= last {
			t.Fatalf("%d arrived after %d", i, last)
		}
		if !bytes.Equal(m, numbered(i, len(m))) {
			t.Fatalf("message %d is damaged", i)
		}
		last = i
	}
	if len(got) < 50 || len(got) > 490 {
		t.Errorf("%d of 500 arrived: the link should have dropped or reordered some, not all", len(got))
	}
}

func TestSequencedReplacesWhatIsUnsent(t *testing.T) {
	p := connected(t, 1, link{delay: time.Millisecond})
	p.client.ep.SetBlocked(serverAddr, true)
	for i := range 100 {
		p.client.send(p, 2, numbered(i, 40))
	}
	p.advance(50 * time.Millisecond)
	p.client.ep.SetBlocked(serverAddr, false)
	p.advance(50 * time.Millisecond)
	if got := p.server.on(2); len(got) != 1 || !bytes.Equal(got[0], numbered(99, 40)) {
		t.Errorf("after the carrier was blocked %d messages arrived, want the newest alone", len(got))
	}
	if unsent := p.client.conn.Stats().Unsent; unsent != 99 {
		t.Errorf("Unsent = %d, want 99", unsent)
	}
}

func TestUnreliableDeadline(t *testing.T) {
	p := connected(t, 1, link{delay: time.Millisecond})
	p.client.ep.SetBlocked(serverAddr, true)
	p.client.send(p, 1, []byte("stale"))
	p.advance(300 * time.Millisecond)
	p.client.send(p, 1, []byte("fresh"))
	p.client.ep.SetBlocked(serverAddr, false)
	p.advance(50 * time.Millisecond)
	if got := p.server.on(1); len(got) != 1 || string(got[0]) != "fresh" {
		t.Errorf("got %q, want the fresh one alone", got)
	}
}

func TestReceipts(t *testing.T) {
	for _, size := range []int{30, 4000} {
		p := connected(t, 5, link{delay: 20 * time.Millisecond, loss: 0.2})
		const n = 400
		for i := range n {
			if err := p.client.conn.SendReceipt(p.now, i%3, numbered(i, size), uint64(i)); err != nil {
				t.Fatal(err)
			}
			p.advance(16 * time.Millisecond)
		}
		p.advance(30 * time.Second)
		fate := map[uint64]EventKind{}
		for _, ev := range p.client.events {
			if ev.Kind != Acked && ev.Kind != Lost {
				continue
			}
			if fate[ev.Token] != 0 {
				t.Fatalf("token %d has two fates", ev.Token)
			}
			fate[ev.Token] = ev.Kind
		}
		arrived := map[int]bool{}
		for _, m := range p.server.got {
			arrived[int(m[1])|int(m[2])<<8] = true
		}
		lost := 0
		for i := range n {
			switch k := fate[uint64(i)]; {
			case k == 0:
				t.Errorf("size %d: message %d has no fate", size, i)
			case k == Acked && i%3 != 2 && !arrived[i]:
				t.Errorf("size %d: message %d was acknowledged but did not arrive", size, i)
			case k == Lost:
				lost++
				if i%3 == 0 {
					t.Errorf("size %d: reliable message %d was declared lost", size, i)
				}
			}
		}
		if lost == 0 {
			t.Error("nothing was lost: the test proves nothing")
		}
	}
}

func TestManyMessagesShareADatagram(t *testing.T) {
	p := connected(t, 1, link{delay: 5 * time.Millisecond})
	p.advance(100 * time.Millisecond)
	before := p.client.sent
	for i := range 50 {
		p.client.send(p, i%4, numbered(i, 10))
	}
	p.flush()
	if n := p.client.sent - before; n != 1 {
		t.Errorf("50 messages of 10 bytes left in %d datagrams, want 1", n)
	}
	p.advance(100 * time.Millisecond)
	// Of the sequenced channel only the newest was sent.
	if n := len(p.server.got); n != 50-12+1 {
		t.Errorf("%d messages arrived, want 39", n)
	}
}

func TestCloseDeliversWhatWasQueued(t *testing.T) {
	p := connected(t, 9, link{delay: 20 * time.Millisecond, loss: 0.2})
	for i := range 100 {
		p.client.send(p, 0, numbered(i, 100))
	}
	p.client.conn.Close(p.now, CloseNormal, "done")
	if err := p.client.conn.Send(p.now, 0, []byte("late")); !errors.Is(err, ErrClosed) {
		t.Errorf("Send after Close returned %v, want ErrClosed", err)
	}
	p.until(3*time.Second, func() bool { return p.client.count(Closed) == 1 && p.server.count(Closed) == 1 })
	if n := len(p.server.on(0)); n != 100 {
		t.Errorf("%d of 100 messages arrived before the close", n)
	}
	err := p.server.conn.Err()
	var ce *CloseError
	if !errors.As(err, &ce) || !ce.Remote || ce.Code != CloseNormal || ce.Reason != "done" {
		t.Errorf("the server's error is %v", err)
	}
	p.advance(2 * time.Second)
	for name, s := range map[string]*side{"client": p.client, "server": p.server} {
		if n := len(s.ep.byPath) + len(s.ep.byID) + len(s.ep.timers); n != 0 {
			t.Errorf("the %s still remembers %d things", name, n)
		}
	}
}

func TestIdleTimeoutAndKeepAlive(t *testing.T) {
	p := connected(t, 1, link{delay: 20 * time.Millisecond})
	p.advance(60 * time.Second)
	if !p.client.conn.Opened() || !p.server.conn.Opened() {
		t.Fatal("an idle session did not stay alive")
	}
	if sent := p.client.sent; sent > 90 {
		t.Errorf("an idle minute took %d datagrams", sent)
	}
	p.link.down = func(time.Duration) bool { return true }
	p.advance(31 * time.Second)
	var ce *CloseError
	if err := p.client.conn.Err(); !errors.As(err, &ce) || ce.Code != CloseTimeout || ce.Remote {
		t.Errorf("after 31 s of silence the client's error is %v, want a timeout", err)
	}
}

func TestRefusals(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(c, s *Config)
		want   Refusal
	}{
		{"application", func(c, s *Config) { c.App = "other" }, RefusedApp},
		{"channels", func(c, s *Config) { c.Channels = c.Channels[:2] }, RefusedApp},
		{"schema", func(c, s *Config) { c.Schema = 8 }, RefusedSchema},
		{"full", func(c, s *Config) { s.MaxConns = -1 }, RefusedFull},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := newPair(t, 1, link{delay: 10 * time.Millisecond}, tc.change)
			p.dial()
			p.until(time.Second, func() bool { return p.client.count(Closed) == 1 })
			var ce *CloseError
			if !errors.As(p.client.conn.Err(), &ce) || ce.Refusal != tc.want || ce.Code != CloseRefused {
				t.Errorf("error is %v, want refusal %v", p.client.conn.Err(), tc.want)
			}
			if p.server.ep.Stats().Refused == 0 {
				t.Error("the server did not count it")
			}
		})
	}
}

func TestDialGivesUp(t *testing.T) {
	p := newPair(t, 1, link{down: func(time.Duration) bool { return true }})
	p.dial()
	p.advance(6 * time.Second)
	var ce *CloseError
	if !errors.As(p.client.conn.Err(), &ce) || ce.Code != CloseNoAnswer {
		t.Errorf("error is %v, want no answer", p.client.conn.Err())
	}
}

func TestServerStoresNothingBeforeTheAddressIsProved(t *testing.T) {
	p := newPair(t, 1, link{})
	p.dial()
	var b [MaxRecordSize]byte
	n, _ := p.client.ep.Transmit(p.now, b[:])
	var out [MaxRecordSize]byte
	for range 500 {
		p.server.ep.Receive(p.now, clientAddr, b[:n])
		for k := 1; k > 0; {
			if k, _ = p.server.ep.Transmit(p.now, out[:]); k > n/2 {
				t.Fatalf("a reply of %d bytes to a request of %d", k, n)
			}
		}
	}
	ep := p.server.ep
	if len(ep.byID)+len(ep.byPath)+len(ep.timers)+ep.events.size != 0 {
		t.Error("the server stored something for an address that was not proved")
	}
}

// The first record to pass after an outage brings everything that was sent meanwhile: no further round trip.
func TestFirstRecordAfterAnOutageBringsAll(t *testing.T) {
	const beat, delay = 16667 * time.Microsecond, 25 * time.Millisecond
	p := connected(t, 3, link{delay: delay})
	sent := 0
	send := func(until time.Duration) {
		for p.now < until {
			p.client.send(p, 0, numbered(sent, 100))
			sent++
			p.advance(beat)
		}
	}
	send(p.now + time.Second)
	end := p.now + 150*time.Millisecond
	p.link.down = func(now time.Duration) bool { return now < end }
	send(end)
	before := sent
	send(end + delay + 2*beat)
	if got := len(p.server.on(0)); got < before {
		t.Errorf("%v after the outage %d of %d messages had arrived", p.now-end, got, before)
	}
	p.until(time.Second, func() bool { return p.client.conn.Stats().ReliableQueue == 0 })
	repeated := p.client.conn.Stats().Repeated
	send(p.now + time.Second)
	if s := p.client.conn.Stats(); s.Repeated != repeated {
		t.Error("the repetition goes on though acknowledgements come again")
	}
}

func TestRepetitionSavesTheRoundTrip(t *testing.T) {
	worst := map[int]time.Duration{}
	for _, channel := range []int{0, 3} {
		p := connected(t, 2, link{delay: 25 * time.Millisecond, loss: 0.05}, func(c, s *Config) {
			c.Channels[0].Redundancy, s.Channels[0].Redundancy = Frugal, Frugal
		})
		sentAt := map[int]time.Duration{}
		seen := 0
		for i := range 1000 {
			sentAt[i] = p.now
			p.client.send(p, channel, numbered(i, 40))
			end := p.now + 16667*time.Microsecond
			for p.now < end {
				p.step(end)
				for ; seen < len(p.server.on(channel)); seen++ {
					worst[channel] = max(worst[channel], p.now-sentAt[seen])
				}
			}
		}
		if channel == 3 && p.client.conn.Stats().Repeated == 0 {
			t.Error("nothing was repeated")
		}
	}
	if worst[3] >= worst[0] {
		t.Errorf("worst latency with repetition %v, without %v", worst[3], worst[0])
	}
}
