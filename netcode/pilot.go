package netcode

import (
	"context"
	"errors"
	"math/rand/v2"
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

	field []*entrant // of a race under way

	// Of keep.
	connecting bool
	connected  chan connection
	againAt    time.Duration // when the next stream may be tried
	backoff    time.Duration // before it
	failed     int           // streams tried in vain since one was there
	refusedAt  time.Duration // when streams began to be refused, if that is all they were
	probeAt    time.Duration // when UDP is asked next
	probeEvery time.Duration
	movedAt    time.Duration // when the session took UDP again
	redial     Redial
}

// trust returns what the dialler says of the server. A key that was learned before is tried first.
func (p *pilot) trust() session.DialOptions {
	o := session.DialOptions{ServerKey: p.dialer.ServerKey, Token: p.dialer.Token}
	if p.host.client != nil {
		o.LastKey = p.host.client.ServerKey()
	}
	return o
}

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
	p := &pilot{host: h, dialer: d, to: to, wake: make(chan struct{}, 1), connected: make(chan connection, 1)}
	p.ctx, p.stop = context.WithCancel(context.Background())
	p.probeEvery = d.ProbeEvery
	if p.probeEvery == 0 {
		p.probeEvery = probeEvery
	}
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
func (p *pilot) udp() session.Path {
	return session.Path{Carrier: session.UDP, Addr: p.addrFor(p.host.client)}
}

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
	mayUDP := p.to.transport.allows(session.UDP) && p.host.udp != nil
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
	if onUDP && !trouble && p.spare() {
		if now >= p.movedAt+spareTime {
			p.closeSpare()
		} else {
			wait = min(wait, p.movedAt+spareTime-now)
		}
	}
	return wait
}

// probe asks whether UDP works, when it is time to.
func (p *pilot) probe(now time.Duration, udp session.Path, hurry bool) {
	if hurry {
		p.probeAt = min(p.probeAt, now+probeHurry)
	}
	if now < p.probeAt {
		return
	}
	_ = p.host.client.Probe(now, udp)
	p.probeAt = now + p.probeEvery
	if hurry {
		p.probeAt = now + probeHurry
	}
}

// fallBack opens a stream for a session that gets no answer, and returns when to look again.
func (p *pilot) fallBack(now time.Duration) (wait time.Duration) {
	var streams []way
	for _, w := range waysOf(p.to.transport) {
		if w.carrier != session.UDP {
			streams = append(streams, w)
		}
	}
	if len(streams) == 0 || p.connecting {
		return probeEvery
	}
	if now < p.againAt {
		return p.againAt - now
	}
	p.connecting = true
	path := session.Path{Carrier: streams[p.failed%len(streams)].carrier, Addr: p.addrFor(p.host.client)}
	p.host.running.Add(1)
	go func() {
		defer p.host.running.Done()
		ctx, stop := context.WithTimeout(p.ctx, connectTime)
		defer stop()
		c, err := p.connect(ctx, path)
		p.connected <- connection{path, c, err}
	}()
	return probeEvery
}

// take gives the session the stream that was opened for it, if it still needs one.
func (p *pilot) take(now time.Duration, got connection) {
	p.connecting = false
	c := p.host.client
	_, stalled := c.Stalled()
	switch {
	case got.err != nil:
		p.refused(now, got.err)
		return
	case !stalled && !c.Adrift() || c.Err() != nil:
		got.conn.Close()
		return
	}
	s := p.host.addStream(got.path, got.conn)
	if s == nil {
		return
	}
	s.established = true
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

// failedAgain notes that UDP failed; when it had worked for a moment only, it is asked less often from now on.
func (p *pilot) failedAgain(now time.Duration) {
	if p.movedAt > 0 && now-p.movedAt < flapTime {
		p.probeEvery = min(2*p.probeEvery, maxProbeEvery)
	}
	p.probeAt = now + p.probeEvery
}

// spare reports whether there is a stream that the session does not travel on.
func (p *pilot) spare() bool {
	for path := range p.host.streams {
		if path != p.host.client.Path() {
			return true
		}
	}
	return false
}

func (p *pilot) closeSpare() {
	for path, s := range p.host.streams {
		if path != p.host.client.Path() {
			s.close()
		}
	}
}
