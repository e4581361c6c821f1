package client_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/simnet"
	"github.com/halftick/halftick/server"
)

// The game of these tests: dots that run, push each other, shoot bullets that fly on their own, and
// hit-scan others in the past.
type (
	dot struct {
		Pos  sim.Vec2 `net:"range=-512:512,step=1/64,lerp,smooth"`
		Vel  sim.Vec2 `net:"range=-64:64,step=1/64"`
		Wait uint8    // ticks until the next bullet
		Hits uint16   // others that moved down when a ray was cast
		Seen float32  // where the last one of them stood, to the last bit
		Lag  uint16   // of the newest ray, in 1/32 tick
	}
	bullet struct {
		Pos  sim.Vec2 `net:"range=-512:512,step=1/64,lerp"`
		Life uint8
	}
	field struct {
		Dots    sim.Table[dot]
		Bullets sim.Table[bullet]
	}
	move struct {
		Dx, Dy     int8 `net:"range=-1:1"`
		Shoot, Ray bool
		Push       bool // shoves every dot nearby: the one thing that contests others
	}
	ctx = *sim.Ctx[field, move]
)

func dotGame() *sim.Game[field, move] {
	return &sim.Game[field, move]{Name: "dots", TickRate: 60, Step: stepDots,
		Join: func(c ctx, w *field, p sim.PlayerID) { w.Dots.Spawn(p).Pos = sim.V(float32(p)*40-80, 0) }}
}

func stepDots(c ctx, w *field) {
	for id, b := range w.Bullets.All() {
		b.Pos.X += 3
		if b.Life--; b.Life == 0 {
			w.Bullets.Despawn(id)
		}
	}
	for p, in := range c.Inputs() {
		if d, ok := w.Dots.Of(p); ok {
			stepDot(c, w, p, d, in)
		}
	}
}

func stepDot(c ctx, w *field, p sim.PlayerID, d *dot, in move) {
	d.Vel = d.Vel.Mul(0.9).Add(sim.V(float32(in.Dx), float32(in.Dy)).Mul(0.4))
	if d.Vel.Len2() < 0.04 {
		d.Vel = sim.Vec2{} // on a grid of 1/64 friction alone would never stop it
	}
	d.Pos = d.Pos.Add(d.Vel)
	if d.Wait > 0 {
		d.Wait--
	} else if in.Shoot {
		d.Wait = 10
		b := w.Bullets.Spawn(p)
		b.Pos, b.Life = d.Pos, 30
	}
	if in.Ray {
		past := c.PastOf(p)
		d.Lag = uint16(past.Lag * 32)
		for id, o := range past.World.Dots.All() {
			if past.World.Dots.Owner(id) != p && o.Vel.Y > 0 {
				d.Hits++
				d.Seen = o.Pos.Y
			}
		}
	}
	if in.Push {
		for id, o := range w.Dots.All() {
			if w.Dots.Owner(id) != p {
				o.Vel.Y += 4
			}
		}
	}
}

type dots = client.Client[field, move]

// seat is one client with its host.
type seat struct {
	*dots
	ep    *session.Endpoint
	addr  netip.AddrPort
	frame time.Duration
	next  time.Duration
	play  func(tick int) move // what the player does; tick counts calls
	calls int
	watch func(now time.Duration) // after each call
}

// match is a server and its clients on one virtual clock and network.
type match struct {
	t      testing.TB
	game   *sim.Game[field, move]
	net    *simnet.Net
	server *server.Server[field, move]
	addr   netip.AddrPort
	ticks  int64
	slow   float64 // how much longer the server's ticks take than they should; 0: not at all
	seats  []*seat
	buf    [session.MaxRecordSize]byte
}

func address(host byte) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, host}), 4000)
}

func newMatch(t testing.TB, seed uint64, conditions string, players int) *match {
	t.Helper()
	return newMatchOf(t, dotGame(), seed, conditions, players)
}

