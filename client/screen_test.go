package client_test

import (
	"fmt"
	"testing"
	"time"
)

// eye watches a dot run at full speed to one side, and remembers the fastest and the slowest step from
// one frame to the next, as a share of the speed that the rules give it.
type eye struct {
	least, most float32
	last        float32
}

const fullSpeed = 60 * 4 // units per second, by stepDot; the grid takes 2 % off

func (e *eye) see(x float32, frame time.Duration) {
	step := (x - e.last) / float32(frame.Seconds()*fullSpeed)
	e.last = x
	e.least, e.most = min(e.least, step), max(e.most, step)
}

// At any frame rate a steady run is shown as a steady run, the player's own and that of others. Loss and
// jitter may bend the speed of time a little, since both clocks are steered by at most 5 %, but nothing
// stands still and nothing jumps.
func TestMotionIsEvenAtAnyFrameRate(t *testing.T) {
	for _, c := range []struct {
		way         string
		own, others float32       // spread of the steps
		delay       time.Duration // at most
	}{
		{"delay=30ms", 0.01, 0.01, 20 * time.Millisecond},
		{"delay=25ms,jitter=30ms,loss=5%", 0.08, 0.15, 85 * time.Millisecond},
	} {
		for _, fps := range []int{30, 60, 75, 144, 165} {
			t.Run(fmt.Sprintf("%s/%d", c.way, fps), func(t *testing.T) {
				m := newMatch(t, 8, c.way, 2)
				for _, s := range m.Players {
					s.Frame = time.Second / time.Duration(fps)
				}
				m.Run(8 * time.Second)
				own, others := eye{least: 2}, eye{least: 2}
				for i := range 10 {
					watchARun(m, int8(1-2*(i%2)), &own, &others)
				}
				delay := m.Players[1].Stats().InterpDelay
				t.Logf("steps of %.3f to %.3f, of others %.3f to %.3f; delay %v", own.least, own.most, others.least, others.most, delay)
				if spread := own.most - own.least; spread > c.own || own.least < 0.85 {
					t.Errorf("own steps differ by %.3f, want at most %.3f", spread, c.own)
				}
				if spread := others.most - others.least; spread > c.others || others.least < 0.75 {
					t.Errorf("steps of others differ by %.3f, want at most %.3f", spread, c.others)
				}
				if delay > c.delay {
					t.Errorf("interpolation delay %v, want at most %v", delay, c.delay)
				}
			})
		}
	}
}

// watchARun lets player 1 run to one side, and looks at it on its own and on another's screen once it
// has come up to full speed on both.
func watchARun(m *match, dx int8, own, others *eye) {
	runner := m.Players[0]
	runner.Play = by(func(int) move { return move{Dx: dx} })
	m.Run(900 * time.Millisecond)
	for i, e := range []*eye{own, others} {
		s, first := m.Players[i], true
		s.After = func(*seat) {
			d, _ := s.ViewAt(m.Now()).Dots.Of(runner.Player())
			if x := d.Pos.X * float32(dx); first {
				e.last, first = x, false
			} else {
				e.see(x, s.Frame)
			}
		}
	}
	m.Run(700 * time.Millisecond)
	for _, s := range m.Players {
		s.After = nil
	}
}
