package session

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/halftick/halftick/netcode/secure"
)

// Endpoint is one socket's worth of sessions. It may dial, and accept once Listen was called.
type Endpoint struct {
	cfg       Config
	app       uint64
	order     schedule
	reliable  uint16 // the reliable channels, a bit each
	own       *secure.Identity
	boot      uint64
	formers   []uint64 // earlier starts
	suites    secure.Suite
	keys      *secure.Random // what is secret is drawn from it
	random    *rand.ChaCha8  // what only has to be unpredictable
	listening bool
	closing   bool

	gate        *secure.Gate
	tickets     *secure.Tickets
	cookies     *secure.Cookies
	spent       spentTable
	proved      rateTable // handshakes of addresses that brought a cookie
	errors      rateTable // answers that prove nothing
	errorsNext  time.Duration
	shakes      fifo[*Handshake]
	shaking     int // handshakes that are worked on
	idleShakes  []*Handshake
	offloaded   bool // the driver works on handshakes
	loadedUntil time.Duration
	info        ServerInfo
	queries     []query
	seeking     search
	asking      *About          // nil when no description is asked for
	packed      []byte          // our own description, once somebody has asked
	resumer     *secure.Resumer // nil when nothing can be resumed
	lost        map[uint32]left // sessions that may be resumed, by id
	unprobed    [WT + 1]bool    // carriers on which records stay at MaxDatagram
	updateEvery uint64          // packets per key, for tests; 0: as package secure does

	byID     map[uint32]*Conn // sessions we accepted
	byPath   map[Path]*Conn   // by each path that a session may travel
	byUser   map[uint64]*Conn // sessions we accepted and that are not over, by Grant.User
	conns    []*Conn          // every session that is not forgotten, at its index
	accepted int              // sessions we accepted and that are not over
	networks networks         // sessions we accepted and have not forgotten

	now        time.Duration // of the latest Receive, Advance or Transmit
	timers     timers
	ready      []*Conn
	events     eventQueue
	borrowed   []byte // Data of the event the application holds
	replies    []reply
	replyBuf   [secure.MaxReply]byte
	plain      [MaxRecordSize]byte // the record that was opened last
	addressBuf []byte
	buffers    buffers
	tidyAt     time.Duration
	writer     recordWriter
	stats      EndpointStats
}

// reply is a handshake answer for which nothing else is stored.
type reply struct {
	to   Path
	size int
	data [secure.MaxReply]byte
}

// NewEndpoint returns an endpoint, or what is wrong with the configuration.
func NewEndpoint(cfg Config) (*Endpoint, error) {
	cfg, err := cfg.resolve()
	if err != nil {
		return nil, err
	}
	own, err := secure.NewIdentity(cmp.Or(cfg.Key, secure.Derive(cfg.Secret, "halftick identity")))
	if err != nil {
		return nil, err
	}
	keys := secure.NewRandom(secure.Derive(cfg.Secret, "halftick keys"))
	random := rand.NewChaCha8(secure.Derive(cfg.Secret, "halftick numbers"))
	cfg.Secret, cfg.Key = [32]byte{}, [32]byte{} // what they led to in the past cannot be found out from memory
	var resumer *secure.Resumer
	if cfg.ResumeFor > 0 {
		resumer = secure.NewResumer(own)
	}
	return &Endpoint{
		resumer: resumer,
		cfg:     cfg, app: cfg.appID(), order: newSchedule(cfg.Channels), reliable: reliableOf(cfg.Channels),
		own: own, boot: random.Uint64(), formers: boots(cfg.Former), suites: secure.Supported(), keys: keys, random: random,
		gate: secure.NewGate(own.Public()), tickets: secure.NewTickets(keys), cookies: secure.NewCookies(keys),
		proved: newRateTable(provedRate, provedBurst, maxProved),
		errors: newRateTable(errorRate, errorRate, maxErrorSenders),
		byID:   make(map[uint32]*Conn),
		byUser: make(map[uint64]*Conn),
		byPath: make(map[Path]*Conn),
		writer: recordWriter{refs: make([]sentRef, 0, 64)},
	}, nil
}

// PublicKey returns the endpoint's public key: what clients pin, or a backend signs into a token.
func (e *Endpoint) PublicKey() [32]byte { return e.own.Public() }

// Listen sets whether handshakes of new clients are answered.
func (e *Endpoint) Listen(on bool) { e.listening = on }

