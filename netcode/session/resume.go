package session

import (
	"slices"
	"time"

	"github.com/halftick/halftick/netcode/secure"
)

// How a client comes back to what it had when all that is left of its session is a ticket: its process ended, or it was silent for
// longer than the idle timeout.
//
//	server: Conn.AppendResume -> ticket, which the application brings to its client     anew every half minute
//	client: DialOptions.Resume -> in the INIT, encrypted, beside or in place of a token
//	server: is it ours, of this start, not older than resumeLife, this client's key?    no: as if there were none
//	        does the old session live, or was it lost less than ResumeFor ago?          no: likewise
//	        the user and claims of the old session; Config.Authorize is not asked
//	        CONFIRM: the old session, if it lives, ends with CloseReplaced; Conn.Resumes names it
//
// Nothing in it opens without the client's private key, so that a stolen ticket is of no use, and the same client may use one again:
// the newest session wins. The key of tickets follows from the server's own, and a ticket says which start of the server it is of: one which takes up
// the world of an earlier process accepts those of that start (former.go). The clocks of the two have nothing to do with each other, so that
// the age of such a ticket is not known; its session may be resumed for ResumeFor after the new start.

// left is a session that was lost, not ended, and may be resumed until a time.
type left struct {
	client [32]byte
	user   uint64
	claims []byte
	until  time.Duration
}

// AppendResume appends a ticket with which the client of this session can resume it, to be brought to it by the application:
// see DialOptions.Resume. It is good for 120 s, as long as the session lives and for Config.ResumeFor after it was lost. At a client, or
// where nothing can be resumed, there is none: b comes back as it was.
func (c *Conn) AppendResume(now time.Duration, b []byte) []byte {
	e := c.ep
	if c.dir != toClient || e.cfg.ResumeFor <= 0 || c.state == over {
		return b
	}
	return e.resumer.Append(b, e.keys, &secure.Resume{Boot: e.boot, Session: c.id, User: c.user, Client: c.peerKey, Issued: now})
}

// Resumes returns the ID of the session that this one resumes, at a server, 0 when there is none: the same client, by its key, had
// that one, and it was not ended by either side.
func (c *Conn) Resumes() uint32 { return c.resumes }

// readResume opens the ticket of an INIT. It runs outside of the lock.
func (h *Handshake) readResume(client [32]byte, b []byte) bool {
	if h.resumer == nil || h.noResume || len(b) == 0 {
		return false
	}
	r, ok := h.resumer.Open(b)
	if !ok || r.Client != client || !h.timely(r.Boot, r.Issued) {
		return false
	}
	h.ticket.Resumes = r.Session
	return true
}

// timely reports whether a ticket of a start of the server, issued on its clock, is good now.
func (h *Handshake) timely(boot uint64, issued time.Duration) bool {
	age := h.now - issued
	return boot == h.params.Boot && age >= 0 && age <= resumeLife || boot != h.params.Boot && slices.Contains(h.formers, boot)
}

// resumable returns what is known of a session that its client may resume.
func (e *Endpoint) resumable(now time.Duration, id uint32, client [32]byte) (l left, ok bool) {
	if c := e.byID[id]; c != nil && c.dir == toClient && c.opened && (c.state == confirming || c.state == established) {
		return left{c.peerKey, c.user, c.claims, now}, c.peerKey == client
	}
	l, ok = e.lost[id]
	return l, ok && l.client == client && now < l.until
}

// mayResume fills in what a handshake needs to resume a session, and reports false when there is nothing to be resumed any
// more: then it is run again without.
func (e *Endpoint) mayResume(now time.Duration, h *Handshake) bool {
	if h.ticket.Resumes == 0 || h.noResume {
		return true
	}
	_, ok := e.resumable(now, h.ticket.Resumes, h.ticket.Client)
	return ok
}

// resume makes c the successor of the session that its ticket names.
func (e *Endpoint) resume(now time.Duration, c *Conn, id uint32) {
	l, ok := e.resumable(now, id, c.peerKey)
	if !ok {
		return
	}
	c.resumes, c.user, c.claims = id, l.user, l.claims
	delete(e.lost, id)
	if old := e.byID[id]; old != nil && old.state < closing {
		old.closeErr = &CloseError{Code: CloseReplaced}
		old.startClosing(now)
	}
}

// lose remembers a session that was lost. When maxLost are, the one that would be forgotten first is.
func (e *Endpoint) lose(now time.Duration, c *Conn, why CloseCode) {
	if e.cfg.ResumeFor <= 0 || c.dir != toClient || !c.opened || (why != CloseTimeout && why != CloseCarrier) {
		return
	}
	if e.lost == nil {
		e.lost = make(map[uint32]left)
	}
	if len(e.lost) >= maxLost {
		e.forgetLost(now)
	}
	e.lost[c.id] = left{c.peerKey, c.user, c.claims, now + e.cfg.ResumeFor}
}

// forgetLost makes room: those whose time is over go, or else the first to expire.
func (e *Endpoint) forgetLost(now time.Duration) {
	first := uint32(0)
	for id, l := range e.lost {
		if l.until <= now {
			delete(e.lost, id)
		} else if first == 0 || l.until < e.lost[first].until {
			first = id
		}
	}
	if len(e.lost) >= maxLost {
		delete(e.lost, first)
	}
}
