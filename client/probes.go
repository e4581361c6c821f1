package client

import "time"

// probes sends a numbered message at regular times over the reliable channel and checks that the
// echoes come back exactly once and in order. That is a test of the channel under the conditions of
// play, and a measurement of what a reliable message takes, retransmissions included.
type probes struct {
	every time.Duration // 0 or less: none are sent
	next  time.Duration // when the next one is due

	at        [maxProbes]time.Duration // when each one under way was sent
	sent      uint32                   // also the number of the next one
	delivered uint32                   // echoed, each in its turn; also the number expected next
	lost      uint64                   // skipped by a later echo
	surplus   uint64                   // echoed twice, or never sent
	rtt       time.Duration            // smoothed
	maxRTT    time.Duration
}

// due returns the number of a probe to be sent now, if any. While maxProbes are under way there is none.
func (p *probes) due(now time.Duration) (n uint32, ok bool) {
	if p.every <= 0 || now < p.next || p.sent-p.delivered >= maxProbes {
		return 0, false
	}
	p.next = now + p.every
	n = p.sent
	p.at[n%maxProbes] = now
	p.sent++
	return n, true
}

// echo takes in the answer to probe n.
func (p *probes) echo(now time.Duration, n uint32) {
	ahead := n - p.delivered
	if ahead >= p.sent-p.delivered {
		p.surplus++
		return
	}
	p.lost += uint64(ahead)
	p.delivered = n + 1
	took := now - p.at[n%maxProbes]
	p.maxRTT = max(p.maxRTT, took)
	if p.rtt == 0 {
		p.rtt = took
	}
	p.rtt += (took - p.rtt) / 8
}

// unsend takes back probe n, the newest, which could not be queued.
func (p *probes) unsend(n uint32) { p.sent = n }
