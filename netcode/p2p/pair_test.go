package p2p

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/simnet"
)

// The game of these tests: fighters who push each other away, and lose what only the server would know.
type (
	fighter struct {
		Pos  sim.Vec2 `net:"range=-512:512,step=1/64,lerp"`
		Hits uint16
		Rage int32 `net:"server"`
	}
	ring  struct{ Fighters sim.Table[fighter] }
	moves struct {
		Dx, Dy int8 `net:"range=-1:1"`
		Punch  bool
	}
	ctx     = *sim.Ctx[ring, moves]
	brawler = Peer[ring, moves]
)

var (
	punched = sim.NewEvent[sim.PlayerID]("punched", sim.Predicted)
	downed  = sim.NewEvent[sim.PlayerID]("downed", sim.Reliable)
)

func fight() *sim.Game[ring, moves] {
	return &sim.Game[ring, moves]{Name: "fight", TickRate: 60, Step: stepFight, Events: []sim.AnyEvent{punched, downed},
		Join: func(c ctx, w *ring, p sim.PlayerID) { w.Fighters.Spawn(p).Pos = sim.V(float32(p)*8, 0) }}
}

func stepFight(c ctx, w *ring) {
	for p, in := range c.Inputs() {
		f, ok := w.Fighters.Of(p)
		if !ok {
			continue
		}
		f.Pos = f.Pos.Add(sim.V(float32(in.Dx), float32(in.Dy)))
		if in.Punch {
			punch(c, w, p, f)
		}
	}
}

func punch(c ctx, w *ring, p sim.PlayerID, f *fighter) {
	f.Rage++
	sim.Emit(c, punched, p, sim.By(p))
	for id, o := range w.Fighters.All() {
		if d := o.Pos.Sub(f.Pos); w.Fighters.Owner(id) != p && d.Len() < 24 {
			r := c.Rand(p)
			o.Hits++
			o.Pos = o.Pos.Add(sim.V(r.Range(-3, 3), float32(f.Rage%5)))
			if o.Hits%8 == 0 {
				sim.Emit(c, downed, w.Fighters.Owner(id))
			}
		}
	}
}

// brawl is a match of some players over a simulated network in virtual time.
type brawl struct {
	t     testing.TB
	net   *simnet.Net
	peers []*brawler
	eps   []*session.Endpoint
	rnd   []*rand.Rand
	held  []moves
	frame []time.Duration // when the next frame is due
	every []time.Duration
	gone  []bool
	buf   [session.MaxRecordSize]byte
	truth map[sim.Tick]uint64 // hashes of confirmed worlds
	calm  bool                // nobody touches the keys
	blind bool                // nobody compares what is confirmed

	rogues map[netip.AddrPort]*session.Endpoint // who are not players
}

func at(n int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(n + 1)}), 7000)
}

// newBrawl makes the players 1 to n, each pair connected by a path with these conditions each way.
func newBrawl(t testing.TB, seed uint64, n int, conditions string, change func(player int, c *Config, g *sim.Game[ring, moves])) *brawl {
	t.Helper()
	way := mustParse(t, conditions)
	b := &brawl{t: t, net: simnet.New(seed), truth: map[sim.Tick]uint64{}, rogues: map[netip.AddrPort]*session.Endpoint{}}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d, %d players, %q, at %v", seed, n, conditions, b.net.Now())
		}
	})
	for i := range n {
		for j := range i {
			b.net.Connect(at(i), at(j), way, way)
		}
		b.add(i, n, seed, change)
	}
	return b
}

func (b *brawl) add(i, n int, seed uint64, change func(int, *Config, *sim.Game[ring, moves])) {
	b.t.Helper()
	cfg, g := Config{Player: sim.PlayerID(i + 1), Addrs: make([]string, n), Seed: seed * uint64(i+1)}, fight()
	if change != nil {
		change(i+1, &cfg, g)
	}
	sc, err := SessionConfig(g, cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	sc.Secret = [32]byte{byte(seed), byte(seed >> 8), byte(i + 1)}
	ep, err := session.NewEndpoint(sc)
	if err != nil {
		b.t.Fatal(err)
	}
	ep.Listen(true)
	p, err := New(g, ep, cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	for j := range i {
		p.Connect(sim.PlayerID(j+1), session.Path{Carrier: session.UDP, Addr: at(j)})
	}
	b.peers, b.eps = append(b.peers, p), append(b.eps, ep)
	b.rnd = append(b.rnd, rand.New(rand.NewPCG(seed, uint64(i))))
	b.held, b.gone = append(b.held, moves{}), append(b.gone, false)
	b.every = append(b.every, time.Second/60)
	b.frame = append(b.frame, time.Duration(i)*7*time.Millisecond)
}

// run lets d pass.
func (b *brawl) run(d time.Duration) {
	b.t.Helper()
	for end := b.net.Now() + d; b.net.Now() < end; {
		if p, ok := b.net.Next(min(end, b.due())); ok {
			b.deliver(p)
			continue
		}
		for i := range b.peers {
			b.act(i)
		}
	}
}

func (b *brawl) due() time.Duration {
	least := time.Duration(1 << 62)
	for i, ep := range b.eps {
		if b.gone[i] {
			continue
		}
		least = min(least, b.frame[i])
		if t, ok := ep.NextTimeout(); ok {
			least = min(least, t)
		}
	}
	return max(least, b.net.Now())
}

func (b *brawl) deliver(p simnet.Packet) {
	for i, ep := range b.eps {
		if at(i) == p.To && !b.gone[i] {
			ep.Receive(p.At, session.Path{Carrier: session.UDP, Addr: p.From}, p.Data)
			b.flush(i)
		}
	}
	if ep := b.rogues[p.To]; ep != nil {
		ep.Receive(p.At, session.Path{Carrier: session.UDP, Addr: p.From}, p.Data)
	}
}

func (b *brawl) act(i int) {
	if b.gone[i] {
		return
	}
	now := b.net.Now()
	b.eps[i].Advance(now)
	if b.frame[i] <= now {
		b.frame[i] += b.every[i]
		if r := b.rnd[i]; r.IntN(6) == 0 && !b.calm {
			b.held[i] = moves{int8(r.IntN(3) - 1), int8(r.IntN(3) - 1), r.IntN(3) == 0}
		}
		b.peers[i].Advance(now, b.held[i])
		b.witness(i)
	}
	b.flush(i)
}

// witness holds each confirmed world against those that others have confirmed.
func (b *brawl) witness(i int) {
	s := b.peers[i].Confirmed()
	if s == nil || b.blind {
		return
	}
	h := s.Hash()
	if other, ok := b.truth[s.Tick]; ok && other != h {
		b.t.Fatalf("player %d has confirmed another world of tick %d than somebody else", i+1, s.Tick)
	}
	b.truth[s.Tick] = h
}

func (b *brawl) flush(i int) {
	for {
		n, to := b.eps[i].Transmit(b.net.Now(), b.buf[:])
		if n == 0 {
			return
		}
		b.net.Send(at(i), to.Addr, b.buf[:n])
	}
}

// begun runs until the match has begun for everybody.
func (b *brawl) begun() {
	b.t.Helper()
	for end := b.net.Now() + 10*time.Second; ; b.run(10 * time.Millisecond) {
		all := true
		for _, p := range b.peers {
			all = all && p.Stats().Begun
		}
		if all {
			return
		}
		if b.net.Now() > end {
			b.t.Fatalf("the match has not begun: %+v", b.peers[0].Stats().Players)
		}
	}
}

func mustParse(t testing.TB, conditions string) simnet.Conditions {
	t.Helper()
	c, err := simnet.Parse(conditions)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
