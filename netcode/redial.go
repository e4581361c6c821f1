package netcode

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/halftick/halftick/netcode/session"
)

// Redial is where a host stands with dialling again.
type Redial struct {
	Active   bool          // it is under way
	Since    time.Duration // when the session was lost
	Attempts int
	Last     error // of the latest attempt that failed
	Err      error // why it was given up, a *DialError as a rule, or not begun
}

// Redials reports whether a host that was opened by this Dialer dials again after a session ended so.
func (d *Dialer) Redials(why error) bool {
	var ce *session.CloseError
	if d.Redial <= 0 || !errors.As(why, &ce) {
		return false
	}
	switch ce.Code {
	case session.CloseTimeout, session.CloseCarrier, session.CloseNoAnswer, session.CloseRestarted:
		return true
	case session.CloseShutdown:
		return ce.Remote
	}
	return false
}

// Redial returns where the host stands with dialling again. Call it between Lock and Unlock.
func (h *Host) Redial() Redial {
	if h.pilot == nil {
		return Redial{}
	}
	return h.pilot.redial
}

// Conn returns the session of a host that dialled, the newest one when it has dialled again. Call it between Lock and Unlock.
func (h *Host) Conn() *session.Conn { return h.client }

// dialAgain dials until there is a session again, and reports whether there is.
func (p *pilot) dialAgain() bool {
	h := p.host
	now := h.Lock()
	again := p.dialer.Redials(h.client.Err())
	p.redial = Redial{Active: again, Since: now}
	if again {
		p.closeStreams()
	} else {
		p.redial.Err = h.client.Err()
	}
	h.Unlock()
	if !again {
		return false
	}
	err := p.redialLoop(now + p.dialer.Redial)
	h.Lock()
	p.redial.Active, p.redial.Err = false, err
	p.backoff, p.againAt, p.probeAt, p.movedAt = 0, 0, 0, 0
	h.Unlock()
	return err == nil
}

// redialLoop tries until a session stands, the server has a reason that will not pass, or the time is over. The pauses
// are random, so that the clients of a server that was restarted do not come back all at once.
func (p *pilot) redialLoop(until time.Duration) error {
	pause := minBackoff
	for {
		timer := time.NewTimer(rand.N(pause))
		select {
		case <-p.ctx.Done():
			timer.Stop()
			return p.ctx.Err()
		case <-timer.C:
		}
		p.host.Lock()
		p.redial.Attempts++
		p.host.Unlock()
		err := p.race(p.ctx)
		if err == nil || p.ctx.Err() != nil || forGood(err) || p.host.Now() >= until {
			return err
		}
		p.host.Lock()
		p.redial.Last = err
		p.host.Unlock()
		pause = min(2*pause, maxRedialPause)
	}
}

// KeepResume gives a host that dials a newer ticket to resume its session with, should it be lost; nil: there is nothing to resume
// any more. The bytes are copied. Call it between Lock and Unlock.
func (h *Host) KeepResume(ticket []byte) {
	if h.pilot != nil {
		h.pilot.resume = bytes.Clone(ticket)
	}
}

// forGood reports whether a refusal will be the same the next time. A token that was used is none: the session that used it may
// still be there.
func forGood(err error) bool {
	var changed *KeyChangedError
	if errors.As(err, &changed) {
		return true
	}
	var ce *session.CloseError
	if !errors.As(err, &ce) {
		return false
	}
	switch ce.Refusal {
	case session.RefusedApp, session.RefusedSchema, session.RefusedVersion:
		return true
	}
	return false
}

// closeStreams ends all streams of a session that is over, so that none is taken for one of the next session.
func (p *pilot) closeStreams() {
	for path, s := range p.host.streams {
		delete(p.host.streams, path)
		s.close()
	}
}
