package server

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// hall is a server of any game and its clients, which predict nothing, on a network that takes two ticks each way. The
// server's part of a tick can be timed alone.
type hall[W any] struct {
	t      testing.TB
	s      *Server[W, move]
	now    time.Duration
	guests []*guest
	up     [3][]parcel // by the ticks until they arrive
	down   [3][]parcel
	buf    [session.MaxRecordSize]byte
	most   int // bytes of the longest snapshot
}

type parcel struct {
	guest, size int
	data        [session.MaxRecordSize]byte
}

// guest is one client.
type guest struct {
	ep      *session.Endpoint
	conn    *session.Conn
	hold    *replica.Holder
	ring    [historyTicks]*replica.Snapshot
	me      sim.PlayerID
	newest  *replica.Snapshot
	cmds    [1]replica.Command[move]
	message []byte
}

func newHall[W any](t testing.TB, g *sim.Game[W, move], cfg Config, n int) *hall[W] {
	t.Helper()
	cfg.Secret, cfg.MaxPlayers, cfg.MaxPerNetwork = testSecret, sim.MaxPlayers, -1
	s, err := New(g, cfg)
	if err != nil {
		t.Fatal(err)
	}
	h := &hall[W]{t: t, s: s, now: time.Second}
	for i := range n {
		h.enter(i)
		h.tick()
	}
	h.run(60)
	for i, x := range h.guests {
		if x.newest == nil {
			t.Fatalf("guest %d has no world", i)
		}
	}
	return h
}

func (h *hall[W]) enter(i int) {
	c := h.s.sessionConfig()
	c.Secret, c.Key = [32]byte{byte(i), byte(i >> 8), 1}, [32]byte{}
	ep, err := session.NewEndpoint(c)
	if err != nil {
		h.t.Fatal(err)
	}
	x := &guest{ep: ep, hold: h.s.plan.NewHolder()}
	for k := range x.ring {
		x.ring[k] = h.s.plan.NewSnapshot()
	}
	if x.conn, err = ep.DialWith(h.now, serverPath, session.DialOptions{ServerKey: h.s.endpoint.PublicKey()}); err != nil {
		h.t.Fatal(err)
	}
	h.guests = append(h.guests, x)
	for range 12 {
		h.tick()
	}
	if err := x.conn.Send(h.now, replica.ChanControl, replica.AppendControl(nil, replica.Hello{Name: fmt.Sprint("g", i)})); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hall[W]) run(n int) {
	for range n {
		h.tick()
	}
}

func (h *hall[W]) tick() {
	h.clients()
	h.server()
}

// clients is the clients' part of a tick, and the network's.
func (h *hall[W]) clients() {
	h.now += h.s.period
	arrived := h.down[0]
	h.down[0], h.down[1], h.down[2] = h.down[1], h.down[2], arrived[:0]
	for i := range arrived {
		p := &arrived[i]
		h.guests[p.guest].ep.Receive(h.now, serverPath, p.data[:p.size])
	}
	for i, x := range h.guests {
		h.listen(x)
		h.play(x)
		x.ep.Advance(h.now)
		for n, _ := x.ep.Transmit(h.now, h.buf[:]); n > 0; n, _ = x.ep.Transmit(h.now, h.buf[:]) {
			h.up[2] = append(h.up[2], parcel{guest: i, size: n, data: h.buf})
		}
	}
}

// server is the server's part: datagrams in, Tick, datagrams out.
func (h *hall[W]) server() {
	arrived := h.up[0]
	h.up[0], h.up[1], h.up[2] = h.up[1], h.up[2], arrived[:0]
	for i := range arrived {
		p := &arrived[i]
		h.s.endpoint.Receive(h.now, guestPath(p.guest), p.data[:p.size])
	}
	h.s.endpoint.Advance(h.now)
	h.s.Poll(h.now)
	h.s.Tick(h.now)
	for n, to := h.s.endpoint.Transmit(h.now, h.buf[:]); n > 0; n, to = h.s.endpoint.Transmit(h.now, h.buf[:]) {
		h.down[2] = append(h.down[2], parcel{guest: int(to.Addr.Port()) - 1000, size: n, data: h.buf})
	}
}

func guestPath(i int) session.Path {
	return session.Path{Carrier: session.UDP, Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 1, 1}), uint16(1000+i))}
}

func (h *hall[W]) play(x *guest) {
	if x.me == 0 {
		return
	}
	t := h.s.present.tick + 4
	x.cmds[0] = replica.Command[move]{Tick: t, View: 4 * viewUnits, Input: move{Dx: int8(int(t)/30+int(x.me))%3 - 1, Dy: int8(int(t)/40+int(x.me))%3 - 1}}
	var ack replica.SnapshotAck
	if x.newest != nil {
		ack = replica.SnapshotAck{Tick: x.newest.Tick, Has: true}
	}
	x.message = h.s.codec.Append(x.message[:0], ack, x.cmds[:])
	if err := x.conn.Send(h.now, replica.ChanInput, x.message); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hall[W]) listen(x *guest) {
	for ev, ok := x.ep.Event(); ok; ev, ok = x.ep.Event() {
		switch {
		case ev.Kind == session.Closed:
			h.t.Fatalf("a session ended: %v", ev.Err)
		case ev.Kind == session.Message && ev.Channel == replica.ChanControl && x.me == 0:
			if m, err := replica.ParseControl(ev.Data); err == nil {
				if w, ok := m.(replica.Welcome); ok {
					x.me = w.Player
				}
			}
		case ev.Kind == session.Message && ev.Channel == replica.ChanSnapshot && x.me != 0:
			h.take(x, ev.Data)
		}
	}
}

