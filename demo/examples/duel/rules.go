package main

import "github.com/halftick/halftick/netcode/sim"

// A ring of this many units; the floor is at its lower edge.
const (
	width, floor = 440, 250
	body         = 26 // as wide as one is
	reach        = 52 // of a blow
	blowTicks    = 14 // a blow; it lands in the middle
	stunTicks    = 20 // after one was taken
)

// Fighter is one of the two.
type Fighter struct {
	Pos   sim.Vec2 `net:"range=0:512,step=1/64"` // of its feet
	Vel   sim.Vec2 `net:"range=-1024:1023,step=1/16"`
	Left  bool     // which way it faces
	Blow  uint8    // ticks that are left of it
	Stun  uint8    // ticks in which it can do nothing
	Score uint16
}

// World is all that both compute.
type World struct{ Fighters sim.Table[Fighter] }

// Input is what one holds down.
type Input struct {
	Dx           int8 `net:"range=-1:1"`
	Jump, Strike bool
}

type Ctx = sim.Ctx[World, Input]

// hit is shown at once, and taken back when the guess was wrong.
var hit = sim.NewEvent[sim.PlayerID]("hit", sim.Predicted)

func newGame() *sim.Game[World, Input] {
	return &sim.Game[World, Input]{Name: "duel", TickRate: 60, Join: join, Step: step, Events: []sim.AnyEvent{hit}}
}

func join(_ *Ctx, w *World, p sim.PlayerID) {
	f := w.Fighters.Spawn(p)
	f.Pos, f.Left = sim.V(width/2-80, floor), p == 2
	if p == 2 {
		f.Pos.X = width/2 + 80
	}
}

func step(c *Ctx, w *World) {
	for p, in := range c.Inputs() {
		if f, ok := w.Fighters.Of(p); ok {
			f.move(in, c.DT)
		}
	}
	part(w)
	for id, f := range w.Fighters.All() { // blows after moves, so that nobody is favoured by his number
		if f.Blow == blowTicks/2 {
			land(c, w, id, f)
		}
	}
}

// move is one tick of one fighter: it runs and turns on the floor only, falls, and strikes.
func (f *Fighter) move(in Input, dt float32) {
	f.Stun -= min(f.Stun, 1)
	f.Blow -= min(f.Blow, 1)
	if f.Stun == 0 && f.Pos.Y >= floor {
		f.Vel = sim.V(float32(float32(in.Dx)*190), 0)
		if in.Dx != 0 {
			f.Left = in.Dx < 0
		}
		if in.Jump {
			f.Vel.Y = -430
		}
	}
	if f.Stun == 0 && f.Blow == 0 && in.Strike {
		f.Blow = blowTicks
	}
	f.Vel.Y += float32(1200 * dt)
	f.Pos = f.Pos.Add(f.Vel.Mul(dt))
	f.Pos.X = min(max(f.Pos.X, 16), width-16)
	if f.Pos.Y >= floor {
		f.Pos.Y, f.Vel.Y = floor, 0
	}
}

// part keeps the two from standing in the same place: each gives way by half.
func part(w *World) {
	one, ok := w.Fighters.Of(1)
	two, there := w.Fighters.Of(2)
	if !ok || !there {
		return
	}
	way := two.Pos.Sub(one.Pos)
	gap := max(way.X, -way.X)
	if gap >= body || max(way.Y, -way.Y) >= 56 {
		return
	}
	push := (body - gap) / 2
	if way.X < 0 {
		push = -push
	}
	one.Pos.X = min(max(one.Pos.X-push, 16), width-16)
	two.Pos.X = min(max(two.Pos.X+push, 16), width-16)
}

// land lets a blow hit whoever is in front of it and near enough.
func land(c *Ctx, w *World, id sim.ID, f *Fighter) {
	for other, o := range w.Fighters.All() {
		way := o.Pos.Sub(f.Pos)
		if other == id || f.Left != (way.X < 0) || way.Len() > reach {
			continue
		}
		o.Stun, o.Blow, f.Score = stunTicks, 0, f.Score+1
		o.Vel = sim.V(240, -180)
		if f.Left {
			o.Vel.X = -o.Vel.X
		}
		sim.Emit(c, hit, w.Fighters.Owner(id), sim.By(w.Fighters.Owner(id)))
	}
}
