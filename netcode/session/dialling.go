package session

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/halftick/halftick/netcode/secure"
)

// The client's side of the handshake.
//
//	dialing:    QUERY -> INFO when the server's key is not known, then INIT -> ACCEPT, after a RETRY with its cookie
//	confirming: CONFIRM, the ticket in front of every record, until the server's first record came
//
//	            a REFUSE where there is no room any more, or the token was used meanwhile
//
// Only an ACCEPT and a REFUSE, which the holder of the server's key alone can make, move a dial on or end it. What
// anybody can write, VERSION and INFO, is a hint: who forges it can delay a dial to a server whose key is not pinned.

// DialOptions are what a client knows of the server beforehand.
type DialOptions struct {
	// ServerKey is the server's public key; nobody else can answer. When it is zero the server is asked for its key
	// first, which takes a round trip and trusts whoever answers: see Conn.ServerKey.
	ServerKey [32]byte

	// LastKey is a key that was learned before, when ServerKey is zero. The server is asked for its key only when nobody
	// answers to this one.
	LastKey [32]byte

	// Token is what a backend gave the client to be let in, of at most secure.MaxToken bytes. It is encrypted for
	// the server, and copied.
	Token []byte

	// Resume is a ticket that the server's Conn.AppendResume made for a session which this client, by its Config.Key, had: the new
	// session takes its place. One that is no good any more is as none. Any other size than secure.ResumeSize is refused.
	Resume []byte
}

// dialState is what a client knows while it dials.
type dialState struct {
	id       uint64
	opt      DialOptions
	learned  bool          // the key came from an INFO
	again    time.Duration // when the next QUERY or INIT leaves
	interval time.Duration
	until    time.Duration // when it gives up
	firstAt  time.Duration // when the first INIT left
	attempts int           // INITs sent with the present key
	shake    *secure.Initiator
	ticket   []byte
	refuse   secure.RefuseKey // of the answer that there is no session for the ticket
	version  uint8            // that the server speaks, if somebody said so
	stranger [32]byte         // the key of a server that is not the one dialled, likewise
}

// Dial starts a session with the server at to, whose key is not known. An Opened or a Closed event follows.
func (e *Endpoint) Dial(now time.Duration, to Path) (*Conn, error) {
	return e.DialWith(now, to, DialOptions{})
}

// DialWith starts a session with the server at to. An Opened or a Closed event follows.
func (e *Endpoint) DialWith(now time.Duration, to Path, opt DialOptions) (*Conn, error) {
	if len(opt.Token) > secure.MaxToken {
		return nil, fmt.Errorf("session: a token of %d bytes: want at most %d", len(opt.Token), secure.MaxToken)
	}
	if n := len(opt.Resume); n != 0 && n != secure.ResumeSize {
		return nil, fmt.Errorf("session: a ticket of %d bytes to resume: want %d", n, secure.ResumeSize)
	}
	if !e.vacate(to) {
		return nil, errors.New("session: there is a session to " + to.String() + " already")
	}
	learned := opt.ServerKey == [32]byte{} && opt.LastKey != [32]byte{}
	if learned {
		opt.ServerKey = opt.LastKey
	}
	opt.Token, opt.Resume = bytes.Clone(opt.Token), bytes.Clone(opt.Resume)
	c := newConn(e, now, to, toServer)
	c.dial = dialState{id: e.random.Uint64(), opt: opt, learned: learned, again: now, interval: initInterval, until: now + e.cfg.DialTimeout}
	e.remember(c)
	c.markReady()
	e.schedule(c)
	return c, nil
}

// transmitInit writes an INIT, or a QUERY for the server's key, when one is due.
func (c *Conn) transmitInit(now time.Duration, buf []byte) int {
	d := &c.dial
	if now < d.again {
		return 0
	}
	d.again = now + d.interval
	d.interval = min(2*d.interval, maxInitInterval)
	n := 0
	if d.opt.ServerKey == [32]byte{} || d.attempts%askAgain == askAgain-1 {
		n = len(secure.AppendQuery(buf[:0], d.id))
		d.attempts += min(d.attempts, 1)
	} else if n = c.writeInit(now, buf); n == 0 {
		return 0
	}
	c.stats.PacketsSent++
	c.stats.BytesSent += uint64(n)
	return n
}

// writeInit writes the INIT. It is made once; the same bytes are sent again.
func (c *Conn) writeInit(now time.Duration, buf []byte) int {
	d := &c.dial
	if d.shake == nil {
		hello := c.ep.hello()
		hello.Token, hello.Resume = d.opt.Token, d.opt.Resume
		shake, err := secure.NewInitiator(c.ep.own, d.opt.ServerKey, d.id, c.ep.keys.Key(), hello)
		if err != nil { // the key is none that anybody can have
			c.finish(now, &CloseError{Code: CloseNoAnswer, Reason: err.Error()})
			return 0
		}
		d.shake, d.firstAt = shake, now
	}
	d.attempts++
	return copy(buf, d.shake.Packet())
}

