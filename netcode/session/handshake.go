package session

import (
	"encoding/binary"
	"time"

	"github.com/halftick/halftick/netcode/secure"
)

// The server's side of the handshake. Nothing is stored for a client until its address is proved.
//
//	INIT     1. size, MAC1, version                               wrong: silence
//	         2. under load: a cookie for this address             none: RETRY, 0.04 of INIT
//	         3. then a bucket for the address                     empty: silence
//	         4. a place in the queue of handshakes                full: silence
//	         5. Noise, Config.Authorize (Handshake.Run)           forged: silence; refused: an ACCEPT that says why
//	         6. ACCEPT, 0.24 to 0.45 of INIT
//	CONFIRM  the ticket, then the record: admit.go           no room by now, or the token was used: REFUSE

// appendAddress writes what tickets and cookies are bound to.
func appendAddress(b []byte, p Path) []byte {
	b = append(b, byte(p.Carrier))
	ip := p.Addr.Addr().As16()
	b = append(b, ip[:]...)
	return binary.LittleEndian.AppendUint16(b, p.Addr.Port())
}

// address returns what tickets and cookies for a path are bound to, until the next call.
func (e *Endpoint) address(p Path) []byte {
	e.addressBuf = appendAddress(e.addressBuf[:0], p)
	return e.addressBuf
}

// loaded reports whether handshakes come faster than they are worked off, or did a moment ago.
func (e *Endpoint) loaded(now time.Duration) bool {
	if e.shakes.len()+e.shaking >= loadedHandshakes {
		e.loadedUntil = now + loadedFor
	}
	return now < e.loadedUntil
}

// onInit puts a client's INIT in the queue of handshakes, or answers it at once without storing anything.
func (e *Endpoint) onInit(now time.Duration, from Path, b []byte) {
	switch {
	case !e.listening:
		e.drop(DropNotListening)
		return
	case !e.gate.Check(b):
		e.drop(DropBadInit)
		return
	case b[1] != secure.Version:
		e.drop(DropVersion)
		if e.errorAllowed(now, from) {
			e.reply(from, secure.AppendVersion(e.replyBuf[:0], b))
		}
		return
	}
	if e.loaded(now) {
		if !e.cookies.Check(now, b, e.address(from)) {
			e.drop(DropNoCookie)
			e.reply(from, e.gate.AppendRetry(e.replyBuf[:0], b, e.cookies.Make(now, b, e.address(from))))
			return
		}
		// Not before the cookie: who can forge addresses could use up another's share.
		if !e.proved.take(now, prefixOf(from)) {
			e.drop(DropRate)
			return
		}
	}
	if e.shakes.len()+e.shaking >= maxHandshakes {
		e.drop(DropHandshakes)
		return
	}
	h := e.freeHandshake()
	h.from = from
	copy(h.init[:], b)
	e.shakes.push(h)
}

// Handshake is the answer to one client's INIT in the making: the part of a server's work that costs, some 0.5 ms. A
// driver that has a processor to spare calls
//
//	job, ok := ep.Handshake()   under its lock
//	job.Run()                   outside of it
//	ep.Answer(now, job)         under its lock
//
// From the first call of Endpoint.Handshake on, Transmit leaves this to it.
type Handshake struct {
	from      Path
	init      [secure.InitSize]byte
	own       *secure.Identity
	authorize func(client [32]byte, token []byte) (Grant, Refusal)
	suites    secure.Suite
	app       uint64
	refusal   Refusal // known before the INIT is read, or found by Run
	again     Refusal // found by Answer: to be run again with it
	resumer   *secure.Resumer
	formers   []uint64 // earlier starts of the server whose tickets are good
	noResume  bool     // found by Answer: there is nothing to resume, to be run again without
	params    secure.Accept
	ticket    secure.Ticket
	seal      secure.TicketKey
	seed      [32]byte
	now       time.Duration

	drop  DropReason
	reply []byte // the ACCEPT, nil when there is none
}

// Grant is what Config.Authorize gives a client that may come in.
type Grant struct {
	ID     [16]byte      // of the token: it lets in once, until Life has passed. Zero: there is nothing to be used once
	Life   time.Duration // what is left of the token's life, at most an hour
	User   uint64        // the player, of whom there is one session: a new one ends the old. Zero: nobody in particular
	Claims []byte        // for Conn.Claims, at most secure.MaxClaims bytes
}

// Handshake returns the next handshake to be worked on, if any.
func (e *Endpoint) Handshake(now time.Duration) (h *Handshake, ok bool) {
	e.offloaded = true
	return e.nextHandshake(now)
}

