package client_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode/matchtest"
	"github.com/halftick/halftick/netcode/sim"
)

// A game around one thing that everybody touches. Who pushes is remembered in the row, so that a client, which is not told the inputs of
// others, goes on with the last one.
type (
	puck struct {
		Pos sim.Vec2 `net:"range=-512:512,step=1/64,lerp,smooth"`
		Vel sim.Vec2 `net:"range=-64:64,step=1/64"`
	}
	paddle struct {
		Pos  sim.Vec2 `net:"range=-512:512,step=1/64,lerp,smooth"`
		Last shove
	}
	shove struct {
		Dx, Dy int8 `net:"range=-1:1"`
	}
	sharedRink struct { // the puck and all paddles are computed ahead
		Pucks   sim.Table[puck]   `net:"predict=all"`
		Paddles sim.Table[paddle] `net:"predict=all"`
	}
	plainRink struct { // only the own paddle is
		Pucks   sim.Table[puck]
		Paddles sim.Table[paddle]
	}
)

func rinkGame[W any](of func(*W) (*sim.Table[puck], *sim.Table[paddle])) *sim.Game[W, shove] {
	return &sim.Game[W, shove]{Name: "rink", TickRate: 60,
		Init: func(w *W) { pucks, _ := of(w); pucks.Spawn(0) },
		Join: func(c *sim.Ctx[W, shove], w *W, p sim.PlayerID) {
			_, paddles := of(w)
			paddles.Spawn(p).Pos = sim.V(float32(p)*60-90, 40)
		},
		Step: func(c *sim.Ctx[W, shove], w *W) {
			pucks, paddles := of(w)
			for id, d := range paddles.All() {
				if in, ok := c.Input(paddles.Owner(id)); ok {
					d.Last = in
				}
				if c.Ahead() < 30 { // the last one is repeated for half a second
					d.Pos = d.Pos.Add(sim.V(float32(d.Last.Dx), float32(d.Last.Dy)).Mul(2))
				}
			}
			for _, k := range pucks.All() {
				slide(k, paddles)
			}
		}}
}

// slide moves the puck, lets it bounce off the walls, and off the paddles.
func slide(k *puck, paddles *sim.Table[paddle]) {
	if k.Vel = k.Vel.Mul(0.98); k.Vel.Len2() < 0.5 { // on a grid of 1/64 friction alone would never stop it
		k.Vel = sim.Vec2{}
	}
	k.Pos = k.Pos.Add(k.Vel)
	if k.Pos.X < -200 || k.Pos.X > 200 {
		k.Vel.X = -k.Vel.X
	}
	if k.Pos.Y < -200 || k.Pos.Y > 200 {
		k.Vel.Y = -k.Vel.Y
	}
	k.Pos = sim.V(min(max(k.Pos.X, -200), 200), min(max(k.Pos.Y, -200), 200))
	for _, d := range paddles.All() {
		off := k.Pos.Sub(d.Pos)
		if dist := off.Len(); dist > 0 && dist < 20 {
			k.Pos = d.Pos.Add(off.Mul(20 / dist))
			if k.Vel = (sim.Vec2{}); d.Last != (shove{}) {
				k.Vel = off.Mul(4 / dist)
			}
		}
	}
}

// rinkErrors plays and returns how far from the server's truth the puck was shown to the player who chases it, on average, at the tick that
// the player's own paddle is shown at, and the same for the player who does other things.
func rinkErrors[W any](t *testing.T, way string, of func(*W) (*sim.Table[puck], *sim.Table[paddle])) (chaser, other float64) {
	m := matchtest.New(t, rinkGame(of), matchtest.Options{Seed: 5, Conditions: way})
	truth := map[sim.Tick]sim.Vec2{}
	pos := func(w *W) sim.Vec2 {
		pucks, _ := of(w)
		for _, k := range pucks.All() {
			return k.Pos
		}
		return sim.Vec2{}
	}
	m.AfterTick = func() { truth[m.Server.Snapshot().Tick] = pos(m.World()) }
	type sight struct {
		tick sim.Tick
		at   sim.Vec2
	}
	seen := map[*matchtest.Player[W, shove]][]sight{}
	look := func(p *matchtest.Player[W, shove]) {
		if m.Now() > 3*time.Second {
			seen[p] = append(seen[p], sight{p.Stats().Tick, pos(p.View())})
		}
	}
	ann := m.Join(func(p *matchtest.Player[W, shove]) shove { return chase(of, p) })
	bob := m.Join(matchtest.Random[W](3, 20, func(r *rand.Rand) shove { return shove{int8(r.IntN(3) - 1), int8(r.IntN(3) - 1)} }))
	ann.After, bob.After = look, look
	m.Run(14 * time.Second)
	ann.After, bob.After = nil, nil
	m.Settle()
	for _, p := range m.Players {
		if shown, is := pos(p.View()), pos(m.World()); shown.Sub(is).Len() > 1 {
			t.Errorf("in the end the puck is shown at %v and is at %v", shown, is)
		}
	}
	mean := func(p *matchtest.Player[W, shove]) float64 {
		sum, n := 0.0, 0
		for _, s := range seen[p] {
			if is, ok := truth[s.tick]; ok {
				sum, n = sum+float64(s.at.Sub(is).Len()), n+1
			}
		}
		if n < 600 {
			t.Fatalf("%d frames were compared", n)
		}
		return sum / float64(n)
	}
	for _, p := range m.Players {
		st := p.Stats()
		t.Logf("%T %s: off by %.1f units; %d corrections of %d, %d ticks again", *new(W), way, mean(p), st.Corrections, st.Snapshots, st.Resimulated)
	}
	return mean(ann), mean(bob)
}

