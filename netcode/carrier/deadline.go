package carrier

import (
	"sync"
	"time"
)

// ReadDeadliner is a connection whose reader can be told until when to wait; the zero time is for ever. A read
// that waits is told too.
type ReadDeadliner interface{ SetReadDeadline(time.Time) error }

// Deadlines keeps the time limits of a stream's reader. What the reader waits for, and until when:
//
//	          first byte of a record            last byte
//	 idle ----------------------------> record ----------> idle
//	until: first record or authentication     until: its first byte + Limits.Record,
//	is due; for ever once authenticated       but not later than idle's
//
// Authenticated may be called while the reader waits; the mutex orders it with the reader's changes.
type Deadlines struct {
	mu            sync.Mutex
	conn          ReadDeadliner
	limits        Limits
	start         time.Time // when the peer was accepted
	first         bool      // a whole record has come
	authenticated bool
	inRecord      bool      // the first byte of a record is here, its last is not
	recordSince   time.Time // when inRecord
	set           time.Time // what the socket was told last; zero is never
}

// begin sets the limit for the first record.
func (d *Deadlines) begin(now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.start = now
	d.update()
}

// Partial says, before each wait, whether a part of a record is here.
func (d *Deadlines) Partial(is bool) {
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

// Whole says that a whole record has come.
func (d *Deadlines) Whole() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.first && !d.inRecord {
		return // the steady state: whole records, no timer touched
	}
	d.first, d.inRecord = true, false
	d.update()
}

// authenticate lifts the limits of unknown peers and reports whether they were in force.
func (d *Deadlines) authenticate() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.authenticated {
		return false
	}
	d.authenticated = true
	d.update()
	return true
}

// Rewire gives the reader's connection another face, before the first record.
func (d *Deadlines) Rewire(conn ReadDeadliner) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.conn, d.set = conn, time.Time{}
	d.update()
}

// update tells the socket the limit in force.
func (d *Deadlines) update() {
	at, _ := d.InForce()
	if at != d.set {
		d.set = at
		_ = d.conn.SetReadDeadline(at) // it fails on a closed socket only, as the next read will
	}
}

// InForce returns the earliest limit in force, if any, and the error that it stands for.
func (d *Deadlines) InForce() (at time.Time, reason error) {
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

// Expired returns the reason of a read that timed out, or nil when the limit was lifted meanwhile.
func (d *Deadlines) Expired(now time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, reason := d.InForce()
	if reason == nil || now.Before(at) {
		return nil
	}
	return reason
}
