package sim

import "iter"

// Entry is one player's input for one tick.
type Entry[I any] struct {
	Player PlayerID
	Input  I
}

// Past is the world as one player saw it when it made an input.
type Past[W any] struct {
	World *W      // borrowed until Step returns; not to be changed
	Lag   float32 // how far back World lies, in ticks, after the server's cap; 0 means the present
}

// Frame is what an engine (server, client, replay) supplies for one Step.
type Frame[W, I any] struct {
	Tick     Tick
	TickRate int
	Seed     uint64                 // of the match; the same on server and clients
	Entries  []Entry[I]             // in ascending order of Player; borrowed until Step returns
	Past     func(PlayerID) Past[W] // nil means that there is no past: the present world is used
	Emit     func(Emission)         // takes what happens; nil means that nobody wants to know
	Ahead    int                    // of an engine that predicts: ticks since the newest one that is known for certain; else 0
	Local    PlayerID               // of an engine that predicts for this player: Emit gets its Predicted events only; 0: all
}

// Ctx is what Step knows besides the world: the tick, the inputs, the past and chance.
// It is valid during the call that received it. It is not safe for concurrent use.
type Ctx[W, I any] struct {
	Tick Tick    // the tick being computed
	DT   float32 // seconds per tick

	frame Frame[W, I]
	world *W
	body  []byte // scratch of Emit
}

// Begin prepares the context for one call with world w. Engines call it; games do not.
func (c *Ctx[W, I]) Begin(w *W, f Frame[W, I]) {
	c.Tick, c.DT, c.frame, c.world = f.Tick, 1/float32(f.TickRate), f, w
}

// Inputs yields every player that has an input this tick, in ascending order of PlayerID.
// On a predicting client that is the local player alone.
func (c *Ctx[W, I]) Inputs() iter.Seq2[PlayerID, I] {
	return func(yield func(PlayerID, I) bool) {
		for i := range c.frame.Entries {
			if e := &c.frame.Entries[i]; !yield(e.Player, e.Input) {
				return
			}
		}
	}
}

// Input returns the input of player p this tick, and whether there is one.
func (c *Ctx[W, I]) Input(p PlayerID) (in I, ok bool) {
	for i := range c.frame.Entries {
		if c.frame.Entries[i].Player == p {
			return c.frame.Entries[i].Input, true
		}
	}
	return in, false
}

// Ahead returns for how many ticks Step has had to do without what others did: 0 on the server, on a client the
// distance of the tick from the newest snapshot. What may depend on it is a guess about others in a table tagged predict=all, such as
// a remembered input that loses its strength; never a row of a player who has an Input.
func (c *Ctx[W, I]) Ahead() int { return c.frame.Ahead }

// Past returns the whole world as player p saw it when p made this tick's input: what stood on p's
// screen, in between two ticks if need be. On the server it is rewound, at most up to the server's
// cap; on the client it is the interpolated world. Code that judges hits in it gives the same answer
// on both. The world is borrowed until Step returns.
func (c *Ctx[W, I]) Past(p PlayerID) *W { return c.PastOf(p).World }

// PastOf is Past together with how far back it lies, in ticks.
func (c *Ctx[W, I]) PastOf(p PlayerID) Past[W] {
	if c.frame.Past == nil {
		return Past[W]{World: c.world}
	}
	return c.frame.Past(p)
}

// Rand returns the random stream of player p for this tick. It depends on the match, the tick and p
// only, so that a client which knows just its own input draws the same numbers as the server. Each
// call starts the stream anew: keep the Rand while drawing. Use p = 0 for the world's own chance.
func (c *Ctx[W, I]) Rand(p PlayerID) Rand {
	return NewRand(c.frame.Seed ^ uint64(c.Tick)<<8 ^ uint64(p))
}
