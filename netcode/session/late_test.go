package session

import (
	"testing"
	"time"
)

// A process that the system did not let run wakes with datagrams in its socket, and its timers may be called before they are
// read. Nothing that lies there is taken for lost, and the peer is not told that it did not come.
func TestLateDriverLosesNothing(t *testing.T) {
	for _, stalled := range []string{"client", "server"} {
		p := connected(t, 1, link{delay: 25 * time.Millisecond})
		for i := range 1200 {
			p.client.send(p, 0, numbered(i, 100))
			p.server.send(p, 0, numbered(i, 100))
			p.advance(tick)
			if i%30 != 29 {
				continue
			}
			asleep := p.server
			if stalled == "client" {
				asleep = p.client
			}
			p.sleep(asleep, 35*time.Millisecond)
		}
		p.advance(time.Second)
		for _, s := range []*side{p.client, p.server} {
			if st := s.conn.Stats(); st.PacketsLost > 0 {
				t.Errorf("the %s sleeps: of %d packets %d were taken for lost, %d were only late", stalled, st.PacketsSent, st.PacketsLost, st.PacketsSpurious)
			}
		}
	}
}

// sleep lets d pass, in which nothing of a side runs; then its timers do, and then it reads.
func (p *pair) sleep(asleep *side, d time.Duration) {
	awake := p.server
	if asleep == p.server {
		awake = p.client
	}
	var waiting []flight
	for end := p.now + d; p.now < end; p.now += time.Millisecond {
		rest := p.flights[:0]
		for _, f := range p.flights {
			switch {
			case f.at > p.now:
				rest = append(rest, f)
			case f.to == asleep:
				waiting = append(waiting, f)
			default:
				f.to.ep.Receive(p.now, f.from, f.data)
			}
		}
		p.flights = rest
		awake.ep.Advance(p.now)
		var buf [MaxRecordSize]byte
		for n, to := awake.ep.Transmit(p.now, buf[:]); n > 0; n, to = awake.ep.Transmit(p.now, buf[:]) {
			p.carry(awake, to, buf[:n])
		}
		p.take(awake)
	}
	asleep.ep.Advance(p.now)
	p.flush()
	for _, f := range waiting {
		f.to.ep.Receive(p.now, f.from, f.data)
	}
	p.flush()
}
