package netcode

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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
	Attempts []Attempt // in the order in which they would start
	Cause    error     // of the dial's context, when that ended it; else nil
}

func (e *DialError) Error() string {
	msg := "no session with " + e.Addr
	if e.Cause != nil {
		msg += ": " + e.Cause.Error()
	}
	for _, a := range e.Attempts {
		if a.Err != nil {
			msg += fmt.Sprintf("; %v: %v", a.Path, a.Err)
		} else {
			msg += fmt.Sprintf("; %v: no answer yet", a.Path)
		}
	}
	return msg
}

// Unwrap gives errors.Is and errors.As the errors of all attempts; of a dial that was given up only why.
func (e *DialError) Unwrap() (errs []error) {
	if e.Cause != nil {
		return []error{e.Cause}
	}
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

// entrants returns who takes part in a race, by the time of their start: UDP at once, the others after it, further
// addresses each a little later; what won the last time at once as well.
func (p *pilot) entrants() (all []*entrant) {
	last, known := p.dialer.Known.Of(p.to.text)
	carriers := p.carriers()
	for i, after := range starts(carriers, cmp.Or(p.dialer.FallbackAfter, nextCarrier)) {
		if known && carriers[i] == last.Carrier {
			after = 0
		}
		for k, addr := range p.to.addrsOf(carriers[i]) {
			path := session.Path{Carrier: carriers[i], Addr: addr}
			all = append(all, &entrant{Attempt: Attempt{Path: path}, after: after + time.Duration(k)*nextAddr})
		}
	}
	return all
}

// race gets a token, if that is asked for each time, and lets the carriers run against each other until a session stands, which
// becomes the host's. A session that cannot be resumed any more is given up for a new one.
func (p *pilot) race(ctx context.Context) error {
	if fresh := p.dialer.FreshToken; fresh != nil {
		token, err := fresh(ctx)
		if err != nil {
			return fmt.Errorf("no session with %s: no token: %w", p.to.text, err)
		}
		p.host.Lock()
		p.token = token
		p.host.Unlock()
	}
	err := p.run(ctx)
	var ce *session.CloseError
	if errors.As(err, &ce) && ce.Refusal == session.RefusedResume {
		p.host.Lock()
		p.host.KeepResume(nil)
		p.host.Unlock()
		err = p.run(ctx)
	}
	return err
}

// run is one race.
func (p *pilot) run(ctx context.Context) error {
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
			return p.givenUp(context.Cause(ctx))
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
			p.explain(ctx, err)
			p.endRace("another carrier was faster")
			if err == nil {
				p.remember()
			}
			return err
		}
		timer.Reset(wait)
	}
}

// givenUp ends a race whose context has ended.
func (p *pilot) givenUp(cause error) error {
	fail := &DialError{Addr: p.to.text, Cause: cause}
	p.host.Lock()
	for _, e := range p.field {
		if e.started {
			fail.Attempts = append(fail.Attempts, e.Attempt)
		}
	}
	p.host.Unlock()
	p.endRace("the dial was given up")
	return fail
}

// outcome looks, under the lock, where the race stands. A refusal is an answer: nothing else is tried after it. But not while
// another entrant has been let in: it may be what this one was refused for, having used the token or taken the last place.
func (p *pilot) outcome(now time.Duration) (over bool, err error) {
	fail := &DialError{Addr: p.to.text}
	over = true
	for _, e := range p.field {
		if e.conn != nil && e.conn.Opened() {
			p.host.client = e.conn
			return true, nil
		}
		if e.Err == nil && e.conn != nil {
			e.Err = e.conn.Err()
		}
		var refused *session.CloseError
		if errors.As(e.Err, &refused) && refused.Code == session.CloseRefused && !p.admitted() {
			return true, &DialError{Addr: fail.Addr, Attempts: []Attempt{e.Attempt}}
		}
		over = over && e.Err != nil
		fail.Attempts = append(fail.Attempts, e.Attempt)
	}
	if over {
		return true, p.impostor(fail)
	}
	return false, nil
}

// impostor makes another error of a failed race when somebody else answers in a known server's place.
func (p *pilot) impostor(fail *DialError) error {
	known, ok := p.dialer.Known.Of(p.to.text)
	if !ok || known.Key != p.trust().ServerKey {
		return fail
	}
	for _, a := range fail.Attempts {
		var ce *session.CloseError
		if errors.As(a.Err, &ce) && ce.Key != [32]byte{} {
			return &KeyChangedError{Known: known, Now: ce.Key}
		}
	}
	return fail
}

// remember notes the server that a race was won against.
func (p *pilot) remember() {
	p.host.Lock()
	s := KnownServer{Addr: p.to.text, Key: p.host.client.ServerKey(), Carrier: p.host.client.Path().Carrier}
	p.host.Unlock()
	s.At = time.Now()
	p.dialer.Known.reached(s)
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
	if p.dialer.OnTry != nil {
		p.dialer.OnTry(e.Path)
	}
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

// pathFor returns the server's path on another carrier: at the address that works, if that serves this one too.
func (p *pilot) pathFor(by session.Carrier) session.Path {
	addrs := p.to.addrsOf(by)
	if len(addrs) == 0 {
		return session.Path{}
	}
	at := addrs[0]
	for _, a := range addrs {
		if a.Addr() == p.host.client.Path().Addr.Addr() {
			at = a
		}
	}
	return session.Path{Carrier: by, Addr: at}
}
