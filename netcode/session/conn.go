package session

import (
	"time"
)

// connState is where a session is in its life.
//
//	client: dialing --ACCEPT--> confirming --first record--> established
//	server:                     (CONFIRM) confirming ------> established
//	established --Close--> lingering --all acknowledged, or Linger--> closing --3 CLOSE--> over
//	any state --CLOSE received, timeout, carrier gone------------------------------------> over
type connState uint8

const (
	dialing connState = iota
	confirming
	established
	lingering
	closing
	over
)

// Conn is one session. It belongs to its Endpoint and shares its rule of concurrency.
type Conn struct {
	ep    *Endpoint
	path  Path      // in use; see roam.go
	dir   direction // of what we send
	state connState
	id    uint32      // chosen by the server; names the session in records to it
	key   *recordKeys // nil while dialling

	peerKey [32]byte
	boot    uint64 // at a client: the server's
	user    uint64
	claims  []byte
	resumes uint32 // at a server: the session before this one

	dial      dialState
	opened    bool // Opened was told
	index     int  // in Endpoint.conns, -1 once forgotten
	blocked   bool // the carrier takes nothing now, or has ended
	ready     bool // in the endpoint's list of those with something to send
	held      bool // the rate keeps back what may wait
	full      bool // what is in flight does
	closeErr  *CloseError
	timer     int // index in timers, -1 when absent
	owner     any
	peerDelay time.Duration // how long the peer may hold an acknowledgement back
	peerMost  uint16        // bytes of the largest record that it takes

	rtt     rttState
	acks    ackState
	sent    sentState
	loss    lossState
	weather weather
	flow    congestion
	pacer   pacerState
	roam    roaming
	silence stallState
	mtu     mtuState
	restart restartProbe
	hold    holding

	out      []outbound
	turns    turns
	in       []inbound
	partials partials
	receipts receipts

	ping          bool
	probing       bool          // what a probe sends again has not left
	ackOnly       int           // records in a row that only acknowledged
	heardAt       time.Duration // when the last record came
	spokeAt       time.Duration // when the last record that elicits an ack left
	lingerUntil   time.Duration
	closeAt       time.Duration // when the next CLOSE leaves; when over: when the session is forgotten
	closeLeft     int
	excused       bool // the driver called late, see excuse
	pendingEvents int
	pendingBytes  int
	sentAt        time.Duration // when the last record left
	skipAt        uint64        // the number that is left out next
	carriedAt     time.Duration // when a record last carried a message, either way
	untidy        bool          // rings may have grown since idle gave them back
	stats         Stats
}

// outbound is the sending half of a channel; which member is used depends on its kind.
type outbound struct {
	reliable   reliableOut
	unreliable unreliableOut
}

// inbound is the receiving half of a channel.
type inbound struct {
	reliable  reliableIn
	sequenced sequencedIn
	decoder   *decoder // nil until a coded frame comes
	latest    latestIn
}

func newConn(ep *Endpoint, now time.Duration, path Path, dir direction) *Conn {
	c := &Conn{
		ep: ep, path: path, dir: dir, timer: -1, index: -1,
		peerDelay: defaultAckDelay,
		out:       make([]outbound, len(ep.cfg.Channels)),
		in:        make([]inbound, len(ep.cfg.Channels)),
		turns:     newTurns(&ep.order, len(ep.cfg.Channels)),
		heardAt:   now, spokeAt: now,
		skipAt: ep.nextSkip(0, 0),
	}
	c.startFlow(now)
	return c
}

// ID names the session on this server for as long as it lives; 0 before a dial is accepted.
func (c *Conn) ID() uint32 { return c.id }

// Path returns where the session's records travel now.
func (c *Conn) Path() Path { return c.path }

// Opened reports whether the session is established and not over.
func (c *Conn) Opened() bool { return c.opened && c.state != over }

// Err returns why the session ended, a *CloseError, or nil while it has not.
func (c *Conn) Err() error {
	if c.state != over || c.closeErr == nil {
		return nil
	}
	return c.closeErr
}

// SetOwner attaches a value of the application's to the session.
func (c *Conn) SetOwner(v any) { c.owner = v }

// Owner returns what SetOwner attached.
func (c *Conn) Owner() any { return c.owner }

// Send queues a message of up to the channel's MaxMessage bytes; b is copied. It leaves with the next
// datagrams, many messages in one, in the order of Send on its channel. Messages may be sent while
// a dial is under way. On a ReliableLatest channel it is SendKeyed with key 0. Errors: ErrQueueFull,
// ErrTooLarge, ErrNoChannel, and a *CloseError (ErrClosed) once Close was called or the session ended.
func (c *Conn) Send(now time.Duration, channel int, b []byte) error {
	return c.send(now, channel, waitingMessage{data: b, queuedAt: now})
}

