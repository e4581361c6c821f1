// Package worlds holds worlds that are no plain values.
package worlds

import "github.com/halftick/halftick/netcode/sim"

type row struct {
	Next  *row               // want `world: world.Rows\[\].Next is \*row: a copied world would share what it points to: name rows by sim.ID`
	Bag   []uint8            // want `world.Rows\[\].Bag is \[\]uint8: a copied world would share its elements`
	Names map[uint8]uint8    // want `is map\[uint8\]uint8: a copied world would share it, and its order is random`
	Name  string             // want `is string: it has no size: use an array of bytes`
	Any   any                // want `it cannot be sent or compared`
	Do    func()             // want `it cannot be sent or compared`
	Ch    chan int           // want `it cannot be sent or compared`
	Wide  float64            // want `is float64: it does not travel: use float32`
	Deep  [2]struct{ N int } // want `world.Rows\[\].Deep\[\].N is int: it has 32 bits on some machines and 64 on others: use int32, or give it a range`
	Count int                `net:"range=0:9"`
	Aid   float64            `net:"server"`
	Fine  [3]sim.Vec2
	ID    sim.ID
}

// bag says itself how it travels, so that its methods are a part of the game.
type bag struct {
	Weight float64
	Count  int
	Link   *row // want `world.Bag.Link is \*row`
}

var heaviest float64

func (b *bag) NetLanes() []uint8 { return []uint8{8} }

func (b *bag) NetEncode(lanes []uint32) { // want NetEncode:"3 findings"
	for k := range map[uint32]uint32{1: 2} { // want `world > NetEncode: range over a map`
		lanes[0] += k
	}
	remember(b)
}

func remember(b *bag) { heaviest = max(heaviest, b.Weight) } // want `world > NetEncode > remember: writes package variable heaviest` `reads package variable heaviest`

func (b *bag) NetDecode(lanes []uint32) { b.Weight = float64(lanes[0]) }

type world struct {
	Rows sim.Table[row]
	Bag  bag
	Time uint64
}

type input struct {
	Keys uint // want `input: input.Keys is uint`
	Dx   int8
	Text *byte // want `input.Text is \*byte`
}

// The types of a generic game are not known yet.
func generic[W, I any]() *sim.Game[W, I] {
	return &sim.Game[W, I]{Name: "generic", Step: func(*sim.Ctx[W, I], *W) {}}
}

var game = sim.Game[world, input]{Name: "worlds", Step: func(*sim.Ctx[world, input], *world) {}}