// chase runs after the puck as it is shown.
func chase[W any](of func(*W) (*sim.Table[puck], *sim.Table[paddle]), p *matchtest.Player[W, shove]) (in shove) {
	pucks, paddles := of(p.View())
	mine, ok := paddles.Of(p.Player())
	if !ok {
		return in
	}
	for _, k := range pucks.All() {
		off := k.Pos.Sub(mine.Pos)
		in.Dx, in.Dy = towards(off.X), towards(off.Y)
	}
	return in
}

func towards(d float32) int8 {
	if math.Abs(float64(d)) < 6 {
		return 0
	}
	return int8(math.Copysign(1, float64(d)))
}

// Who touches a shared thing sees it where it will be when the touch arrives, not where it was; and in the end all see the same.
func TestSharedPuckIsPredicted(t *testing.T) {
	for _, way := range []string{"delay=25ms", "delay=50ms,jitter=10ms,loss=2%"} {
		shared, other := rinkErrors(t, way, func(w *sharedRink) (*sim.Table[puck], *sim.Table[paddle]) { return &w.Pucks, &w.Paddles })
		plain, otherPlain := rinkErrors(t, way, func(w *plainRink) (*sim.Table[puck], *sim.Table[paddle]) { return &w.Pucks, &w.Paddles })
		if shared > plain/3 {
			t.Errorf("%s: who chases it sees it %.1f units off, and %.1f when it is interpolated", way, shared, plain)
		}
		if other > otherPlain {
			t.Errorf("%s: who looks on sees it %.1f units off, and %.1f when it is interpolated", way, other, otherPlain)
		}
	}
}

// What only the server can know is not even guessed for the own rows: they are shown as everybody else's, and never corrected.
func TestPredictNoneIsLeftToTheServer(t *testing.T) {
	type die struct{ Eyes uint8 }
	type table struct {
		Dice sim.Table[die] `net:"predict=none"`
		Dots sim.Table[dot]
	}
	here := &sim.Game[table, move]{Name: "dice", TickRate: 60,
		Join: func(c *sim.Ctx[table, move], w *table, p sim.PlayerID) { w.Dots.Spawn(p); w.Dice.Spawn(p) },
		Step: func(c *sim.Ctx[table, move], w *table) {
			for p, in := range c.Inputs() {
				if d, ok := w.Dots.Of(p); ok {
					d.Pos.X += float32(in.Dx)
				}
				if d, ok := w.Dice.Of(p); ok && in.Shoot {
					d.Eyes = uint8(1 + c.Tick%6)
					if c.Ahead() > 0 {
						d.Eyes = 99 // a client does not know
					}
				}
			}
		}}
	m := matchtest.New(t, here, matchtest.Options{Seed: 2, Conditions: "delay=40ms"})
	p := m.JoinAs(client.Config{}, func(*matchtest.Player[table, move]) move { return move{Dx: 1, Shoot: true} })
	m.Run(2 * time.Second)
	rolled := map[uint8]bool{}
	p.After = func(p *matchtest.Player[table, move]) {
		if d, ok := p.View().Dice.Of(p.Player()); ok {
			rolled[d.Eyes] = true
		}
	}
	m.Uncorrected(func() { m.Run(5 * time.Second) })
	if rolled[99] || len(rolled) < 3 {
		t.Errorf("shown were %v", rolled)
	}
	shown, _ := p.View().Dots.Of(p.Player())
	is, _ := m.World().Dots.Of(p.Player())
	if ahead := shown.Pos.X - is.Pos.X; ahead < 2 {
		t.Errorf("the dot beside it is predicted by %v units", ahead)
	}
}
