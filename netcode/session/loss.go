package session

import "time"

// lossState decides when a packet is lost: by RACK (RFC 8985), by a packet threshold while no
// reordering was seen, and by a probe timeout at the tail. The zero value has seen no reordering.
//
// RACK asks whether a packet that was sent later has arrived. We ask whether the peer had waited for a packet long
// enough when it last spoke, which it tells by the delay of its acknowledgement: so the news that a beat did
// not come (ack.go) tells of a loss before anything later has arrived.
//
//	        sent           would arrive
//	newest   o-------------->o
//	                         |<---- delay ---->| the acknowledgement leaves
//	packet      o- - - - - - - ->x
//	            |<-- window at least -->|        so the packet is lost
type lossState struct {
	horizon    time.Duration // what was sent before it, plus the window, would have arrived when the peer last spoke
	multiplier int           // of the reorder window, in eighths of the RTT; 0 means 1
	spuriousAt time.Duration // when reordering was last seen
	timerAt    time.Duration // when a packet will be old enough to be lost
	timer      bool
	probes     int           // sent without an acknowledgement since
	probedAt   time.Duration // when the last was sent
	repeatedAt time.Duration // when what the peer may be missing was repeated last
}

// reorderWindow is how much later than a newer packet's an acknowledgement may come: RTT/8, more after
// packets that were taken for lost had only been late, at most one RTT.
func (l *lossState) reorderWindow(rtt time.Duration) time.Duration {
	m := time.Duration(max(1, l.multiplier))
	return max(granularity, min(rtt, m*rtt/8))
}

// sawReordering widens the window. "RACK.reo_wnd_mult" (RFC 8985 section 6.2, step 4)
func (l *lossState) sawReordering(now time.Duration) {
	l.multiplier = min(max(1, l.multiplier)+2, 8)
	l.spuriousAt = now
}

// decay narrows the window by a step whenever reordering was not seen for long.
func (l *lossState) decay(now time.Duration) {
	if l.multiplier > 0 && now-l.spuriousAt > reorderMemory {
		l.multiplier--
		l.spuriousAt = now
	}
}

// told takes what the delay of an acknowledgement says, when the newest packet in it was sent at sentAt. The peer
// cannot have waited for what was sent less than a round trip ago.
func (l *lossState) told(now, sentAt, delay time.Duration, r *rttState) {
	l.horizon = max(l.horizon, min(sentAt+delay, now-r.min))
}

// detect settles as lost every packet that is late enough and calls lostf for it, then sets the timer
// for the first that is not. It runs after each acknowledgement and when the timer fires.
func (l *lossState) detect(now time.Duration, s *sentState, r *rttState, lostf func(p *sentPacket, pn uint64)) {
	l.timer = false
	if !s.anyAcked {
		return
	}
	l.decay(now)
	window := l.reorderWindow(r.rtt())
	wait := r.latest + window
	for pn := s.base; pn < s.next; pn++ {
		p := s.packet(pn)
		older := pn < s.largestAcked
		if !older && p.at+window > l.horizon {
			break
		}
		if p.fate != inFlight {
			continue
		}
		byCount := older && l.multiplier == 0 && s.largestAcked-pn >= packetThreshold
		switch {
		case byCount || p.at+window <= l.horizon || p.at+wait <= now:
			s.settle(p, lost)
			lostf(p, pn)
		case !l.timer:
			l.timer, l.timerAt = true, p.at+wait
		}
	}
}

// probeAt returns when a probe is due: a probe timeout after packets of which nothing is known or after
// the last probe, half as long again for each probe so far, but not beyond quickProbe, and later not beyond most. That is
// less than rateFloor allows.
func (l *lossState) probeAt(s *sentState, r *rttState, peerDelay, most time.Duration) (at time.Duration, ok bool) {
	from, ok := s.unheardSince()
	if !ok {
		return 0, false
	}
	wait := r.probeTimeout(peerDelay)
	if l.probes > 0 {
		from = max(from, l.probedAt)
	}
	for n := range l.probes {
		longest := most
		if n < quickProbes {
			longest = min(most, quickProbe)
		}
		wait = min(wait+wait/2, max(longest, r.probeTimeout(peerDelay)))
	}
	return from + wait, true
}
