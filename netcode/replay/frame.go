package replay

import (
	"encoding/binary"
	"slices"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/wire"
)

// Frame is one tick: what went into Step and what came of it besides the world.
type Frame[I any] struct {
	Tick    sim.Tick
	Leaves  []sim.PlayerID // before the tick, in the order in which Leave was called
	Joins   []sim.PlayerID // after that, likewise
	Entries []Entry[I]     // in ascending order of Player
	Events  []Event        // in the order in which they were emitted

	// Patched says that something besides the game's functions has changed the world before Step: a handler of RPCs.
	Patched bool
	// Partial says that the past of some player was blended of what it alone had been shown.
	Partial bool
}

// Entry is what one player did, as it was executed.
type Entry[I any] struct {
	Player sim.PlayerID
	Input  I
	Lag    uint16 // how far back Ctx.Past was for this player, in 1/32 tick; 0: the present
}

// Event is something that happened.
type Event struct {
	replica.Happening
	To sim.PlayerID // who alone was to know; 0: everybody
}

// In a block of ticks stand the inputs of all ticks, player by player, then the frames without them.
//
//	inputs   varint  their length, then runs: player 1 | length varint | commands, as in an input message; View is the lag
//	frame    1       flags: 1 patched, 2 partial, 4 leaves, 8 joins, 16 events
//	                 leaves, joins: number 1, then each 1
//	                 delta: length varint, then as replica.Encoder writes it against the two ticks before
//	                 events: number varint, then each: receiver 1, then as in an event message
const (
	flagPatched = 1 << iota
	flagPartial
	flagLeaves
	flagJoins
	flagEvents
)

// appendFrame appends all of f but its entries.
func appendFrame[I any](dst []byte, f *Frame[I], delta []byte) []byte {
	flags := len(dst)
	dst = append(dst, 0)
	set := func(flag byte, on bool) bool {
		if on {
			dst[flags] |= flag
		}
		return on
	}
	set(flagPatched, f.Patched)
	set(flagPartial, f.Partial)
	if set(flagLeaves, len(f.Leaves) > 0) {
		dst = appendPlayers(dst, f.Leaves)
	}
	if set(flagJoins, len(f.Joins) > 0) {
		dst = appendPlayers(dst, f.Joins)
	}
	dst = append(wire.AppendVarint(dst, uint32(len(delta))), delta...)
	if set(flagEvents, len(f.Events) > 0) {
		n := min(len(f.Events), maxEvents)
		dst = wire.AppendVarint(dst, uint32(n))
		for _, e := range f.Events[:n] {
			dst = replica.AppendHappening(append(dst, byte(e.To)), e.Happening)
		}
	}
	return dst
}

func appendPlayers(dst []byte, all []sim.PlayerID) []byte {
	dst = append(dst, byte(len(all)))
	for _, p := range all {
		dst = append(dst, byte(p))
	}
	return dst
}

// cursor takes things from the front of a block. After the first that is not there everything is zero, and bad is set.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) take(n int) []byte {
	if n < 0 || n > len(c.b) {
		c.b, c.bad = nil, true
		return nil
	}
	b := c.b[:n:n]
	c.b = c.b[n:]
	return b
}

func (c *cursor) byte() byte {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (c *cursor) varint() int {
	n, rest, err := wire.Varint(c.b)
	if err != nil {
		c.b, c.bad = nil, true
		return 0
	}
	c.b = rest
	return int(n)
}

// piece takes a length and so many bytes.
func (c *cursor) piece() []byte { return c.take(c.varint()) }

func (c *cursor) players(into []sim.PlayerID) []sim.PlayerID {
	for _, p := range c.take(int(c.byte())) {
		into = append(into, sim.PlayerID(p))
	}
	return into
}

// loaded is a frame that was read, with the delta of its world.
type loaded[I any] struct {
	Frame[I]
	delta []byte
	hash  uint64 // of the block's last frame; 0 of the others
}

// readTicks reads a block of ticks. The frames share its memory.
func readTicks[I any](b []byte, inputs *replica.Inputs[I], into []loaded[I]) ([]loaded[I], error) {
	c := cursor{b: b}
	head := c.take(tickHeader)
	if head == nil {
		return into[:0], ErrBlock
	}
	first, n := sim.Tick(binary.LittleEndian.Uint32(head)), int(binary.LittleEndian.Uint16(head[4:]))
	runs := c.piece()
	if n == 0 || n > len(c.b) {
		return into[:0], ErrBlock
	}
	into = slices.Grow(into[:0], n)[:n]
	for i := range into {
		into[i].readFrame(&c, first+sim.Tick(i))
	}
	if hash := c.take(hashSize); hash != nil {
		into[n-1].hash = binary.LittleEndian.Uint64(hash)
	}
	if c.bad || len(c.b) > 0 || !readRuns(runs, inputs, into) {
		return into[:0], ErrBlock
	}
	return into, nil
}

func (f *loaded[I]) readFrame(c *cursor, t sim.Tick) {
	*f = loaded[I]{Frame: Frame[I]{Tick: t, Leaves: f.Leaves[:0], Joins: f.Joins[:0], Entries: f.Entries[:0], Events: f.Events[:0]}}
	flags := c.byte()
	f.Patched, f.Partial = flags&flagPatched != 0, flags&flagPartial != 0
	if flags&flagLeaves != 0 {
		f.Leaves = c.players(f.Leaves)
	}
	if flags&flagJoins != 0 {
		f.Joins = c.players(f.Joins)
	}
	f.delta = c.piece()
	if flags&flagEvents != 0 {
		f.readEvents(c)
	}
}

func (f *loaded[I]) readEvents(c *cursor) {
	n := c.varint()
	if n > maxEvents {
		c.bad = true
		return
	}
	for range n {
		e := Event{To: sim.PlayerID(c.byte())}
		var err error
		if e.Happening, c.b, err = replica.TakeHappening(c.b); err != nil {
			c.bad = true
			return
		}
		f.Events = append(f.Events, e)
	}
}

// readRuns gives each frame its entries.
func readRuns[I any](b []byte, inputs *replica.Inputs[I], frames []loaded[I]) bool {
	var room [replica.MaxCommands]replica.Command[I]
	for c := (cursor{b: b}); len(c.b) > 0; {
		p := sim.PlayerID(c.byte())
		_, cmds, err := inputs.Parse(c.piece(), room[:0])
		if c.bad || err != nil || p == 0 {
			return false
		}
		for i := range cmds {
			at := cmds[i].Tick.Sub(frames[0].Tick)
			if at < 0 || at >= len(frames) || len(frames[at].Entries) == maxPlayers {
				return false
			}
			frames[at].Entries = append(frames[at].Entries, Entry[I]{p, cmds[i].Input, cmds[i].View})
		}
	}
	for i := range frames {
		e := frames[i].Entries
		slices.SortFunc(e, func(a, b Entry[I]) int { return int(a.Player) - int(b.Player) })
		for k := 1; k < len(e); k++ {
			if e[k].Player == e[k-1].Player {
				return false
			}
		}
	}
	return true
}