func (h *hall[W]) take(x *guest, b []byte) {
	m, delta, err := replica.ParseSnapshotHeader(b)
	if err != nil {
		h.t.Fatal(err)
	}
	h.most = max(h.most, len(b))
	var base, older *replica.Snapshot
	if m.HasBase {
		base = x.ring[m.Base%historyTicks]
	}
	if m.HasOlder {
		older = x.ring[m.Older%historyTicks]
	}
	s := x.ring[m.Tick%historyTicks]
	if err := x.hold.Take(s, m.Tick, base, older, x.newest, delta); err != nil {
		h.t.Fatalf("snapshot %d: %v", m.Tick, err)
	}
	x.newest = s
}

// The worlds of the benchmarks: 256 bodies, half of them moving, beside the players.
type (
	mover struct {
		Pos   sim.Vec2 `net:"range=-2048:2048,step=1/64,lerp"`
		Vel   sim.Vec2 `net:"range=-256:256,step=1/16"`
		Aim   float32  `net:"angle=12,lerp"`
		Life  uint8
		Score uint16
		Kind  uint8 `net:"bits=3,const"`
	}
	openWorld struct{ Movers sim.Table[mover] }
	nearWorld struct {
		Movers sim.Table[mover] `net:"aoi=Pos:256"`
	}
)

func fillMovers(t *sim.Table[mover], n int) {
	for i := range n {
		m := t.Spawn(0)
		m.Pos, m.Kind = sim.V(float32(i%32)*64-1024, float32(i/32)*64-1024), uint8(i%8)
		if i%2 == 0 {
			m.Vel = sim.V(float32(float32(i%7)*10)-30, float32(float32(i%5)*10)-20)
		}
	}
}

func moveMovers(t *sim.Table[mover], tick sim.Tick, dt float32) {
	for id, m := range t.All() {
		if m.Vel == (sim.Vec2{}) {
			continue
		}
		k := uint32(tick)*7 + uint32(id)*13
		m.Vel = m.Vel.Add(sim.V(float32(k%5)-2, float32(k%7)-3).Mul(0.5))
		m.Pos = m.Pos.Add(m.Vel.Mul(dt))
		if m.Pos.X > 1000 || m.Pos.X < -1000 {
			m.Vel.X = -m.Vel.X
		}
		if m.Pos.Y > 1000 || m.Pos.Y < -1000 {
			m.Vel.Y = -m.Vel.Y
		}
		m.Aim += 0.01
	}
}

func joinMovers(t *sim.Table[mover], p sim.PlayerID) {
	t.Spawn(p).Pos = sim.V(float32(int(p)*97%2000)-1000, float32(int(p)*61%2000)-1000)
}

func openGame(n, rate int) *sim.Game[openWorld, move] {
	return &sim.Game[openWorld, move]{
		Name: "open", TickRate: rate,
		Init: func(w *openWorld) { fillMovers(&w.Movers, n) },
		Join: func(c *sim.Ctx[openWorld, move], w *openWorld, p sim.PlayerID) { joinMovers(&w.Movers, p) },
		Step: stepOpen,
	}
}

func stepOpen(c *sim.Ctx[openWorld, move], w *openWorld) {
	moveMovers(&w.Movers, c.Tick, c.DT)
	for p, in := range c.Inputs() {
		if m, ok := w.Movers.Of(p); ok {
			m.Pos = m.Pos.Add(sim.V(float32(in.Dx), float32(in.Dy)).Mul(2))
		}
	}
}

func nearGame(n, rate int) *sim.Game[nearWorld, move] {
	return &sim.Game[nearWorld, move]{
		Name: "near", TickRate: rate,
		Init: func(w *nearWorld) { fillMovers(&w.Movers, n) },
		Join: func(c *sim.Ctx[nearWorld, move], w *nearWorld, p sim.PlayerID) { joinMovers(&w.Movers, p) },
		Step: stepNear,
	}
}

func stepNear(c *sim.Ctx[nearWorld, move], w *nearWorld) {
	moveMovers(&w.Movers, c.Tick, c.DT)
	for p, in := range c.Inputs() {
		if m, ok := w.Movers.Of(p); ok {
			m.Pos = m.Pos.Add(sim.V(float32(in.Dx), float32(in.Dy)).Mul(2))
		}
	}
}