// SendReceipt is Send, followed one day by exactly one event with the token: Acked when the peer has
// the message, or Lost when it was dropped unsent, replaced by a newer value of its key, declared lost
// (unreliable kinds only), or unacknowledged when the session ended. A lost one may still arrive.
func (c *Conn) SendReceipt(now time.Duration, channel int, b []byte, token uint64) error {
	return c.send(now, channel, waitingMessage{data: b, queuedAt: now, receipt: true, token: token})
}

// SendKeyed is Send of a value of a key, on a ReliableLatest channel; on others it fails with ErrNoKeys.
// The value takes the place of the one that is not acknowledged yet. ErrQueueFull is also returned for a
// new key when 4096 others are in use, or were within some 2000 packets.
func (c *Conn) SendKeyed(now time.Duration, channel int, key uint64, b []byte) error {
	return c.sendKeyed(now, channel, waitingMessage{data: b, key: key, queuedAt: now})
}

// SendKeyedReceipt is SendKeyed with a receipt, as SendReceipt is Send.
func (c *Conn) SendKeyedReceipt(now time.Duration, channel int, key uint64, b []byte, token uint64) error {
	return c.sendKeyed(now, channel, waitingMessage{data: b, key: key, queuedAt: now, receipt: true, token: token})
}

func (c *Conn) sendKeyed(now time.Duration, channel int, m waitingMessage) error {
	if channel >= 0 && channel < len(c.out) && c.ep.cfg.Channels[channel].Kind != ReliableLatest {
		return ErrNoKeys
	}
	return c.send(now, channel, m)
}

// send queues a message, of which it copies the data.
func (c *Conn) send(now time.Duration, channel int, m waitingMessage) error {
	switch {
	case c.state >= lingering && c.closeErr != nil:
		return c.closeErr
	case channel < 0 || channel >= len(c.out):
		return ErrNoChannel
	case len(m.data) > c.ep.cfg.Channels[channel].MaxMessage:
		return ErrTooLarge
	}
	cfg, out := &c.ep.cfg.Channels[channel], &c.out[channel]
	if cfg.Kind.Reliable() {
		if err := c.sendReliable(now, &out.reliable, cfg, m); err != nil {
			return err
		}
		c.stats.ReliableSent++
	} else {
		c.makeRoom(cfg, &out.unreliable, len(m.data))
		var handle int32
		if m.receipt {
			handle = c.receipts.open(m.token)
		}
		out.unreliable.push(now, c.ep.buffers.copyOf(m.data), handle)
	}
	c.markReady()
	return nil
}

// sendReliable queues a message on a reliable channel.
func (c *Conn) sendReliable(now time.Duration, r *reliableOut, cfg *Channel, m waitingMessage) error {
	c.dropExpired(now, r, cfg)
	if cfg.Kind == ReliableLatest {
		err := c.sendLatest(r, cfg, m)
		r.refused = r.refused || err == ErrQueueFull
		return err
	}
	if r.bytes+len(m.data) > cfg.MaxQueue || r.queued() >= maxQueued {
		r.refused = true
		return ErrQueueFull
	}
	m.data = c.ep.buffers.copyOf(m.data)
	r.push(m)
	return nil
}

// makeRoom drops waiting messages for one of n bytes: all of them on a Sequenced channel, else the oldest as needed.
func (c *Conn) makeRoom(cfg *Channel, u *unreliableOut, n int) {
	for u.pending() && (cfg.Kind == Sequenced || u.bytes+n > cfg.MaxQueue || u.queue.len() >= maxUnreliable) {
		c.dropUnsent(u)
	}
}

// dropUnsent drops the oldest waiting message of an unreliable channel.
func (c *Conn) dropUnsent(u *unreliableOut) {
	m := u.pop()
	c.stats.Unsent++
	if m.receipt != 0 {
		parts := 1
		if m.fragment > 0 {
			parts = pieces(len(m.data), m.cut) - m.fragment
		}
		c.settleReceipt(m.receipt, parts, true)
	}
	c.ep.buffers.put(m.data)
}

// dropExpired drops the reliable messages that have waited past their deadline.
func (c *Conn) dropExpired(now time.Duration, r *reliableOut, cfg *Channel) {
	for r.expired(now, cfg.Deadline) {
		m := r.waiting.pop()
		r.bytes -= len(m.data)
		c.stats.Unsent++
		if r.latest != nil {
			r.latest.dropped(m.key)
		}
		c.giveUp(m.data, m.receipt, m.token)
	}
}

