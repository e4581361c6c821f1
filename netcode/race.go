package netcode

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/halftick/halftick/netcode/session"
)

// Attempt is what came of one carrier and address that a dial tried.
type Attempt struct {
	Path session.Path
	Err  error // nil when it was still waiting for an answer
}

// DialError is why no session with a server came about: what every carrier that was tried met.
type DialError struct {
	Addr     string
	Attempts []Attempt
}

func (e *DialError) Error() string {
	msg := "no session with " + e.Addr
	for _, a := range e.Attempts {
		if a.Err != nil {
			msg += fmt.Sprintf("; %v: %v", a.Path, a.Err)
		}
	}
	return msg
}

// Unwrap gives errors.Is and errors.As the errors of all attempts.
func (e *DialError) Unwrap() (errs []error) {
	for _, a := range e.Attempts {
		errs = append(errs, a.Err)
	}
	return errs
}

// entrant is one attempt in a race: a session of its own, until one of them stands.
type entrant struct {
	Attempt
	after   time.Duration // since the start of the race
	conn    *session.Conn // nil before it has started
	started bool
}

// answered reports whether the server has accepted the dial, though the session may not stand yet.
func (e *entrant) answered() bool { return e.conn != nil && e.Err == nil && e.conn.ID() != 0 }

// entrants returns who takes part in a race, by the time of their start: UDP at once, streams after it, further
// addresses each a little later; what won the last time at once as well.
func (p *pilot) entrants() (all []*entrant) {
	last, known := p.dialer.Memory.last(p.to.text)
	for _, way := range waysOf(p.to.transport) {
		after := way.after
		switch {
		case known && way.carrier == last || len(waysOf(p.to.transport)) == 1:
			after = 0
		case way.after > 0 && p.dialer.FallbackAfter > 0:
			after = p.dialer.FallbackAfter
		}
		for i, addr := range p.to.addrs {
			path := session.Path{Carrier: way.carrier, Addr: addr}
			all = append(all, &entrant{Attempt: Attempt{Path: path}, after: after + time.Duration(i)*nextAddr})
		}
	}
	return all
}

// race lets the carriers run against each other until a session stands, which becomes the host's.
func (p *pilot) race(ctx context.Context) error {
	connecting, stop := context.WithCancel(ctx)
	defer stop()
	h := p.host
	start := h.Lock()
	p.field = p.entrants()
	h.Unlock()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			p.endRace("the dial was given up")
			return fmt.Errorf("no session with %s: %w", p.to.text, context.Cause(ctx))
		case <-p.wake:
		case <-timer.C:
		}
		now := h.Lock()
		over, err := p.outcome(now)
		wait := maxBackoff
		if !over {
			wait = p.startDue(connecting, now, start)
		}
		h.Unlock()
		if over {
			p.endRace("another carrier was faster")
			return err
		}
		timer.Reset(wait)
	}
}

// outcome looks, under the lock, where the race stands. A refusal is an answer: nothing else is tried after it. But not while
// another entrant has been let in: it may be what this one was refused for, having used the token or taken the last place.
func (p *pilot) outcome(now time.Duration) (over bool, err error) {
	fail := DialError{Addr: p.to.text}
	over = true
	for _, e := range p.field {
		if e.conn != nil && e.conn.Opened() {
			p.host.client = e.conn
			p.dialer.Memory.won(p.to.text, e.Path.Carrier)
			return true, nil
		}
		if e.Err == nil && e.conn != nil {
			e.Err = e.conn.Err()
		}
		var refused *session.CloseError
		if errors.As(e.Err, &refused) && refused.Code == session.CloseRefused && !p.admitted() {
			return true, &DialError{fail.Addr, []Attempt{e.Attempt}}
		}
		over = over && e.Err != nil
		fail.Attempts = append(fail.Attempts, e.Attempt)
	}
	return over, &fail
}

// admitted reports whether the server has accepted a dial that is still under way.
func (p *pilot) admitted() bool {
	return slices.ContainsFunc(p.field, func(e *entrant) bool { return e.answered() && e.conn.Err() == nil })
}

// startDue starts, under the lock, who is due, and the next at once when nobody runs. While one has been answered
// the others wait longer. It returns when to look again.
func (p *pilot) startDue(ctx context.Context, now, start time.Duration) (wait time.Duration) {
	running, hold := false, time.Duration(0)
	for _, e := range p.field {
		running = running || e.started && e.Err == nil
		if e.answered() {
			hold = afterAnswer
		}
	}
	wait = maxBackoff
	for _, e := range p.field {
		if e.started {
			continue
		}
		if left := start + e.after + hold - now; left > 0 && running {
			wait = min(wait, left)
			continue
		}
		p.start(ctx, now, e)
		running = running || e.Err == nil
	}
	return wait
}

// start dials over one carrier. A session over a stream that is yet to be connected waits for it as for any
// carrier that takes nothing now, and no longer than for an answer.
func (p *pilot) start(ctx context.Context, now time.Duration, e *entrant) {
	h := p.host
	e.started = true
	if e.Path.Carrier == session.UDP && h.udp == nil {
		if e.Err = h.openUDP(); e.Err != nil {
			return
		}
	}
	e.conn, e.Err = h.ep.DialWith(now, e.Path, p.trust())
	if e.Err == nil && e.Path.Carrier != session.UDP {
		h.ep.SetBlocked(e.Path, true)
		h.running.Add(1)
		go p.connectEntrant(ctx, e)
	}
}

// connectEntrant gives a dial its stream, unless it was given up meanwhile.
func (p *pilot) connectEntrant(ctx context.Context, e *entrant) {
	h := p.host
	defer h.running.Done()
	c, err := p.connect(ctx, e.Path)
	now := h.Lock()
	defer h.Unlock()
	switch {
	case err != nil:
		e.Err = err
		h.ep.Gone(now, e.Path)
	case e.conn.Err() != nil:
		c.Close()
	default:
		if s := h.addStream(e.Path, c); s != nil {
			s.established = true // nobody limits whom we called
			h.ep.SetBlocked(e.Path, false)
		}
	}
}

// endRace closes all sessions but the host's.
func (p *pilot) endRace(why string) {
	now := p.host.Lock()
	defer p.host.Unlock()
	for _, e := range p.field {
		if e.conn != nil && e.conn != p.host.client {
			e.conn.Close(now, session.CloseNormal, why)
		}
	}
	p.field = nil
}

// addrFor returns the address of the server to be tried on another carrier: the one that works, if it is known.
func (p *pilot) addrFor(c *session.Conn) netip.AddrPort {
	for _, a := range p.to.addrs {
		if a == c.Path().Addr {
			return a
		}
	}
	return p.to.addrs[0]
}
