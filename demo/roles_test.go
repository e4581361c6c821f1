package demo_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode/matchtest"
	"github.com/halftick/halftick/netcode/p2p"
	"github.com/halftick/halftick/netcode/replay"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/simnet"
	"github.com/halftick/halftick/server"
)

// One Step plays every role. A match on a server is recorded; then each role computes or is told the same ticks, and its world of
// each is held against the server's, by the hash of all lanes.
//
//	authority     the server's Step, the truth of all that follows
//	prediction    clients on a bad network: every snapshot that they hold, and their own rows while nobody touches them
//	spectator     one who watches a second late, on a bad network: every snapshot
//	bots          one thinks on the server, one on what its client sees
//	playback      the recording, shown
//	verification  the recording, computed again
//	rollback      four players without a server on a bad network, who do what was recorded: every world that they confirm
//	lockstep      the same without guesses
//
// Nobody fires the rail gun: its shots are judged in the past of who fires, and among players without a server the past is the present.
func TestOneStepSixRoles(t *testing.T) {
	const seed = 11
	film := shootRoles(t, seed)
	for _, k := range []struct {
		name         string
		net          string
		delay, guess int
	}{
		{"rollback", "delay=50ms,jitter=15ms,loss=10%,reorder=3%", -1, 8},
		{"lockstep", "delay=40ms,jitter=5ms,loss=3%", 8, -1},
	} {
		t.Run(k.name, func(t *testing.T) {
			c := newCast(t, film, k.net, p2p.Config{Seed: seed, InputDelay: k.delay, MaxPrediction: k.guess})
			c.play()
			again := uint64(0)
			for i, p := range c.peers {
				s := p.Stats()
				again += s.Resimulated
				if s.Skipped > 0 || c.compared[i] < len(film.truth)/3 {
					t.Errorf("player %d: %d worlds compared of %d; %+v", i+1, c.compared[i], len(film.truth), s.Counters)
				}
			}
			if (again > 100) != (k.guess > 0) {
				t.Errorf("%d ticks were computed again", again)
			}
		})
	}
}

// rolesFilm is the recorded match and what it really was.
type rolesFilm struct {
	truth  map[sim.Tick]uint64        // hashes of the server's worlds
	inputs map[sim.Tick][]arena.Input // of players 1 and so on
	last   sim.Tick
}

// Everybody keeps the hands off the keys up to calmTicks, so that a delay of the inputs changes nothing, and off the weapons up to peaceTicks.
const (
	rolesPlayers = 4
	calmTicks    = 30
	peaceTicks   = 4 * arena.TickRate
)

// tame makes an input one that the roles can share.
func tame(in arena.Input, t sim.Tick) arena.Input {
	in.Fire = false
	in.AltFire = in.AltFire && t > peaceTicks
	if t <= calmTicks {
		return arena.Input{}
	}
	return in
}

