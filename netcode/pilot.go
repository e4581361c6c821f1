package netcode

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"syscall"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/session"
)

// pilot brings the session of a client about and keeps it alive: when its carrier fails it opens another to the same
// server and moves the session there, it looks whether UDP works again, and dials again when the session was lost.
// It has one goroutine, and one more while a stream connects. What it shares is guarded by its host's lock.
type pilot struct {
	host   *Host
	dialer Dialer
	to     target
	ctx    context.Context // of the host's life
	stop   context.CancelFunc
	wake   chan struct{} // holds a token when something has changed
	seen   outlook       // when it last had

	field  []*entrant // of a race under way
	token  []byte     // for it
	resume []byte     // the newest ticket to resume the session with

	// Of keep.
	connecting  bool
	connected   chan connection
	againAt     time.Duration // when the next stream may be tried
	backoff     time.Duration // before it
	failed      int           // streams tried in vain since one was there
	refusedAt   time.Duration // when streams began to be refused, if that is all they were
	probeAt     time.Duration // when UDP is asked next
	probeEvery  time.Duration
	movedAt     time.Duration // when the session took UDP again
	betterAt    time.Duration // when WebTransport is tried next, of a session on a reliable stream
	betterEvery time.Duration
	redial      Redial
}

// trust returns what is known of the server. The key of one that was met in an earlier process binds, unless it is on this
// machine; one that was learned by this dialler itself is merely tried first.
func (p *pilot) trust() session.DialOptions {
	o := session.DialOptions{ServerKey: p.dialer.ServerKey, Token: p.token, Resume: p.resume}
	if known, ok := p.dialer.Known.Of(p.to.text); ok && o.ServerKey == [32]byte{} && !local(p.to.addrs) && !local(p.to.web) {
		o.ServerKey = known.Key
	}
	if p.host.client != nil {
		o.LastKey = p.host.client.ServerKey()
	}
	return o
}

// carriers returns those by which the server may be reached.
func (p *pilot) carriers() []session.Carrier { return p.to.carriers(p.holdsWT()) }

// holdsWT reports whether the program can speak WebTransport.
func (p *pilot) holdsWT() bool { return p.dialer.WebTransport != nil || !sockets }

// may reports whether the server may be reached over a carrier.
func (p *pilot) may(c session.Carrier) bool { return slices.Contains(p.carriers(), c) }

// outlook is what a pilot has an eye on.
type outlook struct {
	entrants                      int // a number that changes with their states
	over, stalled, adrift, probed bool
	path                          session.Path
}

// connection is a stream that was opened for a session which needs it, or why not.
type connection struct {
	path session.Path
	conn carrier.Conn
	err  error
}

func newPilot(h *Host, d Dialer, to target) *pilot {
	p := &pilot{host: h, dialer: d, to: to, token: d.Token, resume: d.Resume, wake: make(chan struct{}, 1), connected: make(chan connection, 1)}
	p.ctx, p.stop = context.WithCancel(context.Background())
	p.probeEvery = d.ProbeEvery
	if p.probeEvery == 0 {
		p.probeEvery = probeEvery
	}
	p.betterEvery = p.probeEvery
	return p
}

// watch wakes the pilot when something has changed that it should see. The host calls it under its lock.
func (p *pilot) watch() {
	var o outlook
	for _, e := range p.field {
		switch {
		case e.Err != nil || e.conn != nil && e.conn.Err() != nil:
			o.entrants += 1
		case e.conn != nil && e.conn.Opened():
			o.entrants += 1000
		case e.answered():
			o.entrants += 30
		}
	}
	if c := p.host.client; c != nil {
		o.path, o.over, o.adrift = c.Path(), c.Err() != nil, c.Adrift()
		_, o.stalled = c.Stalled()
		o.probed = c.Probed(p.udp())
	}
	if o == p.seen {
		return
	}
	p.seen = o
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// udp returns the server's UDP path.
func (p *pilot) udp() session.Path { return p.pathFor(session.UDP) }

// keep keeps the host's session alive until the host is closed.
func (p *pilot) keep() {
	h := p.host
	defer h.running.Done()
	defer p.stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		var got connection
		select {
		case <-h.done:
			p.drop()
			return
		case <-p.wake:
		case <-timer.C:
		case got = <-p.connected:
		}
		now := h.Lock()
		if got != (connection{}) {
			p.take(now, got)
		}
		wait, lost := maxBackoff, h.client.Err() != nil
		if !lost {
			wait = p.steer(now)
		}
		h.Unlock()
		if lost && !p.dialAgain() {
			p.drop()
			return
		}
		timer.Reset(wait)
	}
}

