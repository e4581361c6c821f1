package session

import (
	"time"

	"github.com/halftick/halftick/netcode/secure"
)

// onConfirm takes a ticket back. Its first record creates the session; later copies just carry records.
func (e *Endpoint) onConfirm(now time.Duration, from Path, b []byte) {
	sealed, record, ok := secure.ParseConfirm(b)
	if !ok {
		e.drop(DropShort)
		return
	}
	h, ok := parseHeader(record)
	if !ok || h.dir != toServer {
		e.drop(DropMalformed)
		return
	}
	if e.byID[h.id] != nil {
		e.onRecord(now, from, record)
		return
	}
	t, ok := e.tickets.Open(now, sealed, e.address(from))
	age := now - t.Issued
	switch {
	case !ok || t.Session != h.id || age < -time.Microsecond || age > ticketAge || now >= t.Spent:
		e.drop(DropBadTicket)
	case !e.listening:
		e.drop(DropNotListening)
	case e.closing:
		e.refuse(from, &t, DropNotListening, RefusedClosing)
	case e.full(from) != RefusedNot:
		e.refuse(from, &t, DropFull, e.full(from))
	case e.spent.has(t.ID):
		e.refuse(from, &t, DropSpent, RefusedDuplicate)
	case e.spent.full():
		// To forget one early would let a replayed CONFIRM bring a session back to life.
		e.refuse(from, &t, DropSpentFull, RefusedFull)
	case t.Resumes != 0 && !e.stillResumable(now, &t):
		e.refuse(from, &t, DropRefused, RefusedResume)
	default:
		e.admit(now, from, &t, h, record)
	}
}

// stillResumable reports whether the session that a ticket resumes has not been ended meanwhile.
func (e *Endpoint) stillResumable(now time.Duration, t *secure.Ticket) bool {
	_, ok := e.resumable(now, t.Resumes, t.Client)
	return ok
}

// refuse tells a client that was given a ticket why it may not come in after all. Nothing is kept: who repeats its CONFIRM is
// answered again.
func (e *Endpoint) refuse(from Path, t *secure.Ticket, why DropReason, refusal Refusal) {
	e.drop(why)
	e.stats.Refused++
	e.reply(from, secure.AppendRefuse(e.replyBuf[:0], t.RefuseKey(), t.Session, uint8(refusal)))
}

// admit makes the session that a ticket allows, if the record that came with it is sound.
func (e *Endpoint) admit(now time.Duration, from Path, t *secure.Ticket, h recordHeader, record []byte) {
	keys := newRecordKeys(t.Secrets, toClient, now, e.updateEvery)
	if _, ok := keys.opener.Open(now, e.plain[:0], record, h.size, uint64(h.pn16)); !ok {
		e.drop(DropDamaged)
		return
	}
	e.replaced(now, from)
	c := newConn(e, now, from, toClient)
	c.id, c.key, c.state, c.peerKey = t.Session, keys, confirming, t.Client
	c.user, c.claims = t.User, append([]byte(nil), t.Claims...)
	c.dial.until = now + e.cfg.DialTimeout
	c.peerDelay, c.peerMost = min(maxAckDelay, time.Duration(t.AckDelay)*time.Millisecond), t.Datagram
	if h.pn16 == 0 {
		c.rtt.update(now, now-t.Issued, 0) // unambiguous: it is the first CONFIRM that was sent
	}
	e.byID[c.id] = c
	e.remember(c)
	e.accepted++
	c.receive(now, from, h, record)
	if !c.opened && c.state != over {
		e.accepted--
		e.forget(c)
		return
	}
	// From here on the server may have sent something under the ticket's keys.
	e.spent.add(now, t.ID, max(t.Spent, t.Issued+ticketAge)+spentSlack)
	if t.Resumes != 0 {
		e.resume(now, c, t.Resumes)
	}
	e.onlyOne(now, c)
}

// onlyOne ends the other session of a user, who has come in again.
func (e *Endpoint) onlyOne(now time.Duration, c *Conn) {
	if c.user == 0 {
		return
	}
	if old := e.byUser[c.user]; old != nil && old.state < closing {
		old.closeErr = &CloseError{Code: CloseReplaced}
		old.startClosing(now)
	}
	if c.state != over {
		e.byUser[c.user] = c
	}
}

// spentTable remembers what may be used once, each until its time. The zero value is empty.
type spentTable struct {
	until map[[16]byte]struct{}
	heap  []spentEntry // the first to be forgotten at 0
}

type spentEntry struct {
	id    [16]byte
	until time.Duration
}

func (s *spentTable) has(id [16]byte) bool {
	_, ok := s.until[id]
	return ok
}

func (s *spentTable) full() bool { return len(s.heap) >= maxSpent }

// add remembers id until a time, and forgets those whose time has passed.
func (s *spentTable) add(now time.Duration, id [16]byte, until time.Duration) {
	if s.until == nil {
		s.until = make(map[[16]byte]struct{})
	}
	s.expire(now)
	s.until[id] = struct{}{}
	s.heap = append(s.heap, spentEntry{id, until})
	for i := len(s.heap) - 1; i > 0 && s.heap[i].until < s.heap[(i-1)/2].until; i = (i - 1) / 2 {
		s.heap[i], s.heap[(i-1)/2] = s.heap[(i-1)/2], s.heap[i]
	}
}

// expire forgets those whose time has passed.
func (s *spentTable) expire(now time.Duration) {
	for len(s.heap) > 0 && s.heap[0].until <= now {
		delete(s.until, s.heap[0].id)
		last := len(s.heap) - 1
		s.heap[0] = s.heap[last]
		s.heap = s.heap[:last]
		for i := 0; ; {
			least := i
			for _, k := range [2]int{2*i + 1, 2*i + 2} {
				if k < last && s.heap[k].until < s.heap[least].until {
					least = k
				}
			}
			if least == i {
				break
			}
			s.heap[i], s.heap[least] = s.heap[least], s.heap[i]
			i = least
		}
	}
}
