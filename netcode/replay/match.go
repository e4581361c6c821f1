package replay

import (
	"fmt"
	"io"
	"slices"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// Match is a recorded match that can be played. Open makes one.
type Match[W, I any] struct {
	game   *sim.Game[W, I]
	plan   *replica.Plan[W]
	inputs *replica.Inputs[I]
	head   Head
	f      io.ReaderAt
	index  []entry // keyframes and ticks; each part begins with a keyframe and has no gaps
	parts  []part
	torn   int64
}

// part is a stretch of a match without gaps.
type part struct {
	first, last sim.Tick
	from, upto  int // of index
}

// Open opens a file of size bytes with a match of game g. A torn end is left out: see Torn. The errors are ErrFormat, a *MismatchError, ErrBlock for a head
// or a match without any tick, what is wrong with the game, and those of reading.
func Open[W, I any](g *sim.Game[W, I], f io.ReaderAt, size int64) (*Match[W, I], error) {
	if err := g.Validate(); err != nil {
		return nil, err
	}
	plan, err := replica.NewPlan[W]()
	if err != nil {
		return nil, err
	}
	inputs, err := replica.NewInputs[I]()
	if err != nil {
		return nil, err
	}
	m := &Match[W, I]{game: g, plan: plan, inputs: inputs, f: f}
	index, end, err := scan(f, size)
	if err != nil {
		return nil, err
	}
	if err := m.readHead(index); err != nil {
		return nil, err
	}
	for len(index) > 1 { // what was torn may have its length, but not all its bytes
		last := &index[len(index)-1]
		if _, err := last.load(f, nil); err == nil {
			break
		}
		end, index = last.at-blockHead, index[:len(index)-1]
	}
	m.torn = size - end
	m.divide(index[1:])
	if len(m.parts) == 0 {
		return nil, fmt.Errorf("%w: no keyframe", ErrBlock)
	}
	return m, nil
}

func (m *Match[W, I]) readHead(index []entry) error {
	if len(index) == 0 || index[0].kind != kindHead {
		return ErrFormat
	}
	b, err := index[0].load(m.f, nil)
	if err != nil {
		return err
	}
	if err := headCodec.Decode(b, &m.head); err != nil {
		return fmt.Errorf("%w: head: %w", ErrBlock, err)
	}
	if own := headOf(m.game, m.plan, m.inputs, m.head.Seed); own != m.head {
		return &MismatchError{File: m.head, Game: own}
	}
	return nil
}

// divide finds the parts without gaps. Blocks that belong to none are left out.
func (m *Match[W, I]) divide(blocks []entry) {
	for _, e := range blocks {
		var last *part
		if n := len(m.parts); n > 0 {
			last = &m.parts[n-1]
		}
		switch {
		case e.kind == kindKey && last != nil && sim.Tick(e.first) == last.last:
		case e.kind == kindKey && (last == nil || last.last.Before(sim.Tick(e.first))):
			at := len(m.index)
			m.parts = append(m.parts, part{sim.Tick(e.first), sim.Tick(e.first), at, at})
			last = &m.parts[len(m.parts)-1]
		case e.kind == kindTicks && last != nil && e.ticks > 0 && sim.Tick(e.first) == last.last+1:
			last.last += sim.Tick(e.ticks)
		default:
			continue
		}
		m.index = append(m.index, e)
		last.upto = len(m.index)
	}
}

// Head returns what the file says of the match.
func (m *Match[W, I]) Head() Head { return m.head }

// First returns the first tick that can be shown.
func (m *Match[W, I]) First() sim.Tick { return m.parts[0].first }

// Last returns the last tick.
func (m *Match[W, I]) Last() sim.Tick { return m.parts[len(m.parts)-1].last }

// Gaps returns how many times ticks are missing in between.
func (m *Match[W, I]) Gaps() int { return len(m.parts) - 1 }

// Torn returns the number of bytes at the end that were not written whole, and are left out.
func (m *Match[W, I]) Torn() int64 { return m.torn }

// part returns the part that a tick is in, or the first one after it, or the last.
func (m *Match[W, I]) part(t sim.Tick) *part {
	i := slices.IndexFunc(m.parts, func(p part) bool { return !p.last.Before(t) })
	if i < 0 {
		i = len(m.parts) - 1
	}
	return &m.parts[i]
}

// keyBefore returns the place in index of the newest keyframe of p that is not after t.
func (m *Match[W, I]) keyBefore(p *part, t sim.Tick) int {
	best := p.from
	for i := p.from; i < p.upto; i++ {
		if e := &m.index[i]; e.kind == kindKey && !t.Before(sim.Tick(e.first)) {
			best = i
		}
	}
	return best
}
