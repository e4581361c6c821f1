package session

import "time"

// rttState estimates the round-trip time of a path. The zero value has no sample yet.
type rttState struct {
	latest, smoothed, variance, min time.Duration
	jitter                          time.Duration
	sampled                         bool
}

// initialRTT stands in for the estimate until there is a sample; the handshake nearly always gives one.
const initialRTT = 100 * time.Millisecond

// update takes a sample; delay is how long the peer says it held the acknowledgement back.
func (r *rttState) update(sample, delay time.Duration) {
	sample = max(sample, time.Microsecond)
	if !r.sampled {
		r.latest, r.smoothed, r.variance, r.min, r.sampled = sample, sample, sample/2, sample, true
		return
	}
	// "min_rtt MUST be set to the lesser of min_rtt and latest_rtt" (RFC 9002 section 5.2)
	r.min = min(r.min, sample)
	// "MUST NOT subtract the acknowledgment delay from the RTT sample if the resulting value is
	// smaller than the min_rtt" (RFC 9002 section 5.3)
	if sample-delay >= r.min {
		sample -= delay
	}
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
