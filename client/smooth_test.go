package client

import (
	"math"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/replica"
)

var (
	keyX     = replica.SmoothKey{Row: 1 << 16, Lane: 1}
	keyAngle = replica.SmoothKey{Row: 1 << 16, Lane: 2, Angle: true}
)

// move is a correction of one field.
func (s *smoother) move(k replica.SmoothKey, from, to float32) {
	clear(s.before)
	s.remember(k, &from)
	s.compare(k, &to)
}

// drawn returns what is shown for a field with a value.
func (s *smoother) drawn(k replica.SmoothKey, v float32) float32 {
	s.apply(k, &v)
	return v
}

func TestFadeStartsWhereTheRowWasDrawn(t *testing.T) {
	s := newSmoother(160)
	s.fade(time.Second)
	s.move(keyX, 100, 103)
	if got := s.drawn(keyX, 103); got != 100 {
		t.Fatalf("right after the correction drawn at %v, want 100", got)
	}
	s.move(keyX, 103, 101) // corrected again before it has faded
	if got := s.drawn(keyX, 101); got != 100 {
		t.Fatalf("after the second one drawn at %v, want 100", got)
	}
}

func TestFadeDoesNotDependOnTheFrameRate(t *testing.T) {
	for _, size := range []float32{1, 6, 12, 50, 150} {
		var left []float32
		for _, fps := range []int{30, 60, 144, 240} {
			s := newSmoother(160)
			s.move(keyX, size, 0)
			for i := 1; i <= fps/2; i++ {
				s.fade(time.Duration(i) * time.Second / time.Duration(fps))
			}
			left = append(left, s.drawn(keyX, 0))
		}
		for _, l := range left[1:] {
			if l != left[0] {
				t.Errorf("offset %v after half a second at 30, 60, 144 and 240 Hz: %v", size, left)
				break
			}
		}
	}
}

func TestFadeRates(t *testing.T) {
	for _, c := range []struct{ size, want float32 }{{2, 0.95}, {4, 0.95}, {10, 0.9}, {16, 0.85}, {100, 0.85}} {
		s := newSmoother(160)
		if got := float32(math.Pow(float64(s.kept(c.size)), fadeHz/60)); math.Abs(float64(got-c.want)) > 0.002 {
			t.Errorf("an offset of %v keeps %.4f per 60th of a second, want %.2f", c.size, got, c.want)
		}
	}
}

func TestFadeSnapsBeyondTeleport(t *testing.T) {
	s := newSmoother(160)
	s.move(keyX, 0, 200)
	if got := s.drawn(keyX, 200); got != 200 {
		t.Errorf("drawn at %v, want 200 at once", got)
	}
	if s.largest != 200 {
		t.Errorf("largest move %v, want 200", s.largest)
	}
}

func TestFadeTurnsTheShortestWay(t *testing.T) {
	s := newSmoother(160)
	s.move(keyAngle, 3, -3)
	if got := s.offsets[keyAngle]; math.Abs(float64(got)-(6-2*math.Pi)) > 1e-5 {
		t.Errorf("offset %v radians, want %v", got, 6-2*math.Pi)
	}
	if got := s.drawn(keyAngle, -3); math.Abs(float64(got)-3) > 1e-5 {
		t.Errorf("drawn at %v, want 3", got)
	}
}

func TestFadeEnds(t *testing.T) {
	s := newSmoother(160)
	s.move(keyX, 10, 0)
	s.move(replica.SmoothKey{Row: 2 << 16}, float32(math.NaN()), 0)
	for i := range 240 {
		s.fade(time.Duration(i) * time.Second / 60)
	}
	if len(s.offsets) != 0 {
		t.Errorf("after 4 s %d offsets are left", len(s.offsets))
	}
	s.move(keyX, 10, 0)
	s.fade(time.Hour)
	if len(s.offsets) != 0 {
		t.Errorf("after an hour without a frame %d offsets are left", len(s.offsets))
	}
}

func TestFadeIsBounded(t *testing.T) {
	s := newSmoother(160)
	for i := range 3 * maxOffsets {
		k := replica.SmoothKey{Row: 1 << 16, Lane: uint16(i)}
		s.move(k, 1, 0)
	}
	if len(s.offsets) != maxOffsets {
		t.Errorf("%d offsets, want %d", len(s.offsets), maxOffsets)
	}
}
