package main

import "github.com/halftick/halftick/netcode/sim"

const (
	width, height = 640, 480
	count         = 36 // toys
	playerSize    = 15 // half of a body's width
	playerWeight  = 4  // of a toy's
	patience      = 12 // ticks for which others are taken to hold the same keys
)

// Player is a disc that its player steers.
type Player struct {
	Pos  sim.Vec2 `net:"range=0:640,step=1/32,lerp,smooth"`
	Vel  sim.Vec2 `net:"range=-512:511,step=1/16"`
	Held Input    // the latest input: what the machines of others take it to go on with
}

// Toy is a disc or a box that everybody can push and nobody owns.
type Toy struct {
	Pos  sim.Vec2 `net:"range=0:640,step=1/32,lerp,smooth"`
	Vel  sim.Vec2 `net:"range=-512:511,step=1/16"`
	Box  bool     `net:"const"`
	Size uint8    `net:"const,range=8:24"` // half of its width
	Last uint8    // the player who touched it last
}

// World is the playground. Everything in it touches everything else, so that each client computes all of it ahead of the server: a toy gives way
// when it is touched, not a round trip later.
type World struct {
	Players sim.Table[Player] `net:"predict=all"`
	Toys    sim.Table[Toy]    `net:"predict=all"`
}

// Input is where a player pushes to.
type Input struct {
	Dx, Dy int8 `net:"range=-1:1"`
}

type Ctx = sim.Ctx[World, Input]

func newGame() *sim.Game[World, Input] {
	return &sim.Game[World, Input]{Name: "toys", TickRate: 60, Init: scatter, Join: join, Step: step}
}

// scatter lays the toys out, the same in each match.
func scatter(w *World) {
	r := sim.NewRand(7)
	for i := range count {
		t := w.Toys.Spawn(0)
		t.Pos = sim.V(float32(90+(i%8)*66), float32(100+(i/8)*66))
		t.Box, t.Size = i%3 == 0, uint8(10+r.Intn(10))
	}
}

func join(_ *Ctx, w *World, p sim.PlayerID) {
	w.Players.Spawn(p).Pos = sim.V(30+float32(int(p)*97%580), 40)
}

func step(c *Ctx, w *World) {
	for id, b := range w.Players.All() {
		if in, ok := c.Input(w.Players.Owner(id)); ok {
			b.Held = in
		} else if c.Ahead() > patience {
			b.Held = Input{}
		}
		b.Vel = sim.V(float32(b.Held.Dx), float32(b.Held.Dy)).Unit().Mul(200)
		b.Pos = inside(b.Pos.Add(b.Vel.Mul(c.DT)), playerSize)
	}
	for _, t := range w.Toys.All() {
		t.roll(c.DT)
	}
	for id, b := range w.Players.All() {
		for _, t := range w.Toys.All() {
			push(b, t, uint8(w.Players.Owner(id)))
		}
	}
	for a, t := range w.Toys.All() {
		for b, u := range w.Toys.All() {
			if a < b {
				collide(t, u)
			}
		}
	}
}

// roll moves a toy, slows it down, and turns it back at the edge.
func (t *Toy) roll(dt float32) {
	to := t.Pos.Add(t.Vel.Mul(dt))
	t.Pos = inside(to, float32(t.Size))
	if t.Pos.X != to.X {
		t.Vel.X = -t.Vel.X
	}
	if t.Pos.Y != to.Y {
		t.Vel.Y = -t.Vel.Y
	}
	t.Vel = t.Vel.Mul(0.985)
	if t.Vel.Len2() < 9 {
		t.Vel = sim.V(0, 0)
	}
}

// push parts a player and a toy that meet: the toy gives way more, and takes on the player's speed.
func push(b *Player, t *Toy, by uint8) {
	way, depth := apart(b.Pos, playerSize, false, t.Pos, float32(t.Size), t.Box)
	if depth <= 0 {
		return
	}
	b.Pos = inside(b.Pos.Sub(way.Mul(depth/(playerWeight+1))), playerSize)
	t.Pos = inside(t.Pos.Add(way.Mul(depth*playerWeight/(playerWeight+1))), float32(t.Size))
	t.Last = by
	if closing := b.Vel.Sub(t.Vel).Dot(way); closing > 0 {
		t.Vel = limit(t.Vel.Add(way.Mul(closing * 1.2)))
	}
}

// collide parts two toys that meet, and exchanges their speeds along the way between them.
func collide(t, u *Toy) {
	way, depth := apart(t.Pos, float32(t.Size), t.Box, u.Pos, float32(u.Size), u.Box)
	if depth <= 0 {
		return
	}
	t.Pos = inside(t.Pos.Sub(way.Mul(depth/2)), float32(t.Size))
	u.Pos = inside(u.Pos.Add(way.Mul(depth/2)), float32(u.Size))
	if closing := t.Vel.Sub(u.Vel).Dot(way); closing > 0 {
		t.Vel = limit(t.Vel.Sub(way.Mul(closing * 0.9)))
		u.Vel = limit(u.Vel.Add(way.Mul(closing * 0.9)))
		if t.Vel.Len2() < u.Vel.Len2() {
			u.Last = t.Last
		} else {
			t.Last = u.Last
		}
	}
}

// inside keeps a body of that half width on the playground.
func inside(p sim.Vec2, size float32) sim.Vec2 {
	return sim.V(min(max(p.X, size), width-size), min(max(p.Y, size), height-size))
}

// limit keeps a speed within what travels.
func limit(v sim.Vec2) sim.Vec2 { return sim.V(min(max(v.X, -500), 500), min(max(v.Y, -500), 500)) }