// shootRoles plays the match with a bot of the server's and three clients, one of them a bot, and holds clients and recording against the server.
func shootRoles(t *testing.T, seed uint64) *rolesFilm {
	t.Helper()
	f := &rolesFilm{truth: map[sim.Tick]uint64{}, inputs: map[sim.Tick][]arena.Input{}}
	var file bytes.Buffer
	m := matchtest.New(t, arena.Game(), matchtest.Options{Seed: seed, Server: server.Config{Record: &file, MaxSpectators: 1, SpectatorDelay: time.Second}})
	m.AfterTick = func() { s := m.Server.Snapshot(); f.truth[s.Tick] = s.Hash() }
	booms, deaths := 0, 0
	server.On(m.Server, arena.BoomEvent, func(arena.Boom, sim.EventKey) { booms++ })
	server.On(m.Server, arena.DeathEvent, func(arena.Death, sim.EventKey) { deaths++ })
	robin := arena.NewBot(1)
	if _, err := m.Server.AddBot("Robin", func(w *arena.World, p sim.PlayerID, t sim.Tick) arena.Input { return tame(robin.Think(w, p, t), t) }); err != nil {
		t.Fatal(err)
	}
	think := arena.NewBot(2)
	m.JoinAs(client.Config{}, func(p *player) arena.Input {
		return tame(think.Think(p.View(), p.Player(), p.Stats().Tick), p.Stats().Tick)
	})
	for i := range uint64(2) {
		keys := matchtest.Random[arena.World](seed+i, 9, func(r *rand.Rand) arena.Input {
			return arena.Input{Dx: int8(r.IntN(3) - 1), Dy: int8(r.IntN(3) - 1), Aim: r.Float32() * 6, AltFire: r.IntN(3) == 0, Dash: r.IntN(8) == 0}
		})
		m.JoinAs(client.Config{}, func(p *player) arena.Input { return tame(keys(p), p.Stats().Tick) })
	}
	shown := f.spectate(m)
	m.RunUntil(time.Second, func() bool { return m.Server.Snapshot().Tick == 1 })
	if n := m.Server.Stats().Players; n != rolesPlayers {
		t.Fatalf("%d players in tick 1", n)
	}
	for _, p := range m.Players {
		p.SetConditions("delay=60ms,jitter=15ms,loss=5%")
	}
	m.Run(time.Second)
	m.Uncorrected(func() { m.Run(2500 * time.Millisecond) })
	m.Run(16 * time.Second)
	if *shown < 800 {
		t.Errorf("the spectator saw %d worlds", *shown)
	}
	for _, p := range m.Players[:rolesPlayers-1] {
		if got := p.Compared(); got.Worlds < 800 || p.Stats().Corrections == 0 {
			t.Errorf("%s holds %d worlds of the server, was corrected %d times", p.Name(p.Player()), got.Worlds, p.Stats().Corrections)
		}
	}
	if booms < 20 || deaths == 0 {
		t.Errorf("a dull match: %d rockets, %d deaths", booms, deaths)
	}
	f.project(t, file.Bytes())
	return f
}

// spectate adds one who only watches, and returns how many worlds were held against the server's.
func (f *rolesFilm) spectate(m *matchtest.Match[arena.World, arena.Input]) *int {
	shown, last := new(int), sim.Tick(0)
	m.JoinAs(client.Config{Spectate: true}, nil).After = func(p *player) {
		s := p.Snapshot()
		if s == nil || s.Tick == last || s.Partial() {
			return
		}
		last = s.Tick
		if *shown++; s.Hash() != f.truth[s.Tick] || m.Server.Snapshot().Tick.Sub(s.Tick) < arena.TickRate {
			m.Fatalf("the spectator sees another world of tick %d, or too early, at %d", s.Tick, m.Server.Snapshot().Tick)
		}
	}
	return shown
}

// project shows the recording, computes it again, and takes the inputs from it.
func (f *rolesFilm) project(t *testing.T, file []byte) {
	t.Helper()
	r, err := replay.Open(arena.Game(), bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	f.last = r.Last()
	report, err := r.Verify(context.Background())
	if err != nil || report.First != nil || report.Skipped > 0 || report.Verified != int(f.last-r.First()) || report.Verified < 1000 {
		t.Errorf("verification: %v, %v", report, err)
	}
	p, err := r.Play()
	if err != nil {
		t.Fatal(err)
	}
	for at := r.First(); ; at++ {
		if err := p.Seek(at); err != nil {
			t.Fatal(err)
		}
		if p.Snapshot().Hash() != f.truth[at] {
			t.Fatalf("playback: tick %d is shown as another world", at)
		}
		for _, e := range p.Entries() {
			f.inputs[at] = append(f.inputs[at], e.Input)
		}
		if at > r.First() && len(f.inputs[at]) != rolesPlayers {
			t.Fatalf("tick %d has %d inputs", at, len(f.inputs[at]))
		}
		if at == f.last {
			return
		}
	}
}

// input returns what a player did in a tick: the first is a keyframe, which has none.
func (f *rolesFilm) input(t sim.Tick, p int) arena.Input {
	if all := f.inputs[t]; len(all) > p {
		return all[p]
	}
	return arena.Input{}
}

// cast are the players of the film without a server.
type cast struct {
	*testing.T
	film     *rolesFilm
	net      *simnet.Net
	peers    []*p2p.Peer[arena.World, arena.Input]
	eps      []*session.Endpoint
	delay    int // of inputs, in ticks
	compared []int
	seen     []sim.Tick
	buf      [session.MaxRecordSize]byte
}

func castAddr(i int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}), 7000)
}

