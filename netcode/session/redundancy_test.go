package session

import (
	"testing"
	"time"
)

// TestCopies: the more is lost, and the longer it takes to know, the more records carry a message.
func TestCopies(t *testing.T) {
	for _, c := range []struct {
		share float64
		trip  time.Duration
		want  int
	}{
		{0.12, 20 * time.Millisecond, 2},
		{0.2, 50 * time.Millisecond, 3},
		{0.2, 120 * time.Millisecond, 4},
		{0.4, 50 * time.Millisecond, 4},
		{0.9, 120 * time.Millisecond, maxRepeats},
	} {
		conn := Conn{rtt: rttState{sampled: true, smoothed: c.trip}}
		conn.sent.lossOut = c.share
		conn.sent.beat = cadence{gap: tick, heard: cadenceTrust}
		if got := conn.copies(); got != c.want {
			t.Errorf("%.0f %% lost, %v: %d copies, want %d", 100*c.share, c.trip, got, c.want)
		}
	}
}

// TestManyLosses: where a fifth of the packets is lost, each by itself, a message is in three records, and once more in each later
// one until it is acknowledged; few come later than those three.
func TestManyLosses(t *testing.T) {
	const n, delay = 1200, 25 * time.Millisecond
	p := connected(t, 3, link{delay: delay, loss: 0.2})
	sent := make([]time.Duration, n)
	late, got := 0, 0
	for i := range n {
		sent[i] = p.now
		p.client.send(p, 0, numbered(i, 100))
		for end := p.now + tick; p.now < end; {
			p.step(end)
			for ; got < len(p.server.on(0)); got++ {
				if p.now-sent[got] > delay+3*tick+2*time.Millisecond {
					late++
				}
			}
		}
	}
	if late > n/40 || got < n-20 {
		t.Errorf("%d of %d messages came, %d of them more than three beats late", got, n, late)
	}
	s := p.client.conn.Stats()
	if each := float64(s.Repeated) / n; each < 1.7 || each > 2.5 {
		t.Errorf("a message was repeated %.2f times, want about 2", each)
	}
	if s.PacketsSent > n*11/10 {
		t.Errorf("%d packets for %d messages", s.PacketsSent, n)
	}
}
