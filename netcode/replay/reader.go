package replay

import (
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// reader goes through a match tick by tick, from a keyframe on.
type reader[W, I any] struct {
	m      *Match[W, I]
	dec    *replica.Decoder
	states *replica.States[W]
	buf    []byte

	at     int // in index: the next block
	upto   int
	frames []loaded[I]
	next   int // of frames

	key   int  // the newest keyframe passed
	alone bool // the next delta is against the newest world alone: a keyframe was passed

	ring  [ringTicks]*replica.Snapshot // by tick
	first sim.Tick                     // oldest in the ring
	tick  sim.Tick                     // newest
}

// ringTicks is how many worlds a reader keeps: as many as a rewind of the server can reach back. It is a power of two.
const ringTicks = 128

func newReader[W, I any](m *Match[W, I]) *reader[W, I] {
	r := &reader[W, I]{m: m, dec: m.plan.NewDecoder(), states: m.plan.NewStates()}
	for i := range r.ring {
		r.ring[i] = m.plan.NewSnapshot()
	}
	return r
}

// start begins at the keyframe at index i of a part. w becomes its world.
func (r *reader[W, I]) start(i int, p *part, w *replica.World[W]) error {
	if err := r.readKey(i, w); err != nil {
		return err
	}
	r.tick = sim.Tick(r.m.index[i].first)
	r.first = r.tick
	s := r.ring[r.tick%ringTicks]
	r.m.plan.Capture(s, w)
	s.Tick = r.tick
	r.at, r.upto, r.frames, r.next, r.key, r.alone = i+1, p.upto, r.frames[:0], 0, i, true
	return nil
}

// readKey makes w the world of the keyframe at index i, server fields included. It does not move the reader.
func (r *reader[W, I]) readKey(i int, w *replica.World[W]) error {
	b, err := r.m.index[i].load(r.m.f, nil)
	if err != nil {
		return err
	}
	c := cursor{b: b}
	c.take(4)
	if c.bad {
		return ErrBlock
	}
	return r.states.Read(w, c.b)
}

// step goes to the next tick. It returns nil at the end of the part.
func (r *reader[W, I]) step() (*loaded[I], error) {
	for r.next == len(r.frames) {
		if r.at == r.upto {
			return nil, nil
		}
		e := &r.m.index[r.at]
		r.at++
		if e.kind == kindKey {
			r.key, r.alone = r.at-1, true
			continue
		}
		b, err := e.load(r.m.f, r.buf)
		if err != nil {
			return nil, err
		}
		r.buf, r.next = b, 0
		if r.frames, err = readTicks(b, r.m.inputs, r.frames); err != nil {
			return nil, err
		}
	}
	f := &r.frames[r.next]
	r.next++
	return f, r.decode(f)
}

// decode makes the world of a frame the newest.
func (r *reader[W, I]) decode(f *loaded[I]) error {
	var older *replica.Snapshot
	if !r.alone {
		older = r.ring[(r.tick-1)%ringTicks]
	}
	r.alone = false
	s := r.ring[f.Tick%ringTicks]
	if err := r.dec.Decode(s, f.Tick, r.ring[r.tick%ringTicks], older, f.delta); err != nil {
		return err
	}
	r.tick = f.Tick
	if int(r.tick-r.first) >= ringTicks {
		r.first = r.tick - ringTicks + 1
	}
	return nil
}

// world returns a tick that is kept, or nil.
func (r *reader[W, I]) world(t sim.Tick) *replica.Snapshot {
	if t.Before(r.first) || r.tick.Before(t) {
		return nil
	}
	return r.ring[t%ringTicks]
}