// drop waits for a stream that is being connected and closes it.
func (p *pilot) drop() {
	p.stop()
	if !p.connecting {
		return
	}
	if got := <-p.connected; got.conn != nil {
		got.conn.Close()
	}
}

// steer does what the session needs now, under the lock, and returns when to look again.
func (p *pilot) steer(now time.Duration) (wait time.Duration) {
	c, udp := p.host.client, p.udp()
	mayUDP := p.may(session.UDP) && p.host.udp != nil
	onUDP := c.Path().Carrier == session.UDP && !c.Adrift()
	if mayUDP && !onUDP && c.Probed(udp) && c.Use(now, udp) == nil {
		onUDP, p.movedAt = true, now
	}
	_, stalled := c.Stalled()
	trouble := stalled || c.Adrift()
	wait = probeEvery
	if trouble {
		wait = p.fallBack(now)
	} else {
		p.backoff, p.failed, p.refusedAt = 0, 0, 0
	}
	if mayUDP && !onUDP {
		p.probe(now, udp, trouble)
		wait = min(wait, p.probeAt-now)
	}
	if !trouble && !onUDP {
		wait = min(wait, p.seekBetter(now))
	}
	if onUDP && !trouble && p.spare() {
		if now >= p.movedAt+spareTime {
			p.closeSpare()
		} else {
			wait = min(wait, p.movedAt+spareTime-now)
		}
	}
	return wait
}

// fallBack opens a stream for a session that gets no answer, and returns when to look again.
func (p *pilot) fallBack(now time.Duration) (wait time.Duration) {
	streams := slices.DeleteFunc(p.carriers(), func(c session.Carrier) bool { return c == session.UDP })
	// What fell silent was most likely UDP, which WebTransport needs as well.
	slices.SortStableFunc(streams, func(a, b session.Carrier) int { return rank(b) - rank(a) })
	if len(streams) == 0 || p.connecting {
		return probeEvery
	}
	if now < p.againAt {
		return p.againAt - now
	}
	p.open(p.pathFor(streams[p.failed%len(streams)]))
	return probeEvery
}

// open connects a stream, which keep will hear of.
func (p *pilot) open(path session.Path) {
	p.connecting = true
	p.host.running.Add(1)
	go func() {
		defer p.host.running.Done()
		ctx, stop := context.WithTimeout(p.ctx, connectTime)
		defer stop()
		c, err := p.connect(ctx, path)
		p.connected <- connection{path, c, err}
	}()
}

// take gives the session the stream that was opened for it, if it still needs one.
func (p *pilot) take(now time.Duration, got connection) {
	p.connecting = false
	c := p.host.client
	_, stalled := c.Stalled()
	better := rank(got.path.Carrier) < rank(c.Path().Carrier)
	switch {
	case got.err != nil && better && !stalled && !c.Adrift():
		p.betterEvery = min(2*p.betterEvery, maxProbeEvery)
		return
	case got.err != nil:
		p.refused(now, got.err)
		return
	case !stalled && !c.Adrift() && !better || c.Err() != nil:
		got.conn.Close()
		return
	}
	s := p.host.addStream(got.path, got.conn)
	if s == nil {
		return
	}
	s.established, p.betterAt = true, 0
	if c.Path().Carrier == session.UDP {
		p.failedAgain(now)
	}
	if c.Use(now, got.path) != nil {
		s.close()
	}
	p.wait(now)
}

// refused waits before the next attempt, longer each time. When there is a machine but no server on it, a session
// without a path is given up.
func (p *pilot) refused(now time.Duration, err error) {
	p.failed++
	p.wait(now)
	switch {
	case !errors.Is(err, syscall.ECONNREFUSED):
		p.refusedAt = 0
	case p.refusedAt == 0:
		p.refusedAt = now
	case now-p.refusedAt >= refusedTime && p.host.client.Adrift():
		p.host.client.Abandon(now)
	}
}

func (p *pilot) wait(now time.Duration) {
	p.backoff = min(max(2*p.backoff, minBackoff), maxBackoff)
	p.againAt = now + rand.N(p.backoff)
}