// Receive takes a datagram that arrived from a path. b is borrowed until Receive returns.
func (e *Endpoint) Receive(now time.Duration, from Path, b []byte) {
	e.now = now
	if e.cfg.Former != nil {
		e.adopt(now)
	}
	e.stats.PacketsReceived++
	e.stats.BytesReceived += uint64(len(b))
	switch {
	case len(b) < 4:
		e.drop(DropShort)
	case len(b) > MaxRecordSize:
		e.drop(DropOversize)
	case b[0]&flagsMask == flagsFixed:
		e.onRecord(now, from, b)
	default:
		e.onHandshake(now, from, b)
	}
}

// onHandshake takes a datagram of the handshake.
func (e *Endpoint) onHandshake(now time.Duration, from Path, b []byte) {
	switch b[0] {
	case secure.TypeInit:
		e.onInit(now, from, b)
	case secure.TypeRetry:
		e.onRetry(now, from, b)
	case secure.TypeAccept:
		e.onAccept(now, from, b)
	case secure.TypeConfirm:
		e.onConfirm(now, from, b)
	case secure.TypeRefuse:
		e.onRefuse(now, from, b)
	case secure.TypeVersion:
		e.onVersion(from, b)
	case secure.TypeQuery:
		e.onQuery(now, from, b)
	case secure.TypeInfo:
		e.onInfo(now, from, b)
	case secure.TypeAsk:
		e.onAsk(now, from, b)
	case secure.TypeAbout:
		e.onAbout(now, from, b)
	default:
		e.drop(DropType)
	}
}

// onRecord finds the session of a record: by its id here, by the server's address at a client.
func (e *Endpoint) onRecord(now time.Duration, from Path, b []byte) {
	h, ok := parseHeader(b)
	if !ok {
		e.drop(DropShort)
		return
	}
	c := e.byPath[from]
	if h.dir == toServer {
		c = e.byID[h.id]
	}
	if c == nil || c.dir == h.dir || c.state == dialing {
		e.drop(DropNoSession)
		return
	}
	c.receive(now, from, h, b)
}

// Transmit writes the next datagram into buf, which has a length of at least MaxRecordSize, and returns
// its size and where it goes; n is 0 when there is nothing more to send now. The last CLOSE of a
// session makes its Closed event, so look for events afterwards.
func (e *Endpoint) Transmit(now time.Duration, buf []byte) (n int, to Path) {
	e.now = now
	if !e.offloaded && len(e.replies) == 0 {
		if h, ok := e.nextHandshake(now); ok {
			h.Run()
			e.Answer(now, h)
		}
	}
	if len(e.replies) > 0 {
		r := &e.replies[len(e.replies)-1]
		n, to = copy(buf, r.data[:r.size]), r.to
		e.replies = e.replies[:len(e.replies)-1]
		return e.count(n), to
	}
	if n, to := e.transmitQuery(now, buf); n > 0 {
		return e.count(n), to
	}
	if n, to := e.transmitSearch(buf); n > 0 {
		return e.count(n), to
	}
	if n, to := e.transmitAsk(now, buf); n > 0 {
		return e.count(n), to
	}
	for len(e.ready) > 0 {
		last := len(e.ready) - 1
		c := e.ready[last]
		if n, to := c.transmit(now, buf); n > 0 {
			return e.count(n), to
		}
		e.ready[last] = nil
		e.ready = e.ready[:last]
		c.ready = false
		e.schedule(c)
	}
	return 0, Path{}
}

func (e *Endpoint) count(n int) int {
	e.stats.PacketsSent++
	e.stats.BytesSent += uint64(n)
	return n
}

// Advance runs the timers that are due.
func (e *Endpoint) Advance(now time.Duration) {
	e.now = now
	if e.cfg.Former != nil {
		e.adopt(now)
	}
	e.tidy(now)
	e.tickets.Expire(now)
	e.spent.expire(now)
	e.advanceQueries(now)
	e.advanceAsk(now)
	for len(e.timers) > 0 && e.timers[0].at <= now {
		c := e.timers[0].conn
		e.timers.set(c, 0, false)
		c.advance(now)
		if !c.ready && c.timer < 0 {
			e.schedule(c)
		}
	}
}

