package session

import (
	"fmt"
	"math"
	"time"
)

// Congestion says how a session finds the rate at which it sends over a path that loses datagrams.
type Congestion uint8

const (
	// DelayBased measures what the path delivers and keeps its queue short. A loss alone slows nothing.
	DelayBased Congestion = iota
	// FixedRate sends up to Config.Rate, whatever becomes of it: for links that are known.
	FixedRate
)

func (c Congestion) String() string {
	switch c {
	case DelayBased:
		return "delay-based"
	case FixedRate:
		return "fixed-rate"
	}
	return fmt.Sprintf("Congestion(%d)", uint8(c))
}

// congestion decides how fast a session sends. Per round it measures what the path delivers, and paces at
// the most of late, in the manner of BBR (draft-ietf-ccwg-bbr). What round trips have above the path's
// own is the queue; where that is long, sessions with a large share give way first (as in Copa, NSDI
// 2018). A session that sends less than it may learns nothing from that, and is not slowed down. phase.go
// has what follows from the measurements.
type congestion struct {
	phase   phase
	since   time.Duration // when the phase began
	rounds  int           // in it
	floor   float64       // bytes per second that are always allowed
	ceiling float64       // Config.Rate
	record  int           // bytes of a full one on the path
	pace    float64       // bytes per second at which records leave now
	best    [2]float64    // the most delivered per second, since the path was last asked for more and before
	gain    float64       // over that, while probing
	pushing time.Duration // until then more is sent, while probing
	grown   float64       // what was delivered when it last grew
	flat    int           // rounds since

	round     deliveryRound
	delivered uint64        // bytes acknowledged
	newestAt  time.Duration // when the newest packet acknowledged was sent
	sentAt    time.Duration // when a packet was sent last
	limitedAt time.Duration // when there last was nothing to send though it was allowed
	wantedAt  time.Duration // when the application last held something back for want of budget
	recent    minFilter     // round trips of the last one or so
	samples   int           // in its newest half
	lossBase  float64       // share of packets that the path loses whatever we send

	drainFrom time.Duration // the longest queue while draining
	drainedBy time.Duration // when that ought to be gone
	deep      bool          // drain more, to be sure of the path's own round trip
	doubtful  time.Duration // until then the path's own round trip may be shorter than we think
}

// deliveryRound is one round trip, or as long as minRound packets take: it ends with the acknowledgement of a
// packet that was sent after it began.
type deliveryRound struct {
	end       uint64        // the first packet sent in it
	at        time.Duration // when that arrived which began it
	sentAt    time.Duration // and when it had been sent
	delivered uint64        // congestion.delivered then
	acked     int           // packets, since
	lost      int           // packets, since
	lostBytes int
}

// news is what an acknowledgement told.
type news struct {
	arrived time.Duration // when the newest packet reached the peer, by our clock, and half a round trip later
	acked   int           // bytes that are new
	largest uint64        // the newest packet acknowledged
	next    uint64        // the next packet to be sent
	trip    time.Duration // smoothed round trip, and how long the peer may hold an acknowledgement back
}

func newCongestion(ceiling int) congestion {
	g := congestion{ceiling: float64(ceiling), record: MaxDatagram, sentAt: -1, limitedAt: -1, wantedAt: -1, gain: 1 + probeGain}
	g.floor = min(rateFloor, g.ceiling)
	g.pace = min(initialWindow/initialRTT.Seconds(), g.ceiling)
	return g
}

// bandwidth returns what the path is taken to deliver, in bytes per second.
func (g *congestion) bandwidth() float64 {
	if b := max(g.best[0], g.best[1]); b > 0 {
		return b
	}
	return g.pace
}

// queue returns how long records wait on the path: the round trips of late, less the path's own, and less
// the time that a record takes to pass itself.
func (g *congestion) queue(r *rttState) time.Duration {
	return max(0, g.recent.least()-r.min-g.own())
}

// own returns the time that a record takes to pass.
func (g *congestion) own() time.Duration {
	return time.Duration(float64(g.record) / max(g.bandwidth(), g.floor) * float64(time.Second))
}