func newMatchOf(t testing.TB, g *sim.Game[field, move], seed uint64, conditions string, players int) *match {
	t.Helper()
	t.Logf("seed %d", seed)
	srv, err := server.New(g, server.Config{Seed: seed, Secret: [32]byte{1}})
	if err != nil {
		t.Fatal(err)
	}
	m := &match{t: t, game: g, net: simnet.New(seed), server: srv, addr: address(1)}
	way, err := simnet.Parse(conditions)
	if err != nil {
		t.Fatal(err)
	}
	for i := range players {
		m.join(byte(i+2), way, client.Config{ProbeEvery: 100 * time.Millisecond})
	}
	return m
}

func (m *match) join(host byte, way simnet.Conditions, cfg client.Config) *seat {
	m.t.Helper()
	sc, err := client.SessionConfig(m.game)
	if err != nil {
		m.t.Fatal(err)
	}
	sc.Secret = [32]byte{host}
	s := &seat{addr: address(host), frame: time.Second / 60, play: func(int) move { return move{} }}
	s.next = m.net.Now() + time.Duration(host)*1700*time.Microsecond
	if s.ep, err = session.NewEndpoint(sc); err != nil {
		m.t.Fatal(err)
	}
	m.net.Connect(s.addr, m.addr, way, way)
	conn, err := s.ep.Dial(m.net.Now(), session.Path{Carrier: session.UDP, Addr: m.addr})
	if err != nil {
		m.t.Fatal(err)
	}
	if s.dots, err = client.New(m.game, s.ep, conn, cfg); err != nil {
		m.t.Fatal(err)
	}
	m.seats = append(m.seats, s)
	return s
}

func (m *match) flush(ep *session.Endpoint, from netip.AddrPort) {
	for {
		n, to := ep.Transmit(m.net.Now(), m.buf[:])
		if n == 0 {
			return
		}
		m.net.Send(from, to.Addr, m.buf[:n])
	}
}

func (m *match) nextTick() time.Duration {
	due := time.Duration(m.ticks+1) * time.Second / 60
	return due + time.Duration(float64(due)*max(0, m.slow-1))
}

// next returns when something other than a delivery is due.
func (m *match) next() time.Duration {
	at := m.nextTick()
	for _, s := range m.seats {
		at = min(at, s.next, timeout(s.ep))
	}
	return max(m.net.Now(), min(at, timeout(m.server.Endpoint())))
}

func timeout(ep *session.Endpoint) time.Duration {
	if at, ok := ep.NextTimeout(); ok {
		return at
	}
	return 1 << 62
}

// run plays for a while.
func (m *match) run(d time.Duration) {
	for end := m.net.Now() + d; m.net.Now() < end; {
		if p, ok := m.net.Next(min(end, m.next())); ok {
			m.deliver(p)
			continue
		}
		m.act(m.net.Now())
	}
}

func (m *match) deliver(p simnet.Packet) {
	from := session.Path{Carrier: session.UDP, Addr: p.From}
	if p.To == m.addr {
		m.server.Endpoint().Receive(p.At, from, p.Data)
		m.server.Poll(p.At)
		m.flush(m.server.Endpoint(), m.addr)
		return
	}
	for _, s := range m.seats {
		if s.addr == p.To {
			s.ep.Receive(p.At, from, p.Data)
			m.flush(s.ep, s.addr)
		}
	}
}

func (m *match) act(now time.Duration) {
	m.server.Endpoint().Advance(now)
	if m.nextTick() <= now {
		m.ticks++
		m.server.Tick(now)
	}
	m.flush(m.server.Endpoint(), m.addr)
	for _, s := range m.seats {
		s.ep.Advance(now)
		if s.next <= now {
			s.call(now)
		}
		m.flush(s.ep, s.addr)
	}
}

func (s *seat) call(now time.Duration) {
	s.next += s.frame
	s.Advance(now, s.play(s.calls))
	s.calls++
	if s.watch != nil {
		s.watch(now)
	}
}

// wander plays at random, changing its mind now and then; it depends on nothing but its seed.
func wander(seed uint64) func(int) move {
	rng := rand.New(rand.NewPCG(seed, 2))
	var in move
	return func(tick int) move {
		if tick%7 == 0 {
			in.Dx, in.Dy = int8(rng.IntN(3)-1), int8(rng.IntN(3)-1)
			in.Shoot = rng.IntN(3) == 0
		}
		return in
	}
}
