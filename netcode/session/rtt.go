package session

import "time"

// rttState estimates the round-trip time of a path. The zero value has no sample yet.
type rttState struct {
	latest, smoothed, variance time.Duration
	min                        time.Duration // of the last 5 to 10 s
	window                     minFilter
	jitter                     time.Duration
	sampled                    bool
}

// initialRTT stands in for the estimate until there is a sample; the handshake nearly always gives one.
const initialRTT = 100 * time.Millisecond

// update takes a sample; delay is how long the peer says it held the acknowledgement back.
func (r *rttState) update(now, sample, delay time.Duration) {
	sample = max(sample, time.Microsecond)
	if !r.sampled {
		r.latest, r.smoothed, r.variance, r.sampled = sample, sample, sample/2, true
		r.learn(now, sample)
		return
	}
	// "min_rtt MUST be set to the lesser of min_rtt and latest_rtt" (RFC 9002 section 5.2)
	r.min = min(r.min, sample)
	// "MUST NOT subtract the acknowledgment delay from the RTT sample if the resulting value is
	// smaller than the min_rtt" (RFC 9002 section 5.3): no more of it than down to there. To leave all of a delay of several beats in
	// the sample would stretch the estimate whenever a round trip is the shortest so far.
	sample = max(sample-delay, r.min)
	r.learn(now, sample)
	diff := (sample - r.smoothed).Abs()
	r.jitter += ((sample - r.latest).Abs() - r.jitter) / 16 // RFC 3550 section 6.4.1, on round trips
	r.variance += (diff - r.variance) / 4
	r.smoothed += (sample - r.smoothed) / 8
	r.latest = sample
}

// rtt returns the smoothed estimate, or a guess before the first sample.
func (r *rttState) rtt() time.Duration {
	if !r.sampled {
		return initialRTT
	}
	return r.smoothed
}

// probeTimeout is how long to wait for an acknowledgement before sending a probe, when the peer may
// hold it back for peerDelay: "PTO = smoothed_rtt + max(4*rttvar, kGranularity) + max_ack_delay"
// (RFC 9002 section 6.2.1).
func (r *rttState) probeTimeout(peerDelay time.Duration) time.Duration {
	if !r.sampled {
		return 2*initialRTT + peerDelay
	}
	return r.smoothed + max(4*r.variance, granularity) + peerDelay
}

// learn keeps the smallest sample of the last 5 to 10 s: a path may become longer.
func (r *rttState) learn(now, sample time.Duration) {
	r.window.add(now, sample, minRTTSpan)
	r.min = r.window.least()
}

// relearn forgets samples that the path does not reach any more.
func (r *rttState) relearn(now, sample time.Duration) {
	r.window = minFilter{}
	r.learn(now, sample)
}

// minFilter is the smallest of the values that came in the last one or two spans. The zero value has seen none.
type minFilter struct {
	current, before time.Duration // 0: none
	since           time.Duration // when current began
}

// add takes a value and reports whether a span began with it.
func (m *minFilter) add(now, v, span time.Duration) (began bool) {
	v = max(v, 1)
	switch {
	case m.current == 0:
		m.current, m.since = v, now
	case now-m.since >= span:
		m.before, m.current, m.since = m.current, v, now
		return true
	default:
		m.current = min(m.current, v)
	}
	return false
}

// least returns the smallest value, 0 when there is none.
func (m *minFilter) least() time.Duration {
	if m.before > 0 {
		return min(m.before, m.current)
	}
	return m.current
}
