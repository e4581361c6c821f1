package session

import (
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/secure"
)

func TestUnsentSequencedMessagesUseNoIDs(t *testing.T) {
	p := connected(t, 1, link{delay: time.Millisecond})
	p.client.send(p, 2, []byte("first"))
	p.advance(50 * time.Millisecond)
	p.client.ep.SetBlocked(serverAddr, true)
	for range 1<<15 + 10 { // more than half of the ids
		p.client.send(p, 2, []byte("replaced"))
	}
	p.client.send(p, 2, []byte("newest"))
	p.client.ep.SetBlocked(serverAddr, false)
	p.advance(50 * time.Millisecond)
	if got := p.server.on(2); len(got) != 2 || string(got[1]) != "newest" {
		t.Errorf("got %q, want the first and the newest", got)
	}
}

// Walking over the packets in flight costs; a record must not be able to ask for it hundreds of times.
func TestSecondAckInARecordIsMalformed(t *testing.T) {
	p := connected(t, 1, link{})
	p.advance(100 * time.Millisecond)
	c := p.client.conn
	record := appendHeader(nil, toServer, c.id, c.sent.next)
	for range 2 {
		record = append(record, 0x40, 0, 0, 0, 0)
	}
	p.server.ep.Receive(p.now, clientAddr, seal(c.key, toServer, c.sent.next, record))
	if p.server.ep.Stats().Drops[DropMalformed] != 1 {
		t.Errorf("it was taken: %v", p.server.ep.Stats().Drops)
	}
}

// exchange hands everything that a and b want to send to the other, until both are silent.
func exchange(now time.Duration, a, b *Endpoint, pathOfA, pathOfB Path) {
	var buf [MaxRecordSize]byte
	for quiet := false; !quiet; {
		quiet = true
		for n, _ := a.Transmit(now, buf[:]); n > 0; n, _ = a.Transmit(now, buf[:]) {
			b.Receive(now, pathOfA, buf[:n])
			quiet = false
		}
		for n, _ := b.Transmit(now, buf[:]); n > 0; n, _ = b.Transmit(now, buf[:]) {
			a.Receive(now, pathOfB, buf[:n])
			quiet = false
		}
	}
}

func TestConfirmEndsWithTheServersFirstRecord(t *testing.T) {
	p := newPair(t, 1, link{delay: 20 * time.Millisecond})
	p.dial()
	p.client.send(p, 0, []byte("hello and goodbye"))
	p.until(time.Second, func() bool { return p.client.conn.state == confirming })
	p.client.conn.Close(p.now, CloseNormal, "")
	p.tap = func(from *side, b []byte) {
		if from == p.client && b[0] == secure.TypeConfirm && p.client.conn.acks.any {
			t.Error("the server has answered and is still sent a CONFIRM")
		}
	}
	p.until(5*time.Second, func() bool { return p.client.count(Closed) == 1 && p.server.count(Closed) == 1 })
}

func TestRepeatedConfirmGivesNoRTT(t *testing.T) {
	p := newPair(t, 1, link{delay: 20 * time.Millisecond})
	confirms := 0
	p.tap = func(from *side, b []byte) {
		if b[0] == secure.TypeConfirm {
			confirms++
		}
	}
	p.link.down = func(time.Duration) bool { return confirms >= 1 && confirms <= 2 }
	p.dial()
	p.until(5*time.Second, func() bool { return p.server.conn != nil })
	if confirms < 3 {
		t.Fatal("no CONFIRM was lost: the test proves nothing")
	}
	if rtt := p.server.conn.Stats().RTT; rtt > 45*time.Millisecond {
		t.Errorf("the server measured a round trip of %v, want 40ms or none yet", rtt)
	}
}

func TestShortIdleTimeoutKeepsIdleSessionsAlive(t *testing.T) {
	for _, strict := range []int{0, 1} {
		p := connected(t, 1, link{delay: 20 * time.Millisecond}, func(c, s *Config) {
			[]*Config{c, s}[strict].IdleTimeout = time.Second
		})
		p.advance(20 * time.Second)
		if !p.client.conn.Opened() || !p.server.conn.Opened() {
			t.Errorf("an idle session ended: %v, %v", p.client.conn.Err(), p.server.conn.Err())
		}
	}
	cfg := testConfig(1)
	cfg.IdleTimeout, cfg.KeepAlive = time.Second, time.Second
	if _, err := NewEndpoint(cfg); err == nil || !strings.Contains(err.Error(), "Config.KeepAlive 1s") {
		t.Errorf("a KeepAlive that comes too late gives the error %v", err)
	}
}

func TestUnknownFirstBytesAreCountedAsSuch(t *testing.T) {
	ep := mustEndpoint(t, testConfig(1))
	for first := range 256 {
		ep.Receive(time.Second, clientAddr, append([]byte{byte(first)}, make([]byte, 30)...))
	}
	if got := ep.Stats().Drops[DropType]; got != 256-14 {
		t.Errorf("%d of 242 unknown first bytes are counted as such: %v", got, ep.Stats().Drops)
	}
}

// An address whose session is over, though not yet forgotten, is free for another client to move to.
func TestSessionMovesToAnAddressThatIsFreeAgain(t *testing.T) {
	c := newCrowd(t, 2, 0)
	c.run(t, c.now+time.Second)
	c.conns[0].Close(c.now, CloseNormal, "")
	c.run(t, c.now+200*time.Millisecond)
	sc := c.server.byPath[c.path(1)]
	if err := c.conns[1].Send(c.now, 1, make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	var buf [MaxRecordSize]byte
	n, _ := c.clients[1].Transmit(c.now, buf[:])
	c.server.Receive(c.now, c.path(0), buf[:n])
	exchange(c.now, c.server, c.clients[1], serverAddr, c.path(0))
	if sc.Path() != c.path(0) {
		t.Errorf("the session stayed at %v", sc.Path())
	}
	c.server.Advance(c.now + 2*time.Second) // when the old one is forgotten
	if c.server.byPath[c.path(0)] != sc || c.server.byID[sc.ID()] != sc {
		t.Error("the session was forgotten with the one before it")
	}
}