// Handshakes returns how many handshakes wait to be worked on.
func (e *Endpoint) Handshakes() int { return e.shakes.len() }

// nextHandshake takes the first from the queue and gives it what it needs of the endpoint.
func (e *Endpoint) nextHandshake(now time.Duration) (*Handshake, bool) {
	if e.shakes.len() == 0 {
		return nil, false
	}
	h := e.shakes.pop()
	e.shaking++
	h.own, h.authorize, h.suites, h.app, h.now = e.own, e.cfg.Authorize, e.suites, e.app, now
	h.refusal, h.again, h.resumer, h.formers = h.again, RefusedNot, e.resumer, e.formers
	switch {
	case h.refusal != RefusedNot:
	case e.closing:
		h.refusal = RefusedClosing
	default:
		h.refusal = e.full(h.from)
	}
	h.params = secure.Accept{AckDelay: uint8(e.cfg.AckDelay / time.Millisecond), Datagram: MaxRecordSize,
		Session: e.freeID(), Boot: e.boot, Schema: e.cfg.Schema}
	h.ticket = secure.Ticket{Session: h.params.Session, Issued: now, Spent: now + ticketAge}
	e.keys.Read(h.ticket.ID[:])
	h.seed, h.seal = e.keys.Key(), e.tickets.Key(now)
	return h, true
}

// Run does the work. It uses nothing of the endpoint but Config.Authorize, which it calls.
func (h *Handshake) Run() {
	h.reply = h.reply[:0]
	r, err := secure.ReadInit(h.own, h.init[:], h.seed)
	if err != nil {
		h.drop = DropBadInit
		return
	}
	if h.params.Suite = r.Choose(h.suites); h.params.Suite == 0 {
		h.drop = DropBadInit
		return
	}
	h.ticket.Client, h.ticket.AckDelay, h.ticket.Datagram = r.Client, r.AckDelay, r.Datagram
	h.decide(r)
	h.params.Status = uint8(h.refusal)
	reply, err := r.Answer(h.reply, h.params, h.seal, h.ticket, appendAddress(nil, h.from))
	if err != nil {
		h.drop = DropBadInit
		return
	}
	h.reply = reply
}

// decide finds out whether the client may come in.
func (h *Handshake) decide(r *secure.Responder) {
	switch {
	case h.refusal != RefusedNot:
	case r.App != h.app:
		h.refusal = RefusedApp
	case r.Schema != h.params.Schema:
		h.refusal = RefusedSchema
	case r.Probe:
		h.refusal = probeAnswered
	case h.readResume(r.Client, r.Resume): // whoever had a session was authorised for it
	case h.authorize != nil:
		var g Grant
		if g, h.refusal = h.authorize(r.Client, r.Token); h.refusal != RefusedNot {
			return
		}
		if len(g.Claims) > secure.MaxClaims {
			h.refusal = RefusedDenied
			return
		}
		h.ticket.User, h.ticket.Claims = g.User, g.Claims
		if g.ID != [16]byte{} {
			h.ticket.ID = g.ID
			h.ticket.Spent = h.now + max(ticketAge, min(g.Life, maxGrantLife))
		}
	}
}

// Answer takes a handshake back that was run, and sends its answer.
func (e *Endpoint) Answer(now time.Duration, h *Handshake) {
	e.now = now
	e.shaking--
	if len(h.reply) == 0 {
		e.drop(h.drop)
		e.putHandshake(h)
		return
	}
	if h.refusal == RefusedNot && e.spent.has(h.ticket.ID) {
		// The token was used. The answer is encrypted already, so that another one has to be made.
		h.again = RefusedDuplicate
		e.shakes.push(h)
		return
	}
	if h.refusal == RefusedNot && !e.mayResume(now, h) {
		h.noResume = true
		e.shakes.push(h)
		return
	}
	if h.refusal != RefusedNot && h.refusal != probeAnswered {
		e.drop(DropRefused)
		e.stats.Refused++
	}
	e.reply(h.from, h.reply)
	e.putHandshake(h)
}

// freeHandshake returns a handshake to be filled.
func (e *Endpoint) freeHandshake() *Handshake {
	if n := len(e.idleShakes); n > 0 {
		h := e.idleShakes[n-1]
		e.idleShakes = e.idleShakes[:n-1]
		return h
	}
	return &Handshake{reply: make([]byte, 0, secure.MaxReply)}
}

// putHandshake keeps a handshake for reuse, without what was secret in it.
func (e *Endpoint) putHandshake(h *Handshake) {
	*h = Handshake{reply: h.reply[:0]}
	e.idleShakes = append(e.idleShakes, h)
}
