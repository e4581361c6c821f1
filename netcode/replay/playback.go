package replay

import (
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// Playback shows a match. Play makes one; any number may show the same Match, in goroutines of their own if the file can be read so.
type Playback[W, I any] struct {
	// Speed is how fast time goes: 1 as it did, 0.25 in slow motion, 0 not at all. It is not negative.
	Speed float64

	m      *Match[W, I]
	r      *reader[W, I]
	part   *part
	pos    float64 // ticks since the beginning of the part
	world  *replica.World[W]
	key    *replica.World[W]
	events teller
	latest *loaded[I]
}

// Play returns a playback at the first tick.
func (m *Match[W, I]) Play() (*Playback[W, I], error) {
	p := &Playback[W, I]{Speed: 1, m: m, r: newReader(m), world: m.plan.NewWorld(), key: m.plan.NewWorld(), events: newTeller(m.game.Events)}
	return p, p.Seek(m.First())
}

// Seek goes to a tick; before the first it is the first, after the last the last, and in a gap the one after it. Events of the ticks in between are not
// told. The error is one of reading, or what is wrong with a block.
func (p *Playback[W, I]) Seek(t sim.Tick) error {
	part := p.m.part(t)
	if t.Before(part.first) {
		t = part.first
	}
	if part.last.Before(t) {
		t = part.last
	}
	near := p.part == part && !t.Before(p.r.tick) && t-p.r.tick < ringTicks
	if !near {
		if err := p.r.start(p.m.keyBefore(part, t), part, p.key); err != nil {
			return err
		}
	}
	p.part, p.latest, p.events.waiting = part, nil, p.events.waiting[:0]
	if err := p.read(t, false); err != nil {
		return err
	}
	p.pos = float64(t - part.first)
	return nil
}

// read goes on to tick t.
func (p *Playback[W, I]) read(t sim.Tick, aloud bool) error {
	for p.r.tick.Before(t) {
		f, err := p.r.step()
		if err != nil || f == nil {
			return err
		}
		p.latest = f
		if aloud {
			p.events.add(f.Tick, f.Events)
		}
	}
	return nil
}

// Advance lets real time pass, at Speed. Events of the ticks that are passed are told last. At the end it stands still; a gap is skipped.
func (p *Playback[W, I]) Advance(d time.Duration) error {
	p.pos += d.Seconds() * float64(p.m.head.TickRate) * max(p.Speed, 0)
	if length := float64(p.part.last - p.part.first); p.pos > length {
		next := p.m.part(p.part.last + 1)
		if next == p.part {
			p.pos = length
		} else if err := p.read(p.part.last, true); err != nil {
			return err
		} else if err := p.Seek(next.first); err != nil {
			return err
		}
	}
	whole := sim.Tick(p.pos)
	if float64(whole) < p.pos {
		whole++ // the world that is on the way
	}
	if err := p.read(p.part.first+whole, true); err != nil {
		return err
	}
	p.events.tell(p.part.first + sim.Tick(p.pos))
	return nil
}

// Tick returns the tick that is shown, and how far on to the next.
func (p *Playback[W, I]) Tick() (t sim.Tick, fraction float64) {
	whole := sim.Tick(p.pos)
	return p.part.first + whole, p.pos - float64(whole)
}

// Ended reports whether the last tick is shown.
func (p *Playback[W, I]) Ended() bool {
	t, _ := p.Tick()
	return t == p.m.Last()
}

// View returns the world to be drawn, between two ticks if need be. It is borrowed until the next call and must not be changed. Server fields are zero.
func (p *Playback[W, I]) View() *W {
	t, fraction := p.Tick()
	a, b := p.r.world(t), p.r.world(t+1)
	if b == nil {
		b, fraction = a, 0
	}
	if a != nil {
		p.m.plan.Interpolate(p.world, a, b, float32(fraction))
	}
	return p.world.V
}

// Snapshot returns the world of the tick that is shown, in lanes. It is borrowed until the next call of Seek or Advance.
func (p *Playback[W, I]) Snapshot() *replica.Snapshot {
	t, _ := p.Tick()
	return p.r.world(t)
}

// Entries returns what every player did in the newest tick that was read, in ascending order of Player; none right after a Seek to a keyframe. It is
// borrowed until the next call of Seek or Advance.
func (p *Playback[W, I]) Entries() []Entry[I] {
	if p.latest == nil {
		return nil
	}
	return p.latest.Entries
}