// NextTimeout returns when Advance must be called next, if at all. The answer may change with every
// other call.
func (e *Endpoint) NextTimeout() (at time.Duration, ok bool) {
	if e.cfg.Former != nil {
		return e.now, true // see adopt
	}
	at, ok = e.tickets.NextExpiry()
	if t, some := e.queryDeadline(); some && (!ok || t < at) {
		at, ok = t, true
	}
	if len(e.timers) > 0 && (!ok || e.timers[0].at < at) {
		at, ok = e.timers[0].at, true
	}
	if e.buffers.any() && (!ok || e.tidyAt < at) {
		at, ok = e.tidyAt, true
	}
	return at, ok
}

// Event returns the next event, and false when there is none.
func (e *Endpoint) Event() (ev Event, ok bool) {
	if e.borrowed != nil {
		e.buffers.put(e.borrowed)
		e.borrowed = nil
	}
	ev, ok = e.events.pop()
	if ok && ev.Conn != nil {
		ev.Conn.pendingEvents--
		ev.Conn.pendingBytes -= len(ev.Data)
		e.borrowed = ev.Data
	}
	return ev, ok
}

// Shutdown closes every session with a reason and answers new handshakes with a refusal. It is done
// when Stats().Sessions is 0.
func (e *Endpoint) Shutdown(now time.Duration, reason string) {
	e.closing = true
	for _, c := range e.sessions() {
		c.Close(now, CloseShutdown, reason)
	}
}

// Abandon tells that all carriers have ended, and with them every session, without a word to the peers.
// One that was closing ends with its own reason.
func (e *Endpoint) Abandon(now time.Duration) {
	e.closing = true
	for _, c := range e.sessions() {
		c.finish(now, cmp.Or(c.closeErr, &CloseError{Code: CloseCarrier}))
	}
}

// sessions returns every session, in a copy that survives their ends.
func (e *Endpoint) sessions() []*Conn { return slices.Clone(e.conns) }

// Stats returns the state of the endpoint.
func (e *Endpoint) Stats() EndpointStats { return e.stats }

func (e *Endpoint) drop(why DropReason) { e.stats.Drops[why]++ }

// reply queues a handshake answer. When too many wait it is not sent; the client will ask again.
func (e *Endpoint) reply(to Path, b []byte) {
	if len(e.replies) >= maxReplies {
		e.drop(DropReplies)
		return
	}
	e.replies = append(e.replies, reply{to: to, size: len(b)})
	copy(e.replies[len(e.replies)-1].data[:], b)
}

// freeID returns a session id that is not in use.
func (e *Endpoint) freeID() uint32 {
	for {
		id := uint32(e.random.Uint64())
		if _, lost := e.lost[id]; id != 0 && e.byID[id] == nil && !lost {
			return id
		}
	}
}

// schedule sets the session's timer to its next deadline.
func (e *Endpoint) schedule(c *Conn) {
	if c.index < 0 {
		e.timers.set(c, 0, false)
		return
	}
	at, ok := c.deadline()
	e.timers.set(c, at, ok)
}

// remember adds a session, on its path.
func (e *Endpoint) remember(c *Conn) {
	if c.dir == toClient {
		e.networks.enter(c.path)
	}
	c.index = len(e.conns)
	e.conns = append(e.conns, c)
	e.byPath[c.path] = c
}

// finished counts the end of a session.
func (e *Endpoint) finished(c *Conn) {
	if c.opened {
		e.stats.Sessions--
		e.stats.Closed++
	} else if c.dir == toServer {
		e.stats.Failed++
	}
	if c.dir == toClient {
		e.accepted--
	}
	if e.byUser[c.user] == c {
		delete(e.byUser, c.user)
	}
}

// forget drops a session that is over.
func (e *Endpoint) forget(c *Conn) {
	if c.index < 0 {
		return
	}
	c.leaveAll()
	if c.dir == toClient {
		e.networks.leave(c.path)
		delete(e.byID, c.id)
	}
	e.timers.set(c, 0, false)
	last := len(e.conns) - 1
	e.conns[c.index] = e.conns[last]
	e.conns[c.index].index = c.index
	e.conns[last] = nil
	e.conns = e.conns[:last]
	c.index = -1
}

// Channels returns the number of channels of each session.
func (e *Endpoint) Channels() int { return len(e.cfg.Channels) }

// Kind returns what a channel promises; the channel must exist.
func (e *Endpoint) Kind(channel int) ChannelKind { return e.cfg.Channels[channel].Kind }
