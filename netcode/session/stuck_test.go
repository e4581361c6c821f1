package session

import (
	"testing"
	"time"
)

// A sender may have more on its way than the receiver keeps for later. What is refused must not be able
// to keep back, by sharing a record with it, the message that everything waits for.
func TestMoreInFlightThanTheReceiverKeeps(t *testing.T) {
	p := connected(t, 1, link{delay: 200 * time.Millisecond}, func(c, s *Config) {
		c.Rate = 8 << 20
		c.Channels[0].MaxQueue = 4 << 20
	})
	p.link.down = func(time.Duration) bool { return true }
	p.client.send(p, 0, numbered(0, 100))
	p.flush()
	again := p.now + 2*p.link.delay // when the loss is known and repaired, in vain
	p.link.down = func(now time.Duration) bool { return now >= again && now < again+10*time.Millisecond }
	const n = 450
	for i := 1; i < n; i++ {
		p.client.send(p, 0, numbered(i, 1000))
	}
	p.until(10*time.Second, func() bool { return len(p.server.on(0)) == n })
	if d := p.server.ep.Stats().Drops[DropWindow]; d != 0 {
		t.Errorf("%d records had to be refused", d)
	}
}

// The acknowledgement of a packet that asked for none tells all the same that an earlier one is late.
func TestLossBeforeABareAcknowledgementIsFound(t *testing.T) {
	const delay = 20 * time.Millisecond
	p := connected(t, 1, link{delay: delay}, func(c, s *Config) {
		c.KeepAlive, s.KeepAlive = -1, -1
		c.AckDelay, s.AckDelay = time.Millisecond, time.Millisecond
	})
	p.advance(time.Second)
	p.server.send(p, 0, []byte("a"))
	p.advance(delay - time.Millisecond/2)
	p.link.down = func(time.Duration) bool { return true }
	p.client.send(p, 0, []byte("lost at first"))
	start := p.now
	p.flush()
	p.link.down = nil
	before := p.server.ep.Stats().PacketsReceived
	p.until(time.Second, func() bool { return p.server.ep.Stats().PacketsReceived > before })
	p.server.send(p, 0, []byte("b")) // takes back the acknowledgement of the acknowledgement of a
	p.until(5*time.Second, func() bool { return len(p.server.on(0)) == 1 })
	if took := p.now - start; took > 5*delay {
		t.Errorf("the loss was repaired after %v, want about one round trip and a half", took)
	}
}
