package tcp

import (
	"net"
	"sync"
	"time"
)

// deadlines keeps the time limits of a stream's reader. What the reader waits for, and until when:
//
//	          first byte of a record            last byte
//	 idle ----------------------------> record ----------> idle
//	until: first record or authentication     until: its first byte + Limits.Record,
//	is due; for ever once authenticated       but not later than idle's
//
// Authenticated may be called while the reader waits; the mutex orders it with the reader's changes.
type deadlines struct {
	mu            sync.Mutex
	conn          net.Conn
	limits        Limits
	start         time.Time // when the peer was accepted
	first         bool      // a whole record has come
	authenticated bool
	inRecord      bool      // the first byte of a record is here, its last is not
	recordSince   time.Time // when inRecord
	set           time.Time // what the socket was told last; zero is never
}

// begin sets the limit for the first record.
func (d *deadlines) begin(now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.start = now
	d.update()
}

// partial says, before each wait, whether a part of a record is here.
func (d *deadlines) partial(is bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if is == d.inRecord {
		return
	}
	d.inRecord = is
	if is {
		d.recordSince = time.Now()
	}
	d.update()
}

// whole says that a whole record has come.
func (d *deadlines) whole() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.first && !d.inRecord {
		return // the steady state: whole records, no timer touched
	}
	d.first, d.inRecord = true, false
	d.update()
}

// authenticate lifts the limits of unknown peers and reports whether they were in force.
func (d *deadlines) authenticate() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.authenticated {
		return false
	}
	d.authenticated = true
	d.update()
	return true
}

// update tells the socket the limit in force.
func (d *deadlines) update() {
	at, _ := d.inForce()
	if at != d.set {
		d.set = at
		_ = d.conn.SetReadDeadline(at) // it fails on a closed socket only, as the next read will
	}
}

// inForce returns the earliest limit in force, if any, and the error that it stands for.
func (d *deadlines) inForce() (at time.Time, reason error) {
	sooner := func(t time.Time, why error) {
		if reason == nil || t.Before(at) {
			at, reason = t, why
		}
	}
	if !d.authenticated {
		sooner(d.start.Add(d.limits.Authenticate), ErrUnauthenticated)
		if !d.first {
			sooner(d.start.Add(d.limits.FirstRecord), ErrSilent)
		}
	}
	if d.inRecord {
		sooner(d.recordSince.Add(d.limits.Record), ErrSlow)
	}
	return at, reason
}

// expired returns the reason of a read that timed out, or nil when the limit was lifted meanwhile.
func (d *deadlines) expired(now time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, reason := d.inForce()
	if reason == nil || now.Before(at) {
		return nil
	}
	return reason
}
