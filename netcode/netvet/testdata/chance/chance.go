// Package chance holds games that draw numbers.
package chance

import (
	crand "crypto/rand"
	"hash/maphash"
	"math/rand"
	v2 "math/rand/v2"

	"github.com/halftick/halftick/netcode/sim"
)

type world struct{ N uint32 }

type input struct{}

func step(c *sim.Ctx[world, input], w *world) {
	r := c.Rand(1)
	w.N = uint32(r.Intn(6))
	w.N += uint32(rand.Intn(6))    // want `Step > step: math/rand.Intn draws random numbers: each run draws other numbers: use c.Rand`
	w.N += v2.Uint32()             // want `math/rand/v2.Uint32 draws random numbers`
	own := v2.New(v2.NewPCG(1, 2)) // want `rand/v2.New draws` `rand/v2.NewPCG draws`
	w.N += own.Uint32()            // want `rand/v2.Uint32 draws`
	var b [4]byte
	crand.Read(b[:])       // want `crypto/rand.Read draws`
	_ = maphash.MakeSeed() // want `hash/maphash.MakeSeed hashes with a seed of this process`
}

var game = &sim.Game[world, input]{Name: "chance", Step: step}
