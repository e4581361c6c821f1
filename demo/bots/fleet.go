package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/simnet"
)

const (
	frameRate    = 60
	framesPerRTT = 6                      // frames between two samples of a client's round trip
	stagger      = 20 * time.Millisecond  // between two dials, so that they do not arrive as one burst
	maxStagger   = 2 * time.Second        // between the first and the last dial
	dialTimeout  = 10 * time.Second       // per client, from its own dial
	drainTimeout = 5 * time.Second        // for answers to reliable messages after the end
	probeEvery   = 100 * time.Millisecond // between two reliable messages of a client
)

// fleet is all clients and what was seen of them. One goroutine, that of run, drives it.
type fleet struct {
	opt     options
	joined  chan landing
	pending int // dials under way

	robots  []*robot
	refused []error // why clients could not connect
	frames  int     // played
	rtt     times
	gaps    times
	began   time.Time // of what is reported
	ended   time.Time
	ticker  ticker
}

// landing is how one dial ended.
type landing struct {
	robot *robot
	err   error
}

func newFleet(opt options, progress io.Writer) *fleet {
	return &fleet{opt: opt, joined: make(chan landing, opt.n), rtt: newTimes(), gaps: newTimes(), ticker: ticker{out: progress}}
}

// run connects everybody, plays, waits for the last answers and closes. The end of ctx cuts it short.
func (f *fleet) run(ctx context.Context) {
	frames := time.NewTicker(time.Second / frameRate)
	defer frames.Stop()
	f.dial(ctx)
	f.loop(context.Background(), frames.C, f.idle, func(time.Time) bool { return f.pending == 0 })
	f.begin(time.Now())
	f.loop(ctx, frames.C, f.play, func(now time.Time) bool { return now.Sub(f.began) >= f.opt.length || f.playing() == 0 })
	f.end(time.Now())
	late := f.ended.Add(drainTimeout)
	f.loop(context.Background(), frames.C, f.idle, func(now time.Time) bool { return f.settled() || now.After(late) })
	f.close()
}

// close ends every session. Each waits for its server's answer, so they do it side by side.
func (f *fleet) close() {
	var closing sync.WaitGroup
	for _, r := range f.robots {
		closing.Go(func() { _ = r.client.Close() }) // the figures are taken; a server that has gone is no matter now
	}
	closing.Wait()
}

// loop runs step once per frame until it is done or ctx ends.
func (f *fleet) loop(ctx context.Context, frames <-chan time.Time, step func(now time.Time), done func(now time.Time) bool) {
	for !done(time.Now()) {
		select {
		case <-ctx.Done():
			return
		case l := <-f.joined:
			f.land(l)
		case now := <-frames:
			step(now)
		}
	}
}

// dial starts to connect all clients, a little apart.
func (f *fleet) dial(ctx context.Context) {
	f.pending = f.opt.n
	apart := min(stagger, maxStagger/time.Duration(f.opt.n))
	for i := range f.opt.n {
		go func() {
			select {
			case <-time.After(time.Duration(i) * apart):
				r, err := f.opt.connectOne(ctx, i)
				f.joined <- landing{r, err}
			case <-ctx.Done():
				f.joined <- landing{err: ctx.Err()}
			}
		}()
	}
}

// connectOne connects client i, with the conditions in front of its socket.
func (o options) connectOne(ctx context.Context, i int) (*robot, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	cfg := client.Config{Name: fmt.Sprintf("load %d", i+1), Transport: o.transport, ProbeEvery: probeEvery, Redial: -1, Known: o.servers}
	if o.net != (simnet.Conditions{}) {
		seed := uint64(i) + 1
		cfg.WrapUDP = func(s carrier.Datagrams) carrier.Datagrams { return simnet.Impair(s, o.net, o.net, seed) }
		cfg.WrapTCP = func(c net.Conn) net.Conn { return simnet.ImpairConn(c, o.net, o.net, seed) }
	}
	if err := o.login(ctx, i, &cfg); err != nil {
		return nil, err
	}
	c, err := client.DialConfig(ctx, arena.Game(), o.connect, cfg)
	if err != nil {
		return nil, err
	}
	return &robot{client: c, brain: arena.NewBot(uint64(i) + 1)}, nil
}

// login gets client i a key and a token for it, where a backend gives them.
func (o options) login(ctx context.Context, i int, cfg *client.Config) error {
	if o.tokens.URL == "" {
		return nil
	}
	rand.Read(cfg.Key[:])
	o.tokens.User += strconv.Itoa(i + 1)
	first, fresh, err := o.tokens.Enter(ctx, cfg.Key)
	if err != nil {
		return fmt.Errorf("-tokens: %w", err)
	}
	cfg.FreshToken, cfg.ServerKey = fresh, first.ServerKey
	return nil
}

func (f *fleet) land(l landing) {
	f.pending--
	if l.err != nil {
		f.refused = append(f.refused, l.err)
		return
	}
	f.robots = append(f.robots, l.robot)
}

// begin marks the beginning of what is reported.
func (f *fleet) begin(now time.Time) {
	f.began = now
	for _, r := range f.robots {
		r.start = r.last
	}
}

// end marks its end. Reliable messages sent later do not count, answers that come later do.
func (f *fleet) end(now time.Time) {
	f.ended = now
	for _, r := range f.robots {
		r.final, r.asked = r.last, r.last.ReliableSent
	}
}

// play plays and measures one frame of every client.
func (f *fleet) play(now time.Time) {
	f.frames++
	for _, r := range f.robots {
		before := r.last
		r.frame()
		f.measure(before, &r.last)
	}
	f.ticker.tick(now, f)
}

// idle keeps every session going for one frame.
func (f *fleet) idle(time.Time) {
	for _, r := range f.robots {
		r.idle()
	}
}

// measure notes what a frame brought. Arrivals are seen at frames, as by a player: snapshots that came
// between two frames came together.
func (f *fleet) measure(before client.Stats, after *client.Stats) {
	if fresh := after.Snapshots - before.Snapshots; fresh > 0 && before.Snapshots > 0 {
		f.gaps.add(after.SnapshotGap)
		for range fresh - 1 {
			f.gaps.add(0)
		}
	}
	if f.frames%framesPerRTT == 0 && after.RTT > 0 {
		f.rtt.add(after.RTT)
	}
}

func (f *fleet) playing() (n int) {
	for _, r := range f.robots {
		if r.gone == nil {
			n++
		}
	}
	return n
}

func (f *fleet) settled() bool {
	return !slices.ContainsFunc(f.robots, func(r *robot) bool { return !r.settled() })
}