func (c *Conn) settleReceipt(handle int32, parts int, lost bool) {
	if kind, token := c.receipts.settle(handle, parts, lost); kind != 0 {
		c.tell(Event{Kind: kind, Conn: c, Token: token})
	}
}

// tell queues an event for the application.
func (c *Conn) tell(ev Event) {
	c.pendingEvents++
	c.pendingBytes += len(ev.Data)
	ev.At = c.ep.now
	c.ep.events.push(ev)
}

// Stats returns the state of the session.
func (c *Conn) Stats() Stats {
	s := c.stats
	s.RTT, s.MinRTT, s.Jitter = c.rtt.smoothed, c.rtt.min, c.rtt.jitter
	s.LossOut, s.LossIn = c.sent.lossOut, c.acks.lossIn
	s.PacketsLost, s.PacketsSpurious = c.sent.lost, c.sent.spurious
	s.InFlight, s.RecordSize = c.sent.bytes, c.mtu.size()
	s.Pace = c.pacer.rate
	if c.governed() {
		s.Bandwidth, s.Queue, s.AppLimited = c.flow.bandwidth(), c.flow.queue(&c.rtt), c.flow.limited()
		s.Window = c.flow.window(&c.rtt, c.peerDelay)
	}
	for i := range c.out {
		s.QueuedBytes += c.out[i].reliable.bytes + c.out[i].unreliable.bytes
		s.ReliableQueue += c.out[i].reliable.queued()
	}
	return s
}

// markReady puts the session on the endpoint's list of those that may have something to send.
func (c *Conn) markReady() {
	if !c.ready && (!c.blocked || c.roam.aside()) {
		c.ready = true
		c.ep.ready = append(c.ep.ready, c)
	}
}

// deadline returns the next time at which advance has something to do.
func (c *Conn) deadline() (at time.Duration, ok bool) {
	earliest := func(t time.Duration) {
		if !ok || t < at {
			at, ok = t, true
		}
	}
	switch c.state {
	case over:
		return c.closeAt, true
	case dialing:
		if c.blocked {
			return c.dial.until, true
		}
		return min(c.dial.again, c.dial.until), true
	case closing:
		if c.blocked {
			return c.closeAt + drainTime, true
		}
		return c.closeAt, true
	case confirming:
		earliest(c.dial.until)
	case lingering:
		earliest(c.lingerUntil)
	}
	earliest(c.heardAt + c.ep.cfg.IdleTimeout)
	if t, some := c.unreadAt(); some {
		earliest(t)
	}
	if t, some := c.stallAt(); some {
		earliest(t)
	}
	if t, some := c.probeDeadline(); some {
		earliest(t)
	}
	if c.blocked {
		return at, ok
	}
	if t, some := c.keepAliveAt(); some {
		earliest(t)
	}
	if c.asksForRestart() {
		earliest(c.restart.at)
	}
	if c.acks.due {
		earliest(c.acks.dueAt)
	}
	if !c.path.Carrier.Reliable() {
		if c.loss.timer {
			earliest(c.loss.timerAt)
		}
		if t, some := c.probeAt(); some {
			earliest(t)
		}
	}
	if c.held && c.pending() {
		earliest(c.pacer.readyAt())
	}
	if c.sent.farAhead() {
		at = max(at, c.sentAt+aheadEvery)
	}
	return at, ok
}

// pending reports whether a channel has something to send.
func (c *Conn) pending() bool {
	for i := range c.out {
		if c.hasNext(i) {
			return true
		}
	}
	return false
}

// advance does what is due at now.
func (c *Conn) advance(now time.Duration) {
	switch c.state {
	case over:
		if c.closeAt <= now {
			c.ep.forget(c)
		}
		return
	case dialing, confirming:
		if c.dial.until <= now {
			c.finish(now, c.dial.unanswered())
			return
		}
		if c.state == dialing {
			c.markReady()
			return
		}
	case lingering:
		if c.lingerUntil <= now || c.settled() {
			c.startClosing(now)
		}
	}
	if c.state == closing {
		if c.blocked && c.closeAt+drainTime <= now {
			c.finish(now, c.closeErr)
		}
		c.markReady()
		return
	}
	if c.heardAt+c.ep.cfg.IdleTimeout <= now {
		c.finish(now, &CloseError{Code: CloseTimeout})
		return
	}
	if at, some := c.unreadAt(); some && at <= now {
		c.Close(now, CloseUnread, "")
		return
	}
	c.advanceTimers(now)
}

