package session

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// download returns a pair whose client has sent bulk for a second.
func download(t *testing.T, l link, change ...func(c, s *Config)) *pair {
	t.Helper()
	p := connected(t, 1, l, append(change, everyKind)...)
	p.bulk(time.Second)
	return p
}

// bulk keeps the client's queue of bulk full for d.
func (p *pair) bulk(d time.Duration) {
	for end := p.now + d; p.now < end; p.advance(5 * time.Millisecond) {
		for p.client.conn.Stats().QueuedBytes < 200_000 && p.client.conn.Send(p.now, onBulk, numbered(0, 16<<10)) == nil {
		}
	}
}

// MUST 30: each path, also one that the session comes back to.
func TestEachPathBeginsAtTheBaseSize(t *testing.T) {
	p := download(t, link{delay: 5 * time.Millisecond})
	if got := p.client.conn.Stats().RecordSize; got != MaxRecordSize {
		t.Fatalf("records of %d bytes", got)
	}
	largest := 0
	p.tap = func(_ *side, b []byte) { largest = max(largest, len(b)) }
	p.use(serverTCP)
	p.bulk(time.Second)
	if got := p.client.conn.Stats(); got.RecordSize != MaxDatagram || largest > MaxDatagram {
		t.Errorf("on a stream records have %d bytes, %d at most", largest, got.RecordSize)
	}
	p.use(serverAddr)
	if got := p.client.conn.Stats().RecordSize; got != MaxDatagram {
		t.Errorf("back on UDP records have %d bytes at once", got)
	}
	p.bulk(time.Second)
	if got := p.client.conn.Stats().RecordSize; got != MaxRecordSize {
		t.Errorf("then records have %d bytes", got)
	}
}

// MUST 31. A peer that says it takes less gets less; one that says it takes nothing gets what every one must.
func TestPeerThatTakesLess(t *testing.T) {
	for said, want := range map[uint16]int{0: MaxDatagram, 1000: MaxDatagram, 1399: 1392, 65535: MaxRecordSize} {
		p := connected(t, 1, link{delay: 5 * time.Millisecond}, everyKind)
		p.client.conn.peerMost = said
		p.bulk(time.Second)
		if got := p.client.conn.Stats().RecordSize; got != want {
			t.Errorf("to a peer that takes %d bytes leave %d, want %d", said, got, want)
		}
	}
}

// MUST 32, the loss of probes is news of nothing else, and MUST 33, they come to an end, if none is ever acknowledged; padding with
// something in it is malformed.
func TestProbesThatAreNeverAnswered(t *testing.T) {
	p := connected(t, 1, link{delay: 5 * time.Millisecond, mtu: MaxDatagram}, everyKind, func(c, s *Config) { c.Rate = 2 << 20 })
	p.bulk(time.Second)
	after := p.client.conn.Stats()
	p.bulk(20 * time.Second)
	s := p.client.conn.Stats()
	if s.SizeProbes != after.SizeProbes || s.SizeProbes > mtuTries*5 {
		t.Errorf("%d probes, then %d", after.SizeProbes, s.SizeProbes)
	}
	if s.PacketsLost != 0 || s.Stalls != 0 || s.Retransmitted != 0 || p.client.conn.weather.any {
		t.Errorf("%+v", s)
	}
	for i, payload := range [][]byte{{framePadding}, {framePadding, 0, 0}, {framePing, framePadding, 0, 1}, {framePadding, framePing}} {
		if _, ok := parseFrames(payload, p.server.ep.cfg.Channels); ok != (i < 2) {
			t.Errorf("%x parses: %v", payload, ok)
		}
	}
}

// Whatever is lost and acknowledged, the search ends, what is said to pass was seen to, and nothing above the peer's limit is tried.
func TestSearchEnds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var m mtuState
		most := rapid.IntRange(0, 2000).Draw(rt, "most")
		seen, probes := MaxDatagram, 0
		for range rapid.IntRange(0, 400).Draw(rt, "steps") {
			m.filled(0, 4000)
			if size := m.due(most); size > 0 {
				if size > most || size <= m.size() {
					rt.Fatalf("a probe of %d bytes, at most %d, %d pass", size, most, m.size())
				}
				m.sent()
				probes++
				if rapid.Bool().Draw(rt, "passes") {
					seen = max(seen, size)
					m.passed(0, size, most)
				} else {
					m.failed(0, size, most)
				}
			}
			if m.size() > seen {
				rt.Fatalf("%d bytes are said to pass, %d were seen to", m.size(), seen)
			}
		}
		if probes > mtuTries*len(mtuSizes) {
			rt.Fatalf("%d probes", probes)
		}
	})
}
