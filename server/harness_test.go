package server

import (
	"net/netip"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The game of these tests: dots that run, and that note where they saw dot 1 when they look.
type (
	dot struct {
		Pos  sim.Vec2 `net:"range=-512:512,step=1/64,lerp"`
		Seen sim.Vec2 `net:"range=-512:512,step=1/64"` // dot 1, as it stood in the past of the looker
		Lag  uint16   // 1/32 tick
		Age  uint32   // ticks
	}
	field struct{ Dots sim.Table[dot] }
	move  struct {
		Dx, Dy int8 `net:"range=-1:1"`
		Look   bool
	}
	dotCtx = *sim.Ctx[field, move]
)

func dotGame() *sim.Game[field, move] {
	return &sim.Game[field, move]{
		Name: "dots", TickRate: 50,
		Join: func(c dotCtx, w *field, p sim.PlayerID) { w.Dots.Spawn(p).Pos.Y = float32(p) },
		Step: stepDots,
	}
}

func stepDots(c dotCtx, w *field) {
	for _, d := range w.Dots.All() {
		d.Age++
	}
	for p, in := range c.Inputs() {
		d, ok := w.Dots.Of(p)
		if !ok {
			continue
		}
		d.Pos = d.Pos.Add(sim.V(float32(in.Dx), float32(in.Dy)))
		if in.Look {
			past := c.PastOf(p)
			d.Lag = uint16(past.Lag * viewUnits)
			if target, ok := past.World.Dots.Of(1); ok {
				d.Seen = target.Pos
			}
		}
	}
}

var testSecret = [32]byte{1, 2, 3}

// match is a server and its puppets on one virtual clock, on a network without delay.
type match struct {
	t       testing.TB
	server  *Server[field, move]
	now     time.Duration
	puppets []*puppet
	mute    bool // puppets do not write down events
	deaf    int  // so many of the first puppets get nothing
	buf     [session.MaxRecordSize]byte
	up      []datagram
	down    []datagram
}

// datagram is on its way from a puppet to the server, or back.
type datagram struct {
	puppet, size int
	data         [session.MaxRecordSize]byte
}

func newMatch(t testing.TB, g *sim.Game[field, move], cfg Config) *match {
	t.Helper()
	cfg.Secret = testSecret
	s, err := New(g, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &match{t: t, server: s, now: time.Second}
}

var serverPath = session.Path{Carrier: session.UDP, Addr: netip.MustParseAddrPort("10.0.0.1:7777")}

func puppetAddr(i int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 1, byte(i / 32)}), uint16(1000+i))
}

// dial adds a client that has opened a session and said nothing.
func (m *match) dial() *puppet { return m.dialWith([32]byte{}, session.DialOptions{}) }

// dialWith is dial with a key and what it knows.
func (m *match) dialWith(key [32]byte, opt session.DialOptions) *puppet {
	m.t.Helper()
	i := len(m.puppets)
	p := newPuppet(m, i, key, opt)
	m.puppets = append(m.puppets, p)
	m.exchange()
	return p
}

// join adds a client that has been in the match for one tick.
func (m *match) join(name string) *puppet {
	m.t.Helper()
	p := m.dial()
	p.tell(replica.Hello{Name: name})
	m.run(2)
	if p.welcome.Player == 0 {
		m.t.Fatalf("%s was not welcomed: %v", name, p.closed)
	}
	return p
}

// run lets n ticks pass.
func (m *match) run(n int) {
	for range n {
		m.tick()
	}
}

func (m *match) tick() {
	m.play()
	m.exchange()
	m.server.Tick(m.now)
	m.exchange()
}

// play moves the clock to the next tick and lets every client make its input.
func (m *match) play() {
	m.now += m.server.period
	for _, p := range m.puppets {
		p.play()
	}
}

// exchange carries datagrams until nobody has more to say at this moment.
func (m *match) exchange() {
	rounds := 0
	for busy := true; busy; rounds++ {
		if rounds > 1000 {
			m.t.Fatalf("at %v the two ends never stop talking", m.now)
		}
		m.collect()
		busy = len(m.up) > 0
		m.serve()
		m.emit()
		busy = busy || len(m.down) > 0
		m.deliver()
	}
}

// collect takes what the clients have to send; serve gives it to the server.
func (m *match) collect() {
	for i, p := range m.puppets {
		p.ep.Advance(m.now)
		for {
			n, _ := p.ep.Transmit(m.now, m.buf[:])
			if n == 0 {
				break
			}
			m.up = append(m.up, datagram{puppet: i, size: n, data: m.buf})
		}
	}
}

func (m *match) serve() {
	for i := range m.up {
		d := &m.up[i]
		m.server.endpoint.Receive(m.now, session.Path{Carrier: session.UDP, Addr: puppetAddr(d.puppet)}, d.data[:d.size])
	}
	m.up = m.up[:0]
	m.server.endpoint.Advance(m.now)
	m.server.Poll(m.now)
}

// emit takes what the server has to send; deliver gives it to the clients.
func (m *match) emit() {
	for {
		n, to := m.server.endpoint.Transmit(m.now, m.buf[:])
		if n == 0 {
			return
		}
		m.down = append(m.down, datagram{puppet: int(to.Addr.Port()) - 1000, size: n, data: m.buf})
	}
}

func (m *match) deliver() {
	for i := range m.down {
		d := &m.down[i]
		if d.puppet < m.deaf {
			continue
		}
		m.puppets[d.puppet].ep.Receive(m.now, serverPath, d.data[:d.size])
	}
	m.down = m.down[:0]
	for _, p := range m.puppets {
		p.listen()
	}
}

// dots returns the server's world as its newest snapshot tells it.
func (m *match) dots() *field {
	w := m.server.plan.NewWorld()
	m.server.plan.Restore(w, m.server.Snapshot())
	return w.V
}
