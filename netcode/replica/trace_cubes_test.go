package replica

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/halftick/halftick/netcode/sim"
)

// The scene of Glenn Fiedler's "Snapshot Compression": 900 cubes of 0.4 m and one of 1.5 m that rolls through them and drags
// along what it touches, at 60 Hz. His data cannot be had; these come from a rigid-body simulation of
// our own, in which about 93 cubes differ from 100 ms before, as many as where his codings of indices meet; corners touch the ground, and cubes each other as spheres. Cubes at rest sleep until they are touched.
const (
	cubes    = 901
	cubeRate = 60
)

type cube struct {
	X     float32    `net:"range=-256:256,step=1/512,lerp"`
	Y     float32    `net:"range=-256:256,step=1/512,lerp"`
	Z     float32    `net:"range=0:32,step=1/512,lerp"`
	Rot   [4]float32 `net:"quat=9,lerp"`
	Awake bool
	solid solid `net:"server"`
}

type solid struct {
	pos, vel, spin [3]float32
	turn           [4]float32
	half           float32
	still          int
}

type cubeField struct{ Cubes sim.Table[cube] }

func cubeTrace(tb testing.TB, ticks int) *trace {
	r := rand.New(rand.NewPCG(3, 3))
	tick := 0
	start := func(w *cubeField) {
		for i := range cubes {
			c := w.Cubes.Spawn(0)
			c.solid = solid{half: 0.2, turn: [4]float32{3: 1}, pos: [3]float32{float32(i%30-15) * 0.9, float32(i/30-15) * 0.9, 0.2}}
			c.solid.pos[0] += r.Float32() * 0.1
			if i == 0 {
				c.solid.half, c.solid.pos = 0.75, [3]float32{-16, -16, 0.75}
			}
		}
	}
	return record(tb, "cubes", cubeRate, 8*cubeRate, ticks, start, func(w *cubeField) {
		tick++
		stepCubes(w, tick)
	})
}

func stepCubes(w *cubeField, tick int) {
	const dt = 1.0 / cubeRate
	var all []*solid
	var rows []*cube
	for _, c := range w.Cubes.All() {
		all, rows = append(all, &c.solid), append(rows, c)
	}
	drag(all, tick, dt)
	for _, s := range all {
		if s.awake() {
			s.vel[2] -= 9.8 * dt
		}
	}
	near := neighbours(all)
	for range 4 {
		for _, p := range near {
			touch(p[0], p[1], dt)
		}
		for _, s := range all {
			if s.awake() {
				s.ground(dt)
			}
		}
	}
	for i, s := range all {
		s.move(dt)
		c := rows[i]
		c.X, c.Y, c.Z, c.Rot, c.Awake = s.pos[0], s.pos[1], s.pos[2], s.turn, s.awake()
	}
}

const sleepAfter = 20

func (s *solid) awake() bool { return s.still < sleepAfter }

// drag pushes the player's cube along a wandering path and pulls what is close to it.
func drag(all []*solid, tick int, dt float32) {
	p := all[0]
	p.still = 0
	at := float64(tick) / cubeRate
	want := [3]float32{float32(6 * math.Sin(at*0.7)), float32(6 * math.Cos(at*0.43+1)), 0}
	p.vel = add3(p.vel, scale3(sub3(want, [3]float32{p.vel[0], p.vel[1], 0}), 3*dt))
	p.vel = sub3(p.vel, scale3([3]float32{p.pos[0], p.pos[1], 0}, 0.4*dt))
	for _, s := range all[1:] {
		d := sub3(p.pos, s.pos)
		if n := length3(d); n < 2 {
			s.still = 0
			s.vel = add3(s.vel, scale3(d, 25*dt/n))
		}
	}
}

// neighbours returns the pairs that may touch, found on a grid.
func neighbours(all []*solid) (pairs [][2]*solid) {
	type cell [2]int
	at := func(s *solid) cell {
		return cell{int(math.Floor(float64(s.pos[0]))), int(math.Floor(float64(s.pos[1])))}
	}
	cells := map[cell][]int{}
	for i, s := range all {
		if i > 0 {
			cells[at(s)] = append(cells[at(s)], i)
		}
	}
	for i, s := range all {
		reach := 1
		if i == 0 {
			reach = 2
		}
		for dx := -reach; dx <= reach; dx++ {
			for dy := -reach; dy <= reach; dy++ {
				c := at(s)
				for _, j := range cells[cell{c[0] + dx, c[1] + dy}] {
					if j > i && (s.awake() || all[j].awake()) {
						pairs = append(pairs, [2]*solid{s, all[j]})
					}
				}
			}
		}
	}
	return pairs
}

