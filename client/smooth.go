package client

import (
	"math"
	"time"

	"github.com/halftick/halftick/netcode/replica"
)

// Fading of corrections: per 60th of a second a small offset keeps 95 % and a big one 85 %, with a
// straight line between (Fiedler, State Synchronization). It runs in fixed steps of absolute time, so
// that the frame rate changes nothing.
const (
	fadeHz    = 240
	fadeSmall = 0.95
	fadeBig   = 0.85
	fadeLong  = 2 * time.Second // after so long without a frame every offset is gone
)

// Sizes relative to Config.Teleport, which also is the size from which a correction is not hidden.
const (
	smallPart   = 1.0 / 40
	bigPart     = 1.0 / 10
	nothingPart = 1.0 / 16384
)

// angleUnit makes angles comparable with distances: half a turn, the largest difference there is,
// fades as a big correction, and none is too big to be hidden.
const angleUnit = bigPart / math.Pi

// smoother hides corrections on the screen: where a row was drawn and where it is now differ by an
// offset, which fades. It never touches the simulation.
type smoother struct {
	teleport float32
	offsets  map[replica.SmoothKey]float32 // in units, or in radians
	before   map[replica.SmoothKey]float32 // what was drawn before the correction
	steps    int64                         // of fading, since time 0
	largest  float32                       // difference of the correction being taken in

	rememberFn, compareFn, applyFn func(replica.SmoothKey, *float32) // bound once
}

func newSmoother(teleport float32) *smoother {
	s := &smoother{
		teleport: teleport,
		offsets:  make(map[replica.SmoothKey]float32),
		before:   make(map[replica.SmoothKey]float32),
	}
	s.rememberFn, s.compareFn, s.applyFn = s.remember, s.compare, s.apply
	return s
}

// size returns how big an offset is, in world units.
func (s *smoother) size(k replica.SmoothKey, d float32) float32 {
	if k.Angle {
		d *= angleUnit * s.teleport
	}
	return float32(math.Abs(float64(d)))
}

func (s *smoother) remember(k replica.SmoothKey, v *float32) {
	if len(s.before) < maxOffsets {
		s.before[k] = *v
	}
}

// compare adds what the correction moved a field by to its offset.
func (s *smoother) compare(k replica.SmoothKey, v *float32) {
	old, ok := s.before[k]
	if !ok {
		return // a row that was not there cannot have moved
	}
	moved := old - *v
	if k.Angle {
		moved = shortest(moved)
	}
	s.largest = max(s.largest, s.size(k, moved))
	d, fading := s.offsets[k]
	d += moved
	if d == 0 || d != d || s.size(k, d) > s.teleport {
		delete(s.offsets, k)
		return
	}
	if fading || len(s.offsets) < maxOffsets {
		s.offsets[k] = d
	}
}

func (s *smoother) apply(k replica.SmoothKey, v *float32) {
	*v += s.offsets[k]
	if k.Angle {
		*v = shortest(*v)
	}
}

// fade moves on to now.
func (s *smoother) fade(now time.Duration) {
	steps := int64(now.Seconds() * fadeHz)
	n := steps - s.steps
	s.steps = steps
	if len(s.offsets) == 0 || n <= 0 {
		return
	}
	if n > int64(fadeLong.Seconds()*fadeHz) {
		clear(s.offsets)
		return
	}
	for k, d := range s.offsets {
		for range n {
			d *= s.kept(s.size(k, d))
		}
		if s.size(k, d) < s.teleport*nothingPart {
			delete(s.offsets, k)
			continue
		}
		s.offsets[k] = d
	}
}

var (
	keptSmall = float32(math.Pow(fadeSmall, 60.0/fadeHz))
	keptBig   = float32(math.Pow(fadeBig, 60.0/fadeHz))
)

// kept returns what one step leaves of an offset of a size.
func (s *smoother) kept(size float32) float32 {
	small, big := s.teleport*smallPart, s.teleport*bigPart
	t := max(0, min((size-small)/(big-small), 1))
	return keptSmall + t*(keptBig-keptSmall)
}

func (s *smoother) reset() { clear(s.offsets) }

// shortest returns the angle in [-π, π] that points the same way.
func shortest(a float32) float32 { return float32(math.Remainder(float64(a), 2*math.Pi)) }
