package replay

import (
	"fmt"

	"github.com/halftick/halftick/netcode/msg"
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// Head is what a file says of its match.
type Head struct {
	Game      string // its Name
	Schema    uint64 // replica.SchemaHash of the game: only the same can play it
	TickRate  int    // Hz
	SendEvery int    // ticks from one snapshot for clients to the next
	Seed      uint64
	Portable  bool // see replica.StatesPortable
}

func headOf[W, I any](g *sim.Game[W, I], plan *replica.Plan[W], inputs *replica.Inputs[I], seed uint64) Head {
	h := Head{Game: g.Name, Seed: seed, Portable: replica.StatesPortable()}
	h.TickRate, h.SendEvery = g.Rates()
	h.Schema = replica.SchemaHash(plan.Hash(), inputs.Hash(), h.TickRate, g.Messages())
	return h
}

// MismatchError says that a file is of another game than the one it is to be played with.
type MismatchError struct{ File, Game Head }

func (e *MismatchError) Error() string {
	switch f, g := e.File, e.Game; {
	case f.Game != g.Game:
		return fmt.Sprintf("replay: the file is of the game %q, not %q", f.Game, g.Game)
	case f.Portable != g.Portable:
		return "replay: the file was recorded on a machine of another kind, whose server fields cannot be read here"
	default:
		return fmt.Sprintf("replay: the file is of another version of %q: its schema is %016x, here it is %016x", f.Game, f.Schema, g.Schema)
	}
}

var headCodec = func() *msg.Codec[Head] {
	c, err := msg.NewCodec[Head]()
	if err != nil {
		panic(err) // the type above is no message
	}
	return c
}()