func newCast(t *testing.T, f *rolesFilm, conditions string, cfg p2p.Config) *cast {
	t.Helper()
	way, err := simnet.Parse(conditions)
	if err != nil {
		t.Fatal(err)
	}
	c := &cast{T: t, film: f, net: simnet.New(cfg.Seed), delay: max(cfg.InputDelay, 0), compared: make([]int, rolesPlayers), seen: make([]sim.Tick, rolesPlayers)}
	cfg.Addrs = make([]string, rolesPlayers)
	for i := range rolesPlayers {
		cfg.Player = sim.PlayerID(i + 1)
		sc, err := p2p.SessionConfig(arena.Game(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		sc.Secret = [32]byte{9, byte(i)}
		ep, err := session.NewEndpoint(sc)
		if err != nil {
			t.Fatal(err)
		}
		ep.Listen(true)
		p, err := p2p.New(arena.Game(), ep, cfg)
		if err != nil {
			t.Fatal(err)
		}
		for j := range i {
			c.net.Connect(castAddr(i), castAddr(j), way, way)
			p.Connect(sim.PlayerID(j+1), session.Path{Carrier: session.UDP, Addr: castAddr(j)})
		}
		c.peers, c.eps = append(c.peers, p), append(c.eps, ep)
	}
	return c
}

// play runs the match until everybody has confirmed the last tick of the film. Frames are half a tick, so that none computes two.
func (c *cast) play() {
	c.Helper()
	const frame = time.Second / arena.TickRate / 2
	for now := frame; ; now += frame {
		for p, ok := c.net.Next(now); ok; p, ok = c.net.Next(now) {
			i := int(p.To.Addr().As4()[3]) - 1
			c.eps[i].Receive(p.At, session.Path{Carrier: session.UDP, Addr: p.From}, p.Data)
			c.flush(i)
		}
		done := true
		for i := range c.peers {
			done = c.frame(i, now) && done
		}
		if done {
			return
		}
		if now > 2*time.Minute {
			c.Fatalf("the match does not come to its end: %+v", c.peers[0].Stats())
		}
	}
}

// frame lets a player do what it did in the film, and reports whether it has confirmed all of it.
func (c *cast) frame(i int, now time.Duration) bool {
	p := c.peers[i]
	c.eps[i].Advance(now)
	t := p.Stats().Tick
	p.Advance(now, c.film.input(t+1+sim.Tick(c.delay), i))
	c.flush(i)
	s := p.Confirmed()
	switch {
	case p.Err() != nil:
		c.Fatalf("player %d: %v", i+1, p.Err())
	case p.Stats().Tick > t+1:
		c.Fatalf("player %d computed ticks %d to %d in one frame", i+1, t+1, p.Stats().Tick)
	case s == nil || s.Tick == c.seen[i]:
		return false
	case s.Tick > c.film.last:
		return true
	}
	c.seen[i] = s.Tick
	c.compared[i]++
	if s.Hash() != c.film.truth[s.Tick] {
		c.Fatalf("player %d has confirmed another world of tick %d than the server had", i+1, s.Tick)
	}
	return false
}

func (c *cast) flush(i int) {
	for {
		n, to := c.eps[i].Transmit(c.net.Now(), c.buf[:])
		if n == 0 {
			return
		}
		c.net.Send(castAddr(i), to.Addr, c.buf[:n])
	}
}