// advanceTimers runs the timers of an established session: keep-alive, loss and probe.
func (c *Conn) advanceTimers(now time.Duration) {
	if at, some := c.stallAt(); some && at <= now {
		c.stall(now)
	}
	c.advanceProbe(now)
	if at, some := c.keepAliveAt(); some && at <= now {
		c.ping = true
		c.spokeAt = now
	}
	if !c.path.Carrier.Reliable() {
		c.excuse(now)
		if c.loss.timer && c.loss.timerAt <= now {
			c.detectLost(now)
		}
		if at, some := c.probeAt(); some && at <= now {
			c.probe(now)
		}
	}
	c.markReady()
}

// excuse puts off, once, what says that a record did not come when the driver calls late: then what came meanwhile may not
// have been read yet.
func (c *Conn) excuse(now time.Duration) {
	lost, silent := c.loss.timer && c.loss.timerAt+lateDriver < now, c.acks.due && c.acks.dueAt+lateDriver < now
	if c.excused = (lost || silent) && !c.excused; !c.excused {
		return
	}
	if lost {
		c.loss.timerAt = now + readTime
	}
	if silent {
		c.acks.dueAt = now + readTime
	}
}

// probeAt returns when a probe is due. While the server may not know the session, it is asked as
// steadily as a dial asks.
func (c *Conn) probeAt() (at time.Duration, ok bool) {
	most := maxPTOBackoff
	if c.unconfirmed() {
		most = maxInitInterval
	}
	return c.loss.probeAt(&c.sent, &c.rtt, c.patience(), most)
}

// lateAfter is how much later than expected a record may come before it is taken for lost; 0 where nothing is.
func (c *Conn) lateAfter() time.Duration {
	if c.path.Carrier.Reliable() {
		return 0
	}
	return c.loss.reorderWindow(c.rtt.rtt())
}

// patience is how long the peer may hold back an acknowledgement: for some beats when we send at a cadence (ack.go). Where
// packets are lost one by one the next acknowledgement is waited for as well.
func (c *Conn) patience() time.Duration {
	k := &c.sent.beat
	if !k.rapid() {
		return c.peerDelay
	}
	beats := mostAckBeats - 1
	if c.weather.lossy(c.ep.now) && !c.weather.outages() {
		beats = 2*ackEveryBeats - 1
	}
	return max(c.peerDelay, time.Duration(beats)*k.gap+c.loss.reorderWindow(c.rtt.rtt()))
}

// probe answers silence: everything small that is unacknowledged goes out once more, or a ping when
// there is nothing.
func (c *Conn) probe(now time.Duration) {
	c.loss.probes++
	c.loss.probedAt = now
	c.probing = true
	c.doubtSize()
	any := false
	for i := range c.out {
		if c.out[i].reliable.pending() && c.out[i].reliable.probe() {
			any = true
		}
	}
	if !any {
		c.ping = true
	}
}

// detectLost declares packets lost and queues again what they carried.
func (c *Conn) detectLost(now time.Duration) {
	c.loss.detect(now, &c.sent, &c.rtt, c.onMissing)
	c.leaveBlackHole(now)
	c.trim(now)
}

// trim forgets what is settled, but lost packets not before an acknowledgement that tells of them as late would have come: by two round trips, and by as much as
// a machine that has much to do may take to read.
func (c *Conn) trim(now time.Duration) { c.sent.trim(now - max(2*c.rtt.rtt(), lateMemory)) }

// onMissing takes the loss of a packet that the path lost.
func (c *Conn) onMissing(p *sentPacket, pn uint64) {
	c.sizeLost(c.ep.now, p)
	if p.sizing {
		return
	}
	c.flow.onLost(p)
	c.weather.lost(c.ep.now, pn, c.sent.before(pn))
	if c.weather.dark() {
		c.ping = true // at once, with all that may be missing
	}
	c.onLost(p, pn)
}

// onLost takes the fate of one lost packet to its messages.
func (c *Conn) onLost(p *sentPacket, pn uint64) {
	for i := p.firstRef; i < p.firstRef+uint64(p.refs); i++ {
		ref := c.sent.refs[i%uint64(len(c.sent.refs))]
		if c.ep.cfg.Channels[ref.channel].Kind.Reliable() {
			c.out[ref.channel].reliable.lost(ref, pn)
		} else if ref.of != 0 {
			c.settleReceipt(ref.of, 1, true)
		}
	}
	c.hold.lost(p.hold)
	c.markReady()
}