// limit returns the queue above which there is a jam. It is shorter for a session with a larger share, so that
// shares even out. What jitter may feign is left aside.
func (g *congestion) limit(r *rttState) time.Duration {
	return minQueue + r.jitter + time.Duration(g.claim()*float64(maxQueue))
}

// claim is how much of a queue a session may make, 1 for slow ones, less for those with a larger share.
func (g *congestion) claim() float64 { return math.Sqrt(min(1, slowPath/g.bandwidth())) }

// jammed reports whether the queue is too long.
func (g *congestion) jammed(r *rttState) bool { return g.queue(r) > g.limit(r) }

// window returns how many bytes may be in flight: twice what the path holds and more, so that neither jitter
// nor loss ever stops the flow, but a path that went silent gets no more.
func (g *congestion) window(r *rttState, peerDelay time.Duration) int {
	hold := 2*(r.rtt()+peerDelay) + g.limit(r)
	return initialWindow + int(max(g.bandwidth(), g.pace)*hold.Seconds())
}

// onSent notes packet pn. When nothing else is in flight, and the application was why, the time before it does not count. (The
// rate itself may be so low that never more than one record is in flight.)
func (g *congestion) onSent(now time.Duration, pn uint64, alone bool) {
	if alone && g.limitedAt >= g.sentAt {
		g.recent = minFilter{}
		g.newestAt = now
		g.begin(now, pn)
	}
	g.sentAt = now
}

// afterSilence leaves a time out of the measurements in which nothing came through, whatever was sent.
func (g *congestion) afterSilence(now time.Duration, pn uint64) {
	g.recent = minFilter{}
	g.begin(now, pn)
}

// idle notes that there was nothing to send though more was allowed.
func (g *congestion) idle(now time.Duration) { g.limitedAt = now }

// wanted notes that the application would have sent more.
func (g *congestion) wanted(now time.Duration) { g.wantedAt = now }

// limited reports whether the application, not the rate, limited what this round measures.
func (g *congestion) limited() bool {
	return g.limitedAt >= g.round.sentAt && g.wantedAt < g.round.sentAt
}

// onAcked counts a packet that arrived.
func (g *congestion) onAcked(p *sentPacket) {
	g.delivered += uint64(p.size)
	g.newestAt = max(g.newestAt, p.at)
	g.round.acked++
}

// onLost counts a packet that was lost.
func (g *congestion) onLost(p *sentPacket) {
	g.round.lost++
	g.round.lostBytes += int(p.size)
}

// onSample takes a round trip. Those of the last one or so are kept, a few at least: more where they differ by more than a
// record before them explains, since the least of few is larger than that of many, and a session that sends less has fewer.
func (g *congestion) onSample(now time.Duration, r *rttState) {
	span := r.rtt() / 2
	if g.samples < minSamples || g.samples < jitterSamples && r.jitter > g.own() {
		span = minRTTSpan
	}
	if g.samples++; g.recent.add(now, r.latest, span) {
		g.samples = 1
	}
}

// onAck takes an acknowledgement, after onAcked, onLost and onSample, and sets the pace.
func (g *congestion) onAck(now time.Duration, n news, r *rttState) {
	limited := g.limited()
	g.watch(now, n, limited, r)
	if n.largest >= g.round.end && g.round.acked+g.round.lost >= minRound {
		g.conclude(now, n.arrived, limited, r)
		g.begin(n.arrived, n.next)
	}
	g.setPace(now, r)
}

// begin starts a round.
func (g *congestion) begin(at time.Duration, next uint64) {
	g.round = deliveryRound{end: next, at: at, sentAt: g.newestAt, delivered: g.delivered}
}

// rate returns what was delivered per second until now in the round; what comes in a bunch must not look
// faster than it was sent (draft-cheng-iccrg-delivery-rate-estimation). Losses that the path has
// anyway are made up for, else each would make the next round slower.
func (g *congestion) rate(now time.Duration) float64 {
	took := max(now-g.round.at, g.newestAt-g.round.sentAt, granularity)
	acked, lost := float64(g.delivered-g.round.delivered), float64(g.round.lostBytes)
	return (acked + min(lost, min(2*g.lossBase, maxLossBase)*(acked+lost))) / took.Seconds()
}