// hello is what a client says of itself, but for its token.
func (e *Endpoint) hello() secure.Hello {
	return secure.Hello{Suites: e.suites, App: e.app, Schema: e.cfg.Schema, Datagram: MaxRecordSize, AckDelay: uint8(e.cfg.AckDelay / time.Millisecond)}
}

// dialTo returns the dial under way to a path, nil when there is none.
func (e *Endpoint) dialTo(p Path) *Conn {
	if c := e.byPath[p]; c != nil && c.state == dialing {
		return c
	}
	return nil
}

// learnKey takes the key that a server says it has.
func (c *Conn) learnKey(now time.Duration, i *secure.Info) {
	d := &c.dial
	switch {
	case d.opt.ServerKey == i.Key:
		return
	case d.opt.ServerKey != [32]byte{} && !d.learned:
		d.stranger = i.Key // for the error; the one that was dialled may answer yet
		return
	}
	if i.Lowest > secure.Version || i.Highest < secure.Version {
		d.version = i.Highest
	}
	d.opt.ServerKey, d.learned = i.Key, true
	d.shake, d.attempts, d.again, d.interval = nil, 0, now, initInterval
	c.markReady()
	c.ep.schedule(c)
}

// onRetry takes the answer of a server under load.
func (e *Endpoint) onRetry(now time.Duration, from Path, b []byte) {
	c := e.byPath[from]
	switch {
	case c != nil && c.state == established && c.restart.shake != nil && c.restart.shake.Retry(b):
		c.restart.at = now
		c.markReady()
		return
	case c == nil || c.state != dialing || c.dial.shake == nil || !c.dial.shake.Retry(b):
		e.drop(DropBadAccept)
		return
	}
	c.dial.again = now
	c.markReady()
	e.schedule(c)
}

// onVersion takes somebody's word that the server speaks other versions. It is the reason that is given when the
// dial gets no answer.
func (e *Endpoint) onVersion(from Path, b []byte) {
	c := e.dialTo(from)
	_, highest, id, ok := secure.ParseVersion(b)
	if !ok || c == nil || id != c.dial.id {
		e.drop(DropBadAccept)
		return
	}
	c.dial.version = highest
}

// unanswered is why a dial failed to which there was no authentic answer.
func (d *dialState) unanswered() *CloseError {
	if d.version != 0 {
		return &CloseError{Code: CloseRefused, Remote: true, Refusal: RefusedVersion, Local: secure.Version, Peer: uint64(d.version)}
	}
	return &CloseError{Code: CloseNoAnswer, Key: d.stranger}
}

// onAccept takes a server's answer to one of our dials.
func (e *Endpoint) onAccept(now time.Duration, from Path, b []byte) {
	c := e.byPath[from]
	if c != nil && c.state == established && c.restartAnswered(now, b) {
		return
	}
	if c == nil || c.state != dialing || c.dial.shake == nil {
		e.drop(DropBadAccept)
		return
	}
	d := &c.dial
	a, secrets, ticket, ok := d.shake.Accept(b)
	if !ok {
		e.drop(DropBadAccept)
		return
	}
	if a.Status != 0 {
		c.finish(now, &CloseError{Code: CloseRefused, Remote: true, Refusal: Refusal(a.Status), Local: e.cfg.Schema, Peer: a.Schema})
		return
	}
	c.id, c.boot, c.peerKey = a.Session, a.Boot, d.opt.ServerKey
	c.key = newRecordKeys(secrets, toServer, now, e.updateEvery)
	c.peerDelay, c.peerMost = min(maxAckDelay, time.Duration(a.AckDelay)*time.Millisecond), a.Datagram
	if d.attempts == 1 {
		c.rtt.update(now, now-d.firstAt, 0) // unambiguous: only one INIT was sent
	}
	d.shake, d.ticket, d.refuse, d.opt.Token, d.opt.Resume = nil, ticket, secrets.RefuseKey(), nil, nil
	c.state = confirming
	c.heardAt = now
	c.markReady()
	e.schedule(c)
}

// onRefuse takes a server's word that it has no session for our ticket. Once there was a record of the session it is too late for
// that: the ticket was used, which is how a repeated CONFIRM may be answered.
func (e *Endpoint) onRefuse(now time.Duration, from Path, b []byte) {
	c := e.byPath[from]
	if c == nil || c.dir != toServer || c.state != confirming {
		e.drop(DropBadAccept)
		return
	}
	reason, ok := secure.ParseRefuse(b, c.dial.refuse, c.id)
	if !ok {
		e.drop(DropBadAccept)
		return
	}
	c.finish(now, &CloseError{Code: CloseRefused, Remote: true, Refusal: Refusal(reason)})
}

// appendConfirm writes the CONFIRM that goes before each record until the server has answered one.
func (c *Conn) appendConfirm(buf []byte) int {
	return len(secure.AppendConfirm(buf[:0], c.dial.ticket))
}