// seenGame lets everybody see all, so that each client has a view of its own of the same size.
func seenGame(n, rate int) *sim.Game[openWorld, move] {
	g := openGame(n, rate)
	g.Name, g.See = "seen", func(*openWorld, sim.PlayerID, *sim.View) {}
	return g
}

// timeHall measures the server's part of a tick: datagrams in, Tick, datagrams out.
func timeHall[W any](b *testing.B, h *hall[W], rate int) {
	h.run(100)
	before := h.s.Stats().Snapshots
	var ticks []time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		h.clients()
		start := time.Now()
		b.StartTimer()
		h.server()
		ticks = append(ticks, time.Since(start))
	}
	b.StopTimer()
	slices.Sort(ticks)
	after := h.s.Stats().Snapshots
	p50 := ticks[len(ticks)/2] // unlike the mean, it does not tell of what else the machine did
	b.ReportMetric(p50.Seconds()*float64(rate)*100, "%core-p50")
	b.ReportMetric(float64(p50.Microseconds()), "p50-µs")
	b.ReportMetric(float64(ticks[len(ticks)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(after.Bytes-before.Bytes)/float64(max(after.Sent-before.Sent, 1)), "B/snapshot")
	b.ReportMetric(float64(after.RowsStale-before.RowsStale)/float64(max(after.Sent-before.Sent, 1)), "stale/snapshot")
}

func BenchmarkRoom(b *testing.B) {
	b.Run("64x256@60/shared", func(b *testing.B) { timeHall(b, newHall(b, openGame(256, 60), Config{}, 64), 60) })
	b.Run("64x256@60/views", func(b *testing.B) { timeHall(b, newHall(b, seenGame(256, 60), Config{}, 64), 60) })
	b.Run("64x256@60/near", func(b *testing.B) { timeHall(b, newHall(b, nearGame(256, 60), Config{}, 64), 60) })
	b.Run("64x256@60/narrow", func(b *testing.B) { timeHall(b, newHall(b, seenGame(256, 60), Config{Rate: 20000}, 64), 60) })
	b.Run("200@30/shared", func(b *testing.B) { timeHall(b, newHall(b, openGame(0, 30), Config{}, 200), 30) })
	b.Run("200@30/near", func(b *testing.B) { timeHall(b, newHall(b, nearGame(0, 30), Config{}, 200), 30) })
	b.Run("10@128/shared", func(b *testing.B) { timeHall(b, newHall(b, openGame(0, 128), Config{}, 10), 128) })
	b.Run("10@128/near", func(b *testing.B) { timeHall(b, newHall(b, nearGame(0, 128), Config{}, 10), 128) })
}

// A tick in which each client is sent a snapshot of its own allocates nothing, whether all fits or not.
func TestComposedTicksAllocateNothing(t *testing.T) {
	for _, rate := range []int{0, 4000} {
		h := newHall(t, nearGame(300, 60), Config{Rate: rate}, 6)
		h.run(300)
		if n := testing.AllocsPerRun(200, func() { h.clients(); h.server() }); n != 0 {
			t.Errorf("%v allocations per tick with a rate of %d", n, rate)
		}
		if c := h.s.Stats().Snapshots; c.Composed == 0 || (c.RowsStale > 0) != (rate > 0) {
			t.Errorf("%+v", c)
		}
	}
}

// Two thousand rows that come, and go, at once: no message is above the budget, and what each client may know is there in
// the end.
func TestManyComeAndGo(t *testing.T) {
	g := nearGame(0, 60)
	step := g.Step
	g.Step = func(c *sim.Ctx[nearWorld, move], w *nearWorld) {
		step(c, w)
		switch c.Tick {
		case 100:
			fillMovers(&w.Movers, 2000)
		case 400:
			for id := range w.Movers.All() {
				if w.Movers.Owner(id) == 0 {
					w.Movers.Despawn(id)
				}
			}
		}
	}
	h := newHall(t, g, Config{Rate: 60_000}, 4)
	for h.s.present.tick < 390 {
		h.tick()
	}
	few, most := h.count(0), h.most
	for h.s.present.tick < 800 {
		h.tick()
	}
	t.Logf("a client knew %d rows of 2000; the longest snapshot had %d bytes, and %d while they went", few, most, h.most)
	if few < 20 || few > 1000 {
		t.Errorf("a client knew %d rows", few)
	}
	if budget := 60_000 * 20 / 1000 * 2; h.most > budget {
		t.Errorf("a snapshot of %d bytes, more than leave in two beats: %d", h.most, budget)
	}
	for i := range h.guests {
		if n := h.count(i); n > 4 {
			t.Errorf("guest %d still knows %d rows", i, n)
		}
	}
}

// count returns how many rows of the first table a guest holds.
func (h *hall[W]) count(i int) (n int) {
	w := h.s.plan.NewWorld()
	h.s.plan.Restore(w, h.guests[i].newest)
	t := w.Tables()[0]
	for slot := range t.Slots() {
		if t.Meta(slot).Alive {
			n++
		}
	}
	return n
}
