package replica

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/halftick/halftick/netcode/sim"
)

// The test world has every kind of field.
type unit struct {
	Pos    sim.Vec2 `net:"range=-512:512,step=1/64,lerp,smooth"`
	Vel    sim.Vec2 `net:"range=-20:20,step=0.01"`
	Aim    float32  `net:"angle=12,lerp,smooth"`
	Heat   float32  `net:"lerp"`
	Health uint8
	Score  int16
	Mode   int8   `net:"range=-1:1"`
	Ammo   uint16 `net:"bits=10"`
	Color  uint8  `net:"bits=3,const"`
	Target sim.ID
	Born   sim.Tick
	Stamp  int64
	Ready  bool
	Slots  [3]uint8   `net:"range=5:9"`
	Turn   [4]float32 `net:"quat=7,lerp"`
	secret int        `net:"server"`
	Notes  [4]int32   `net:"server"`
}

type shot struct {
	At   sim.Vec2 `net:"range=-512:512,step=1/64,lerp"`
	Life uint8
}

type world struct {
	Round  uint16
	Units  sim.Table[unit]
	Wind   float32 `net:"range=-1:1,step=1/128,lerp"`
	Hidden int64   `net:"server"`
	Extra  struct {
		Shots sim.Table[shot]
		Gate  [40]bool
	}
	Clock sim.Tick `net:"const"`
}

func testPlan(t testing.TB) *Plan[world] {
	t.Helper()
	p, err := NewPlan[world]()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// wild returns a float that may be anything.
func wild(r *rand.Rand) float32 {
	switch r.IntN(12) {
	case 0:
		return float32(math.NaN())
	case 1:
		return float32(math.Inf(1 - 2*r.IntN(2)))
	case 2:
		return math.Float32frombits(r.Uint32())
	case 3:
		return float32(math.Copysign(0, -1))
	}
	return float32(r.NormFloat64() * 300)
}

func (u *unit) scramble(r *rand.Rand) {
	u.Pos, u.Vel = sim.V(wild(r), wild(r)), sim.V(wild(r), wild(r))
	u.Aim, u.Heat = wild(r), wild(r)
	u.Health, u.Score, u.Mode = uint8(r.Uint32()), int16(r.Uint32()), int8(r.Uint32())
	u.Ammo, u.Target, u.Born = uint16(r.Uint32()), sim.ID(r.Uint32()), sim.Tick(r.Uint32())
	u.Stamp, u.Ready = int64(r.Uint64()), r.IntN(2) == 0
	u.Slots = [3]uint8{uint8(r.IntN(12)), uint8(r.IntN(12)), 7}
	u.secret, u.Notes[2] = r.Int(), r.Int32()
	u.Turn = [4]float32{wild(r), wild(r), wild(r), wild(r)}
	if r.IntN(8) == 0 {
		u.Color = uint8(r.Uint32())
	}
}

func (u *unit) nudge(r *rand.Rand) {
	u.Pos = u.Pos.Add(sim.V(float32(r.NormFloat64()), float32(r.NormFloat64())))
	u.Aim += float32(r.NormFloat64() / 10)
	u.Turn[r.IntN(4)] += 0.2
	u.Health--
}

// mutate does to a world what games do: n random changes.
func mutate(w *world, r *rand.Rand, n int) {
	for range n {
		owner := sim.PlayerID(r.IntN(20))
		switch r.IntN(12) {
		case 0:
			w.Units.Spawn(owner).scramble(r)
		case 1:
			*w.Extra.Shots.Spawn(owner) = shot{At: sim.V(wild(r), wild(r)), Life: uint8(r.Uint32())}
		case 2:
			despawnOne(&w.Units, r)
		case 3:
			despawnOne(&w.Extra.Shots, r)
		case 4:
			giveOne(&w.Units, r)
		case 5:
			w.Round, w.Clock, w.Hidden = uint16(r.Uint32()), w.Clock+1, r.Int64()
		case 6:
			w.Wind, w.Extra.Gate[r.IntN(40)] = wild(r), r.IntN(2) == 0
		case 7:
			if _, u, ok := w.Units.Find(owner); ok {
				u.scramble(r)
			}
		default:
			for _, u := range w.Units.All() {
				if r.IntN(3) > 0 {
					u.nudge(r)
				}
			}
		}
	}
}

func pick[T any](t *sim.Table[T], r *rand.Rand) sim.ID {
	n := r.IntN(t.Len() + 1)
	for id := range t.All() {
		if n--; n < 0 {
			return id
		}
	}
	return 0
}

func despawnOne[T any](t *sim.Table[T], r *rand.Rand) { t.Despawn(pick(t, r)) }

// giveOne changes the owner of a row.
func giveOne[T any](t *sim.Table[T], r *rand.Rand) {
	if id := pick(t, r); id != 0 {
		m := t.Meta(id.Slot())
		m.Owner = sim.PlayerID(r.IntN(20))
		t.SetMeta(id.Slot(), m)
	}
}

// capture returns a new snapshot of w.
func capture[W any](p *Plan[W], w *World[W]) *Snapshot {
	s := p.NewSnapshot()
	p.Capture(s, w)
	return s
}