// touch keeps two cubes apart, with friction.
func touch(a, b *solid, dt float32) {
	d := sub3(b.pos, a.pos)
	dist, reach := length3(d), 1.2*(a.half+b.half)
	if dist >= reach || dist == 0 {
		return
	}
	n := scale3(d, 1/dist)
	ra, rb := scale3(n, a.half), scale3(n, -b.half)
	rel := sub3(b.at(rb), a.at(ra))
	vn := dot3(rel, n)
	if deep := reach - dist; vn > deep*4 {
		return
	} else {
		vn -= deep * 4
	}
	for _, s := range []*solid{a, b} {
		if !s.awake() && vn < -0.2 {
			s.still = 0
		}
	}
	j := -vn / (a.inverse() + b.inverse() + 1e-9)
	impulse := scale3(n, j)
	if slide := sub3(rel, scale3(n, dot3(rel, n))); length3(slide) > 0.01 {
		most := min(0.4*j, length3(slide)/(3*(a.inverse()+b.inverse())+1e-9))
		impulse = sub3(impulse, scale3(slide, most/length3(slide)))
	}
	a.push(ra, scale3(impulse, -1))
	b.push(rb, impulse)
}

func (s *solid) inverse() float32 { // of the mass; who sleeps is not moved
	if !s.awake() {
		return 0
	}
	return 1 / (8 * s.half * s.half * s.half)
}

// at returns the velocity at a point of the cube, relative to its centre.
func (s *solid) at(r [3]float32) [3]float32 { return add3(s.vel, cross3(s.spin, r)) }

func (s *solid) push(r, impulse [3]float32) {
	m := s.inverse()
	s.vel = add3(s.vel, scale3(impulse, m))
	s.spin = add3(s.spin, scale3(cross3(r, impulse), m*1.5/(s.half*s.half)))
}

// ground stops the corners that reach the ground.
func (s *solid) ground(dt float32) {
	for i := range 8 {
		r := [3]float32{s.half, s.half, s.half}
		for axis := range r {
			if i>>axis&1 != 0 {
				r[axis] = -r[axis]
			}
		}
		r = rotate(s.turn, r)
		deep := -(s.pos[2] + r[2])
		v := s.at(r)
		if deep < 0 || v[2] > deep*6 {
			continue
		}
		m := s.inverse()
		arm := m * 1.5 / (s.half * s.half) * (r[0]*r[0] + r[1]*r[1])
		j := (deep*6 - v[2]) / (m + arm)
		impulse := [3]float32{0, 0, j}
		if slide := [3]float32{v[0], v[1], 0}; length3(slide) > 1e-4 {
			most := min(0.5*j, length3(slide)/(m*4))
			impulse = sub3(impulse, scale3(slide, most/length3(slide)))
		}
		s.push(r, impulse)
	}
}

// flat reports whether a face lies nearly level.
func (s *solid) flat() bool {
	for axis := range 3 {
		var n [3]float32
		n[axis] = 1
		if up := rotate(s.turn, n)[2]; up*up > 0.99 {
			return true
		}
	}
	return false
}

func (s *solid) move(dt float32) {
	if !s.awake() {
		s.vel, s.spin = [3]float32{}, [3]float32{}
		return
	}
	if dot3(s.vel, s.vel) < 0.05 && dot3(s.spin, s.spin) < 0.5 && s.flat() {
		s.vel, s.spin = scale3(s.vel, 0.8), scale3(s.spin, 0.8) // lies on a face: the rest of its motion goes
	}
	s.vel, s.spin = scale3(s.vel, 0.998), scale3(s.spin, 0.99)
	s.pos = add3(s.pos, scale3(s.vel, dt))
	s.turn = spin(s.turn, s.spin, dt)
	if dot3(s.vel, s.vel) < 0.01 && dot3(s.spin, s.spin) < 0.1 {
		s.still++
	} else {
		s.still = 0
	}
}
